"""The state as one run holds it: what is recorded is durable before the next step."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar

from reconciler.errors import StateError, UsageError
from reconciler.model import Moment, Sealed
from reconciler.secrets import Secret
from reconciler.state.backend import Backend
from reconciler.state.changes import SettingsConfirmed, UpdateClosed
from reconciler.state.codec import is_time
from reconciler.state.ledger import Ledger
from reconciler.state.loading import Loaded, exposures_ended, load, read_state
from reconciler.state.model import (
    Closed,
    Event,
    ExposureEnded,
    Intent,
    Listed,
    Record,
    State,
    TokenFound,
)

if TYPE_CHECKING:
    from reconciler.state.sealing import Sealer

__all__ = ["Store", "read_state"]

_T = TypeVar("_T")
_OUTCOMES: Final = (Record, TokenFound, Closed, ExposureEnded, SettingsConfirmed, UpdateClosed)


class Store:
    """A state that one run holds; for any number of threads.

    The ledger has the history, and one thread, the writer, has the ledger: everything else is asked
    of it and waits for its answer. It takes all records that wait, writes them, syncs once, and
    answers everybody; so what comes during a sync shares the next, and no lock is needed. A signal
    can't interrupt the writer: who is interrupted while waiting leaves, and what was asked for
    happens all the same.
    """

    def __init__(
        self,
        backend: Backend,
        ledger: Ledger,
        *,
        sealer: "Sealer | None",
        warn: Callable[[str], None],
    ) -> None:
        self._backend, self._ledger, self._sealer = backend, ledger, sealer
        self._warn = warn
        self.lineage: Final = ledger.state.lineage  # keys this state's digests, all its life
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="state")
        self._waiting: deque[_Entry] = deque()  # for the writer to take
        self._closed = False
        self.far: Final = backend.far  # each record takes a round trip
        self.took_over: bool  # a journal that a run before this one left

    @classmethod
    def hold(  # noqa: PLR0913 - effects, handed in one by one
        cls,
        backend: Backend,
        *,
        now: Callable[[], datetime],
        moment: Callable[[], Moment],
        new_lineage: Callable[[], str],
        rescue: Callable[[str], None],
        warn: Callable[[str], None],
        lock_timeout: float,
        sealer: "Sealer | None" = None,
        brings_tokens: bool = True,
    ) -> Self:
        """Take the state for this run; raise StateLocked, StateError, UsageError.

        *rescue* is handed the lines of answers that can't be written; *warn* is told of what should
        not stay as it is. A run that *brings_tokens* seals them where the state's are sealed.
        Nothing is written unless something is recorded, or was left unfinished by a run that was
        killed: that is folded here.
        """
        backend.hold(lock_timeout, now=now, warn=warn)
        try:
            loaded = load(backend) or Loaded.nothing(State(new_lineage()))
            ledger = Ledger(backend, loaded, sealer=sealer, stamp=_stamp_of(now), rescue=rescue)
            store = cls(backend, ledger, sealer=sealer, warn=warn)
            store._take_over(loaded, moment, brings_tokens=brings_tokens)
        except BaseException:
            backend.release()
            raise
        return store

    def state(self) -> State:
        """Return the state as of now: all that was recorded, and nothing that was not."""
        asked = self._submit(lambda: self._ledger.state)
        return asked.result() if asked else self._ledger.state

    def record(self, *events: Event) -> None:
        """Make *events* durable, in their order; concurrent callers share one sync.

        After a failure the journal takes nothing more, and every call raises StateError, so
        nothing more is announced and sent. Only what became of a create is tried once more, another
        way; if that fails, too, an answer's line goes to the rescue before the error is raised.
        """
        if not events:
            return
        if any(isinstance(event, Intent) and not is_time(event.pending.since) for event in events):
            raise ValueError("a pending create needs an ISO 8601 time with its zone")
        entry = _Entry(tuple(map(self._sealed, events)))
        self._waiting.append(entry)
        asked = self._submit(lambda: self._settle(entry))
        if asked is None:
            self._ledger.rescue(entry.events)
            raise self._let_go()
        asked.result()

    def note(self, *events: Event) -> None:
        """Make *events* durable with what is recorded next, and before it: at no cost of their own.
        If they can't be written, what comes next can't be either, and says so."""
        self._waiting.append(_Entry(tuple(map(self._sealed, events))))

    def expect(self) -> None:
        """Get ready to write, while the caller asks elsewhere whether there is anything to."""
        self._submit(self._ledger.get_ready)

    def rewrite(self, change: Callable[[State], State]) -> None:
        """Put what *change* makes of the state in its place; raise StateError."""
        self._ask(lambda: self._ledger.replace(change(self._ledger.state)))

    def fold(self) -> None:
        """Put into the state file what the journal holds; raise StateError."""
        self._ask(self._ledger.fold)

    def close(self) -> None:
        """Fold, and let go of the state; whatever fails, the lock is released."""
        if self._closed:
            return
        try:
            self._ask(self._finish)
        finally:
            self._writer.shutdown()
            self._closed = True
            self._backend.release()

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

    # --- asked of the writer ----------------------------------------------------------------

    def _ask(self, task: Callable[[], _T]) -> _T:
        asked = self._submit(task)
        if asked is None:
            raise self._let_go()
        return asked.result()

    def _submit(self, task: Callable[[], _T]) -> "Future[_T] | None":
        """Hand *task* to the writer; None when it has ended, and nobody else uses the ledger."""
        try:
            return self._writer.submit(task)
        except RuntimeError:
            return None

    def _let_go(self) -> StateError:
        return StateError(f"{self._backend.name}: this run has let go of the state already")

    def _sealed(self, event: Event) -> Event:
        if self._sealer is None:
            return event
        match event:
            case Record(key, recorded) if isinstance(recorded.token, Secret):
                return Record(key, recorded._replace(token=self._sealer.seal(recorded.token)))
            case TokenFound(token=token) if isinstance(token, Secret):
                return replace(event, token=self._sealer.seal(token))
            case _:
                return event

    # --- for the writer alone (and for `hold`, before there is one) ---------------------------

    def _take_over(
        self, loaded: Loaded, moment: Callable[[], Moment], *, brings_tokens: bool
    ) -> None:
        tokens = [recorded.token for recorded in loaded.state.instances.values()]
        plain = any(isinstance(token, Secret) for token in tokens)
        sealed = any(isinstance(token, Sealed) for token in tokens)
        if sealed and self._sealer is None and brings_tokens:
            raise UsageError(
                f"{self._backend.name}: its tokens are sealed, and new ones would not be",
                hint="name the recipients with --recipient or RECONCILER_RECIPIENTS",
            )
        if loaded.foreign:
            self._warn(
                f"{self._backend.name}: it was replaced while its journal held more; what the "
                "journal alone knew was added to it"
            )
        warning = self._backend.protect()
        if warning and plain:
            self._warn(warning)
        self.took_over = loaded.journal
        if loaded.journal:
            ended = exposures_ended(loaded, moment()) if self._backend.outlived else ()
            self._ledger.check()
            self._ledger.write_anew(ended)

    def _settle(self, entry: "_Entry") -> None:
        """Write what waits, *entry* among it, unless that was done with an earlier one."""
        if not entry.settled:
            self._commit()
        if entry.error is not None:
            raise entry.error

    def _commit(self) -> None:
        """Write what waits, and what comes while the first of it is got ready for."""
        failed = self._begun()
        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        listed: set[str] = set()
        for entry in batch:
            entry.settled = True
            before = {event.snapshot for event in entry.events if isinstance(event, Listed)}
            unknown = entry.named - listed - before
            # A journal that failed took along what was noted before, and says so itself.
            if self._ledger.broken or all(map(self._ledger.knows, unknown)):
                listed |= before
            else:  # it would end the batch
                entry.error = ValueError("the snapshot that a create names must be recorded first")
        sound = [entry for entry in batch if entry.error is None]
        try:
            if failed is not None:
                raise failed
            self._ledger.record([event for entry in sound for event in entry.events])
        except BaseException as error:  # handed to everybody who waits for it
            for entry in sound:
                entry.error = error
            self._ledger.give_up(error)
            for entry in sound:
                entry.error = self._insisted(entry, error)
        self._fold_if_due()

    def _begun(self) -> BaseException | None:
        """Let there be a state for the journal to go with; return why there can be none."""
        try:
            self._ledger.begin()
        except BaseException as error:  # for those who wait
            return error
        return None

    def _insisted(self, entry: "_Entry", error: BaseException) -> BaseException | None:
        """Keep the outcomes of an *entry* that was not written; return what is to be raised."""
        kept = bool(entry.outcomes) and self._ledger.insist(entry.outcomes)
        if kept and entry.outcomes == entry.events:
            return None
        if isinstance(error, StateError):  # each thread raises its own
            return type(error)(error.message, hint=error.hint)
        return error

    def _fold_if_due(self) -> None:
        if not self._ledger.due:
            return
        try:
            self._ledger.fold()
        except StateError as error:  # what was recorded is in the journal, durable
            self._warn(error.message)

    def _finish(self) -> None:
        if self._waiting:  # of those who were interrupted before they asked
            self._commit()
        try:
            self._ledger.fold(final=True)
        except StateError:
            if not self._ledger.broken:  # else it was told already, and the journal has the rest
                raise


@dataclass(slots=True)
class _Entry:
    """What one caller records, and what became of it."""

    events: tuple[Event, ...]
    settled: bool = False
    error: BaseException | None = None

    @property
    def outcomes(self) -> tuple[Event, ...]:
        """What became of creates. Without it the state would say of a create that nothing is known,
        and a state without its journal looks as if another machine might still be sending it."""
        return tuple(event for event in self.events if isinstance(event, _OUTCOMES))

    @property
    def named(self) -> set[str]:
        names = (each.pending.snapshot for each in self.events if isinstance(each, Intent))
        return {name for name in names if name is not None}


def _stamp_of(now: Callable[[], datetime]) -> Callable[[], str]:
    return lambda: now().astimezone(UTC).isoformat(timespec="seconds")[:19] + "Z"
