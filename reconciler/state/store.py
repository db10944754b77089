"""The state on the disk, held by one run: what is recorded is durable before the next step."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from reconciler.errors import StateError, UsageError
from reconciler.model import Sealed
from reconciler.secrets import Secret
from reconciler.state.codec import is_time
from reconciler.state.disk import Disk
from reconciler.state.group import Group
from reconciler.state.ledger import Ledger
from reconciler.state.loading import Loaded, forgotten, load, read_state
from reconciler.state.lock import Lock
from reconciler.state.model import Event, Intent, Listed, Record, State, TokenFound
from reconciler.state.paths import StatePaths, check_place, close_to_others
from reconciler.state.trouble import unwritable

if TYPE_CHECKING:
    from reconciler.state.sealing import Sealer

__all__ = ["Store", "read_state"]

_DISK: Final = Disk()


class Store:
    """A state that one run holds; for any number of threads."""

    def __init__(
        self,
        path: Path,
        lock: Lock,
        ledger: Ledger,
        *,
        sealer: "Sealer | None",
        rescue: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        self.path = path
        self._lock, self._ledger, self._sealer = lock, ledger, sealer
        self._rescue, self._warn = rescue, warn
        self._group: Group[tuple[Event, ...]] = Group(self._commit)
        self._mutex = RLock()  # around the ledger
        self._broken: StateError | None = None
        self._unfinished = False
        self._closed = False

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        now: Callable[[], datetime],
        new_lineage: Callable[[], str],
        rescue: Callable[[str], None],
        warn: Callable[[str], None],
        lock_timeout: float = 0,
        sealer: "Sealer | None" = None,
        disk: Disk = _DISK,
    ) -> Self:
        """Take the state for this run; raise StateLocked, StateError, UsageError.

        *rescue* is handed the lines of answers that can't be written; *warn* is told of what should
        not stay as it is. Nothing is written unless something is recorded, or was left unfinished
        by a run that was killed: that is folded here.
        """
        paths = StatePaths.of(path)
        mode = check_place(paths)
        lock = Lock(paths.lock, now=now)
        lock.acquire(lock_timeout)
        try:
            with suppress(OSError):
                disk.unlink(paths.temp)  # half a fold of a run that was killed
            loaded = load(paths, disk)
            state = _whole(loaded, paths, warn) if loaded else State(new_lineage())
            size, stamp = (loaded.size if loaded else None), _stamp_of(now)
            ledger = Ledger(paths, disk, state, size=size, sealer=sealer, stamp=stamp)
            store = cls(path, lock, ledger, sealer=sealer, rescue=rescue, warn=warn)
            if loaded:
                store._take_over(loaded, paths, mode)
        except BaseException:
            lock.release()
            raise
        return store

    @property
    def lineage(self) -> str:
        """What keys this state's digests, for as long as it lives."""
        return self._ledger.lineage

    def state(self) -> State:
        """Return the state as of now: all that was recorded, and nothing that was not."""
        with self._mutex:
            return self._ledger.state

    def record(self, *events: Event) -> None:
        """Make *events* durable, in their order; concurrent callers share one sync.

        After a failure the journal takes nothing more, and every call raises StateError, so
        nothing more is announced and sent. Only an answer of the API is tried once more, another
        way; if that fails, too, its line goes to the rescue before the error is raised.
        """
        if not events:
            return
        self._check(events)
        prepared = tuple(map(self._sealed, events))
        try:
            self._group.submit(prepared)
        except BaseException as error:
            answers = [event for event in prepared if isinstance(event, Record | TokenFound)]
            if answers and self._insist(answers) and len(answers) == len(prepared):
                return
            if isinstance(error, StateError):  # each thread raises its own
                raise StateError(error.message, hint=error.hint) from error
            raise
        self._fold_if_due()

    def rewrite(self, change: Callable[[State], State]) -> None:
        """Put what *change* makes of the state in its place; raise StateError."""
        with self._mutex:
            self._write(lambda: self._ledger.replace(change(self._ledger.state)))

    def fold(self) -> None:
        """Put into the state file what the journal holds; raise StateError."""
        with self._mutex:
            if self._ledger.unfolded or self._unfinished:
                self._write(self._ledger.fold)

    def close(self) -> None:
        """Fold, and let go of the state; whatever fails, the lock is released."""
        with self._mutex:
            if self._closed:
                return
            self._closed = True
            try:
                if self._ledger.unfolded or self._unfinished:
                    self._write(lambda: self._ledger.fold(final=True))
            except StateError:
                if self._broken is None:  # else it was told already, and the journal has the rest
                    raise
            finally:
                self._ledger.close()
                self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except StateError as error:
            if raised is None:
                raise
            self._warn(error.message)  # what ended the run says more

    def _take_over(self, loaded: Loaded, paths: StatePaths, mode: int | None) -> None:
        tokens = [recorded.token for recorded in self._ledger.state.instances.values()]
        plain = any(isinstance(token, Secret) for token in tokens)
        if self._sealer is None and any(isinstance(token, Sealed) for token in tokens):
            raise UsageError(
                f"{paths.state}: its tokens are sealed, and new ones would not be",
                hint="name the recipients with --recipient or RECONCILER_RECIPIENTS",
            )
        warning = None if mode is None else close_to_others(paths.state, mode)
        if warning and plain:
            self._warn(warning)
        self._unfinished = loaded.journal or (plain and self._sealer is not None)
        if loaded.journal:
            self.fold()

    def _check(self, events: Sequence[Event]) -> None:
        """Refuse here what would take down the others of its batch, or be unreadable later."""
        listed = {event.snapshot for event in events if isinstance(event, Listed)}
        for event in events:
            if isinstance(event, Intent):
                if not is_time(event.pending.since):
                    raise ValueError("a pending create needs an ISO 8601 time with its zone")
                snapshot = event.pending.snapshot
                if snapshot is None or snapshot in listed or snapshot == self._ledger.newest:
                    continue
                with self._mutex:
                    if not self._ledger.knows(snapshot):
                        raise ValueError("the snapshot that a create names must be recorded first")

    def _sealed(self, event: Event) -> Event:
        if self._sealer is None:
            return event
        match event:
            case Record(key, recorded) if isinstance(recorded.token, Secret):
                return Record(key, recorded._replace(token=self._sealer.seal(recorded.token)))
            case TokenFound(key, token) if isinstance(token, Secret):
                return TokenFound(key, self._sealer.seal(token))
            case _:
                return event

    def _commit(self, batch: list[tuple[Event, ...]]) -> None:
        with self._mutex:
            if self._closed:
                raise StateError(f"{self.path}: this run has let go of the state already")
            if self._broken is not None:
                raise self._broken
            try:
                self._ledger.append([event for events in batch for event in events])
            except OSError as error:
                self._broken = unwritable(self._ledger.journal_path, error)
                raise self._broken from error
            except BaseException:
                self._broken = StateError(f"{self.path}: writing was interrupted")
                raise

    def _insist(self, answers: Sequence[Event]) -> bool:
        with self._mutex:
            attempts = () if self._closed else (self._ledger.append, self._ledger.write_anew)
            for attempt in attempts:
                try:
                    attempt(answers)
                except OSError:
                    continue
                return True
            lines = list(map(self._ledger.line, answers))
        for line in lines:
            self._rescue(line.rstrip("\n"))
        return False

    def _fold_if_due(self) -> None:
        if not self._ledger.due:
            return
        with self._mutex:
            if not self._ledger.due or self._broken or self._closed:
                return
            try:
                self._write(self._ledger.fold)
            except StateError as error:  # what was recorded is in the journal, durable
                self._warn(error.message)

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            raise unwritable(self._ledger.path, error) from error
        self._unfinished = False


def _stamp_of(now: Callable[[], datetime]) -> Callable[[], str]:
    return lambda: now().astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"


def _whole(loaded: Loaded, paths: StatePaths, warn: Callable[[str], None]) -> State:
    events = forgotten(loaded, paths)
    if events:
        warn(
            f"{paths.state}: it was replaced while its journal held more; what the journal alone "
            "knew was added to it"
        )
    return loaded.state.after(events)
