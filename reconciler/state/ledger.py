"""State file and journal as the one run that holds them writes them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reconciler.state.codec import Header, as_bytes, encode, encode_event
from reconciler.state.disk import Disk, replace_file
from reconciler.state.journal import Journal
from reconciler.state.model import Event, Listed, State
from reconciler.state.paths import StatePaths

if TYPE_CHECKING:
    from reconciler.state.sealing import Sealer

FOLD_AT: Final = 1 << 20  # bytes of journal; twice as many as the file has, where that is more


class Ledger:
    """For one thread at a time; its methods raise OSError as it comes.

    The order on the disk: the file, with its lineage, is durable before the journal exists; the
    journal's name is durable before a line in it counts; a fold is durable before the journal
    that it replaces goes. A journal is never taken up again, neither after a fold nor by the next
    run: each is a new file, so nothing depends on what became of an earlier sync.
    """

    def __init__(
        self,
        paths: StatePaths,
        disk: Disk,
        state: State,
        *,
        size: int | None,
        sealer: "Sealer | None",
        stamp: Callable[[], str],
    ) -> None:
        self._paths, self._disk, self._state = paths, disk, state
        self._size = size  # of the state file, None if there is none
        self._sealer, self._stamp = sealer, stamp
        self._fresh: list[Event] = []  # what happened to the state since
        self._serial = self._tried = state.serial
        self._newest: str | None = None
        self._journal: Journal | None = None
        self._fold_at = FOLD_AT

    @property
    def path(self) -> Path:
        return self._paths.state

    @property
    def journal_path(self) -> Path:
        return self._paths.journal

    @property
    def lineage(self) -> str:
        return self._state.lineage

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
        return self._journal is not None

    @property
    def due(self) -> bool:
        """Whether the journal is so long that folding it costs no more than writing it did."""
        journal = self._journal  # another thread may drop it meanwhile
        return journal is not None and journal.size > self._fold_at

    @property
    def newest(self) -> str | None:
        """The snapshot that was recorded last; to be asked without waiting for anybody."""
        return self._newest

    def knows(self, snapshot: str) -> bool:
        """Whether a create may name *snapshot*."""
        return snapshot == self._newest or snapshot in self.state.snapshots

    def line(self, event: Event) -> str:
        """Return *event* as the journal would hold it next."""
        return encode_event(self._serial + 1, self._stamp(), event)

    def append(self, events: Sequence[Event]) -> None:
        """Make *events* durable in the journal."""
        journal = self._journal or self._begin()
        self._tried = max(self._tried, self._serial + len(events))
        at, first = self._stamp(), self._serial + 1
        lines = [encode_event(serial, at, event) for serial, event in enumerate(events, first)]
        journal.append(as_bytes("".join(lines)))
        self._serial += len(events)
        self._take(events)

    def write_anew(self, events: Sequence[Event]) -> None:
        """Make *events* durable by a state file that holds them, without the journal."""
        self._tried += len(events)
        self._write(self.state.after(events, keep=self._newest))

    def replace(self, state: State) -> None:
        """Make *state* the state, as one step of its history."""
        self._tried += 1
        self._write(state)

    def fold(self, *, final: bool = False) -> None:
        """Put everything into the state file; a *final* one keeps no snapshot for what comes."""
        self._fold_at *= 2  # a fold that fails is not tried again at once
        self._write(self.state.after((), keep=None if final else self._newest))

    def close(self) -> None:
        """Let go of the journal; it stays on the disk if it is still needed."""
        if self._journal is not None:
            with suppress(OSError):
                self._journal.close()
            self._journal = None

    def _begin(self) -> Journal:
        if self._size is None:
            self._write(self.state)
        with suppress(FileNotFoundError):
            self._disk.unlink(self._paths.journal)  # one that was folded already
        header = Header(self._state.lineage, self._serial)
        self._journal = Journal(self._disk, self._paths.journal, header)
        return self._journal

    def _write(self, state: State) -> None:
        if self._sealer is not None:
            from reconciler.state.sealing import seal_plain

            state = seal_plain(state, self._sealer)
        # Beyond all that a failed journal may hold: should its lines turn up again, they are old.
        state = replace(state, serial=max(state.serial, self._tried))
        chunks = [as_bytes(encode(state))]
        size = replace_file(self._disk, self._paths.state, self._paths.temp, chunks)
        self._state, self._fresh = state, []
        self._serial = self._tried = state.serial
        self._size, self._fold_at = size, max(FOLD_AT, 2 * size)
        self.close()
        with suppress(OSError):  # every line in it is passed over by its serial
            self._disk.unlink(self._paths.journal)

    def _take(self, events: Sequence[Event]) -> None:
        self._fresh += events
        for event in events:
            if isinstance(event, Listed):
                self._newest = event.snapshot
