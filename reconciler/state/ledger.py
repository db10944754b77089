"""The one history of a run's state: what it knows, and how that gets into state and journal."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from reconciler.errors import StateError
from reconciler.secrets import Secret
from reconciler.state.backend import Backend, JournalLost, Version, digest_of
from reconciler.state.codec import decode
from reconciler.state.encoding import Header, as_bytes, encode, encode_event, encode_header
from reconciler.state.loading import Loaded
from reconciler.state.model import Event, Intent, Listed, Record, State, TokenFound

if TYPE_CHECKING:
    from reconciler.state.sealing import Sealer

FOLD_AT: Final = 1 << 20  # bytes of journal; twice as many as the file has, where that is more


def answers_of(events: Sequence[Event]) -> tuple[Event, ...]:
    """Return what the API said: it costs money, or is a token, and is not said twice."""
    return tuple(event for event in events if isinstance(event, Record | TokenFound))


class Ledger:
    """What is known, and where it is written. For one thread at a time; its methods raise
    StateError.

    The state file, with its lineage, is durable before the journal exists, and a fold is durable
    before the journal that it replaces goes. What is about to be put in place is decoded first: a
    state that this program can't read never gets there. Once the journal failed it takes nothing
    more, but an answer gets somewhere: into a new state, or else to the *rescue*.
    """

    def __init__(
        self,
        backend: Backend,
        loaded: Loaded,
        *,
        sealer: "Sealer | None",
        stamp: Callable[[], str],
        rescue: Callable[[str], None],
    ) -> None:
        self._backend, self._state = backend, loaded.state
        self._version: Version | None = loaded.version
        self._digest = loaded.digest  # of the text in place
        self._sealer, self._stamp, self._rescue = sealer, stamp, rescue
        self._fresh: list[Event] = []  # what happened to the state since
        self._answers: list[Event] = []  # that only the journal holds
        self._serial = self._tried = loaded.state.serial
        self._kept = loaded.kept  # snapshots that creates may name yet
        self._begun, self._journaled = False, 0  # the journal, and how many bytes it has
        plain = any(isinstance(each.token, Secret) for each in loaded.state.instances.values())
        self._unsealed = plain and sealer is not None  # so the state is written in any case
        self._broken: StateError | None = None
        self._fold_at = max(FOLD_AT, 2 * loaded.size)

    @property
    def state(self) -> State:
        """The state as of now. It keeps the newest snapshot: the next create will name that."""
        if self._fresh:
            self._state = self._state.after(self._fresh, keep=self._kept)
            self._fresh = []
        return self._state

    @property
    def broken(self) -> bool:
        """Whether the journal takes nothing more."""
        return self._broken is not None

    @property
    def due(self) -> bool:
        """Whether the journal is so long that folding it costs no more than writing it did. Where
        each step takes a round trip, what a fold would spare is removed at the end anyway."""
        return self._journaled > self._fold_at and not self._broken and not self._backend.far

    def knows(self, snapshot: str) -> bool:
        """Whether a create may name *snapshot*."""
        return snapshot in self._kept or snapshot in self.state.snapshots

    def line(self, event: Event) -> str:
        """Return *event* as the journal would hold it next."""
        return encode_event(self._serial + 1, self._stamp(), event)

    def get_ready(self) -> None:
        """Do now what the first write would have to do before anything else; raise StateError."""
        self._backend.get_ready()

    def check(self) -> None:
        """Raise StateError unless everything is still where this run left it."""
        self._backend.check(self._version)

    def begin(self) -> None:
        """Put a state in place for the journal to go with, if there is none yet."""
        if self._version is None and self._broken is None:
            self._write(self.state)

    def record(self, events: Sequence[Event]) -> None:
        """Make *events* durable in the journal, while it is sound."""
        if self._broken is not None:
            raise self._broken
        if any(isinstance(event, Intent) for event in events):
            self.check()  # nothing is sent once somebody else may have the state
        if events:
            self.append(events)

    def give_up(self, error: BaseException) -> None:
        """Let the journal take nothing more after *error*. What it held is kept, though the journal
        itself may have been taken away."""
        known = error if isinstance(error, StateError) else None
        self._broken = (
            self._broken or known or StateError(f"{self._backend.name}: writing was interrupted")
        )
        if isinstance(error, JournalLost):
            self._save_lost()

    def insist(self, events: Sequence[Event]) -> bool:
        """Make *events* durable once more, another way, or rescue the answers among them; return
        whether they are in the state."""
        for attempt in (self.append, self.write_anew):
            with suppress(StateError):
                attempt(events)
                return True
        self.rescue(events)
        return False

    def rescue(self, events: Sequence[Event]) -> None:
        """Hand the answers among *events* to whoever keeps what can't be written."""
        for answer in answers_of(events):
            self._rescue(self.line(answer).rstrip("\n"))

    def append(self, events: Sequence[Event]) -> None:
        """Make *events* durable in the journal, sound or not."""
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
        self._write(self.state.after(events, keep=self._kept))

    def replace(self, state: State) -> None:
        """Make *state* the state, as one step of its history."""
        self._check_place()
        self._tried += 1
        held = {name: ids for name, ids in self.state.snapshots.items() if name in self._kept}
        self._write(replace(state, snapshots={**held, **state.snapshots}))

    def fold(self, *, final: bool = False) -> None:
        """Put into the state what the journal holds. A *final* one keeps no snapshot for what
        comes: once this run's journal has begun, no other's goes on."""
        if not (self._begun or self._unsealed):
            return
        self._check_place()
        self._fold_at = 2 * self._journaled  # if this fails, it is not tried again at once
        self._write(self.state.after((), keep=() if final and self._begun else self._kept))

    def _check_place(self) -> None:
        try:
            self.check()
        except JournalLost:
            self._save_lost()
            raise

    def _save_lost(self) -> None:
        """Keep what was recorded before, though the journal that held it was taken away."""
        try:
            self.write_anew(())
        except StateError:
            answers, self._answers = self._answers, []
            self.rescue(answers)

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
        self._state, self._fresh, self._answers = state, [], []
        self._serial = self._tried = state.serial
        self._digest, self._begun, self._journaled = digest_of(data), False, 0
        self._unsealed = False
        self._fold_at = max(FOLD_AT, 2 * len(data))

    def _take(self, events: Sequence[Event]) -> None:
        self._fresh += events
        self._answers += answers_of(events)
        for event in events:
            if isinstance(event, Listed):
                self._kept = frozenset({event.snapshot})
