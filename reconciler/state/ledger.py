"""State and journal as the one run that holds them writes them: serials, and when to fold."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reconciler.state.backend import Backend, Version, digest_of
from reconciler.state.codec import decode
from reconciler.state.encoding import Header, as_bytes, encode, encode_event, encode_header
from reconciler.state.loading import Loaded
from reconciler.state.model import Event, Listed, Record, State, TokenFound

if TYPE_CHECKING:
    from reconciler.state.sealing import Sealer

FOLD_AT: Final = 1 << 20  # bytes of journal; twice as many as the file has, where that is more


def answers_of(events: Sequence[Event]) -> tuple[Event, ...]:
    """Return what the API said: it costs money, or is a token, and is not said twice."""
    return tuple(event for event in events if isinstance(event, Record | TokenFound))


class Ledger:
    """For one thread at a time; its methods raise StateError.

    The state file, with its lineage, is durable before the journal exists, and a fold is durable
    before the journal that it replaces goes. What is about to be put in place is decoded first: a
    state that this program can't read never gets there.
    """

    def __init__(
        self,
        backend: Backend,
        loaded: Loaded,
        *,
        sealer: "Sealer | None",
        stamp: Callable[[], str],
    ) -> None:
        self._backend, self._state = backend, loaded.state
        self._version: Version | None = loaded.version
        self._digest = loaded.digest  # of the text in place
        self._sealer, self._stamp = sealer, stamp
        self._fresh: list[Event] = []  # what happened to the state since
        self.answers: list[Event] = []  # that only the journal holds
        self._serial = self._tried = loaded.state.serial
        self._newest: str | None = None  # the snapshot that was recorded last
        self._begun, self._journaled = False, 0  # the journal, and how many bytes it has
        self._fold_at = max(FOLD_AT, 2 * loaded.size)

    @property
    def state(self) -> State:
        """The state as of now. It keeps the newest snapshot: the next create will name that."""
        if self._fresh:
            self._state = self._state.after(self._fresh, keep=self._newest)
            self._fresh = []
        return self._state

    @property
    def unfolded(self) -> bool:
        """Whether there is a journal that only a fold makes superfluous."""
        return self._begun

    @property
    def due(self) -> bool:
        """Whether the journal is so long that folding it costs no more than writing it did."""
        return self._journaled > self._fold_at

    def knows(self, snapshot: str) -> bool:
        """Whether a create may name *snapshot*."""
        return snapshot == self._newest or snapshot in self.state.snapshots

    def line(self, event: Event) -> str:
        """Return *event* as the journal would hold it next."""
        return encode_event(self._serial + 1, self._stamp(), event)

    def get_ready(self) -> None:
        """Do now what the first write would have to do before anything else; raise StateError."""
        self._backend.get_ready()

    def check(self) -> None:
        """Raise StateError unless everything is still where this run left it."""
        self._backend.check(self._version)

    def append(self, events: Sequence[Event]) -> None:
        """Make *events* durable in the journal."""
        if self._version is None:
            self._write(self.state)
        self._tried = max(self._tried, self._serial + len(events))
        at, first = self._stamp(), self._serial + 1
        lines = [encode_event(serial, at, event) for serial, event in enumerate(events, first)]
        header = encode_header(Header(self.state.lineage, self._serial, self._digest))
        data = as_bytes("".join(lines))
        self._begun = True
        self._backend.append(
            data, header=as_bytes(header), answers=answers_of(events) == tuple(events)
        )
        self._journaled += len(data)
        self._serial += len(events)
        self._take(events)

    def write_anew(self, events: Sequence[Event]) -> None:
        """Make *events* durable by a state that holds them, without the journal."""
        self._tried += len(events)
        self._write(self.state.after(events, keep=self._newest))

    def replace(self, state: State) -> None:
        """Make *state* the state, as one step of its history."""
        self._tried += 1
        self._write(state)

    def fold(self, *, final: bool = False) -> None:
        """Put everything into the state; a *final* one keeps no snapshot for what comes."""
        self._fold_at = 2 * self._journaled  # if this fails, it is not tried again at once
        self._write(self.state.after((), keep=None if final else self._newest))

    def _write(self, state: State) -> None:
        if self._sealer is not None:
            from reconciler.state.sealing import seal_plain

            state = seal_plain(state, self._sealer)
        # Beyond all that a failed journal may hold: should its lines turn up again, they are old.
        state = replace(state, serial=max(state.serial, self._tried))
        data = as_bytes(encode(state))
        if not self._backend.outlived and digest_of(data) == self._digest:
            # Another run may still go by the version in place, and S3 calls equal texts the same.
            data = as_bytes(encode(state := replace(state, serial=state.serial + 1)))
        decode(data.decode(), source=self._backend.name)
        self._version = self._backend.replace(data, expected=self._version)
        self._state, self._fresh, self.answers = state, [], []
        self._serial = self._tried = state.serial
        self._digest, self._begun, self._journaled = digest_of(data), False, 0
        self._fold_at = max(FOLD_AT, 2 * len(data))

    def _take(self, events: Sequence[Event]) -> None:
        self._fresh += events
        self.answers += answers_of(events)
        for event in events:
            if isinstance(event, Listed):
                self._newest = event.snapshot
