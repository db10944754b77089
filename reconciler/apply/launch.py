"""Create what is missing: intent on disk, POST, outcome on disk, next; many at a time."""

from collections.abc import Iterator, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Final, assert_never

from reconciler.apply.desk import Desk
from reconciler.apply.pace import Pace
from reconciler.apply.ports import Clock, Log, Options, PartnerApi, Store
from reconciler.apply.stop import Stop
from reconciler.errors import StateError, TokenRefused
from reconciler.model import (
    Attempt,
    Created,
    Desired,
    NotSent,
    Origin,
    Outcome,
    Pending,
    Recorded,
    Refused,
    Rejected,
    Throttled,
    Unknown,
    Word,
)
from reconciler.results import Result
from reconciler.state.digest import kept
from reconciler.state.model import Closed, Intent, Record

TRIES: Final = 5  # of one entry, while it is certain that nothing was created
HOPELESS: Final = 3  # entries in a row that could not be sent: the others would fare no better
PATIENCE: Final = 120.0  # seconds; an API that asks for more is left alone until the next run
SILENCE: Final = 30.0  # seconds of nothing but 429, however many workers take turns at it


class Launcher:
    """Carries out the creates of one run.

    *snapshot* names the listing that recovery will compare with, None when nobody looked.
    """

    def __init__(
        self,
        *,
        store: Store,
        partner: PartnerApi,
        options: Options,
        clock: Clock,
        stop: Stop,
        log: Log,
        snapshot: str | None,
    ) -> None:
        self._store, self._partner, self._options = store, partner, options
        self._clock, self._stop, self._log = clock, stop, log
        self._snapshot = snapshot
        self._pace = Pace(options.rate, monotonic=clock.monotonic)
        self._hopeless = 0
        self._throttled_since: float | None = None
        self._lock = Lock()
        self.token_refused = False

    def run(self, wanted: Sequence[Desired]) -> list[Result]:
        """Create all of *wanted*, or as many as can be until the stop; raise StateError."""
        queue, results = iter(wanted), list[Result]()
        ended: SimpleQueue[BaseException | None] = SimpleQueue()
        workers = [
            Thread(target=self._work, args=(queue, results, ended), name=f"create-{n}", daemon=True)
            for n in range(min(self._options.concurrency, len(wanted)))
        ]
        ends = [_next_end(ended) for _ in range(_start(workers))]
        if errors := [error for error in ends if error is not None]:
            raise self._most_urgent(errors)
        reached = {result.key for result in results}
        return results + [self._skip(entry) for entry in wanted if entry.key not in reached]

    def _most_urgent(self, errors: Sequence[BaseException]) -> BaseException:
        first = errors[0]
        if not (self.token_refused and isinstance(first, StateError)):
            return first
        return TokenRefused(
            f"the partner API refused the partner token; besides, {first.message}", hint=first.hint
        )

    def _skip(self, entry: Desired) -> Result:
        reason = self._stop.reason or "stopped"
        self._log.info("create_not_sent", key=entry.key, name=entry.name, reason=reason)
        return Result(entry.key, entry.name, NotSent(reason))

    def _work(
        self,
        queue: Iterator[Desired],
        results: list[Result],
        ended: "SimpleQueue[BaseException | None]",
    ) -> None:
        """Create what the *queue* gives, until it or the run ends; tell at its end what ended it
        early (a state that can't be written, a bug)."""
        error = None
        desk = Desk(self._store, partial(self._end, results))
        try:
            try:
                while (entry := self._next(queue)) is not None:
                    self._create(entry, desk)
            finally:
                desk.clear()
        except BaseException as failure:  # handed to the main thread, which raises it
            self._stop.request("the run failed")
            error = failure
        ended.put(error)

    def _next(self, queue: Iterator[Desired]) -> Desired | None:
        with self._lock:
            return None if self._stop else next(queue, None)

    def _create(self, entry: Desired, desk: Desk) -> None:
        """Find out what becomes of *entry*; nothing, if the stop comes before anything is sent."""
        outcome: Outcome | None = None
        for tried in range(TRIES):
            launched = self._turn(desk)
            if launched is None:
                break
            attempt, pending = self._send(entry, desk)
            self._adapt(attempt, launched)
            outcome = self._settle(entry, attempt, pending, desk)
            if not isinstance(attempt, NotSent | Throttled):
                break
            if self._stop or tried + 1 == TRIES:
                break
            if not self._worth_waiting(entry, attempt, tried):
                break
        if outcome is not None and not isinstance(outcome, Created):  # which the desk tells of
            desk.done(entry, outcome)

    def _turn(self, desk: Desk) -> float | None:
        """Wait until the next request may leave; return when that was, None if the stop came."""
        launched = self._pace.at_once(self._stop)
        if launched is None:
            desk.clear()
            launched = self._pace.acquire(self._stop)
        return launched

    def _send(self, entry: Desired, desk: Desk) -> tuple[Attempt, Pending]:
        since = self._clock.stamp()
        pending = Pending(entry.name, kept(entry, self._store.lineage), since, self._snapshot)
        desk.write(Intent(entry.key, pending))  # survives a kill during the request
        self._log.info("create_announced", key=entry.key, name=entry.name)
        if self._stop:  # it came while the intent was written
            return NotSent(self._stop.reason or "stopped"), pending
        return self._partner.create(entry), pending

    def _settle(self, entry: Desired, attempt: Attempt, pending: Pending, desk: Desk) -> Outcome:
        match attempt:
            case Created():
                recorded = _recorded(pending, attempt, self._clock.stamp())
                desk.hold(entry, attempt, Record(entry.key, recorded))
                return attempt
            case Rejected(code, description):
                desk.write(Closed(entry.key, Word.REJECTED, f"{code}"))
                return Rejected(code, description)
            case Refused(code, description):
                self.token_refused = True
                self._stop.request("the partner API refused the token")
                desk.write(Closed(entry.key, Word.REJECTED, f"{code}"))
                return Rejected(code, description)
            case NotSent(reason):
                desk.write(Closed(entry.key, Word.NOT_SENT, reason))
                return NotSent(reason)
            case Throttled():
                desk.write(Closed(entry.key, Word.NOT_SENT, "429"))
                return NotSent("too many requests (429)")
            case Unknown(reason):
                return Unknown(reason, pending.since)
            case _:
                assert_never(attempt)

    def _adapt(self, attempt: Attempt, launched: float) -> None:
        match attempt:
            case NotSent():
                pass
            case Throttled(retry_after):
                if self._throttled_since is None:
                    self._throttled_since = self._clock.monotonic()
                if self._pace.refused(launched, retry_after):
                    self._log.warning("rate_adapted", rate=round(self._pace.rate, 2))
            case _:
                self._throttled_since = None
                self._pace.accepted()

    def _worth_waiting(self, entry: Desired, attempt: NotSent | Throttled, tried: int) -> bool:
        """Back off before the next attempt; False when there is no point in one."""
        if isinstance(attempt, Throttled):
            return self._has_patience(attempt.retry_after or 0)  # the pace makes it wait
        self._log.info("create_retried", key=entry.key, reason=attempt.reason, attempt=tried + 1)
        return not self._stop.wait(0.25 * 2**tried * (0.5 + self._clock.jitter()))

    def _has_patience(self, retry_after: float) -> bool:
        since, now = self._throttled_since, self._clock.monotonic()
        if retry_after > PATIENCE:
            self._stop.request(f"the API asked to be left alone for {round(retry_after)} s")
        elif since is not None and now - since >= SILENCE:
            self._stop.request(f"the API answered nothing but 429 for {round(now - since)} s")
        return not self._stop

    def _end(self, results: list[Result], entry: Desired, outcome: Outcome) -> None:
        results.append(Result(entry.key, entry.name, outcome))  # wakes nobody
        self._weigh(outcome)
        self._tell(entry, outcome)

    def _weigh(self, outcome: Outcome) -> None:
        with self._lock:
            self._hopeless = self._hopeless + 1 if isinstance(outcome, NotSent) else 0
            if isinstance(outcome, NotSent) and self._hopeless >= HOPELESS:
                self._stop.request(outcome.reason)
        failed = isinstance(outcome, NotSent | Rejected | Unknown)
        if failed and self._options.fail_fast:
            self._stop.request("stopped at the first failure (--fail-fast)")

    def _tell(self, entry: Desired, outcome: Outcome) -> None:
        who = {"key": entry.key, "name": entry.name}
        match outcome:
            case Created(id_instance):
                self._log.info("instance_created", **who, id_instance=id_instance)
            case Rejected(code, description):
                self._log.error("create_rejected", **who, code=code, description=description)
            case NotSent(reason):
                self._log.error("create_not_sent", **who, reason=reason)
            case Unknown(reason):
                self._log.warning("create_unknown", **who, reason=reason)
            case _:
                pass


def _start(workers: Sequence[Thread]) -> int:
    """Start as many *workers* as the system allows; raise RuntimeError if it allows none."""
    for started, worker in enumerate(workers):
        try:
            worker.start()
        except RuntimeError:  # a limit on threads; fewer do the same work
            if not started:
                raise
            return started
    return len(workers)


def _recorded(pending: Pending, created: Created, stamp: str) -> Recorded:
    return Recorded(
        id_instance=created.id_instance,
        token=created.token,
        type_instance=created.type_instance,
        name=pending.name,
        parameters=pending.parameters,
        created_at=stamp,
        origin=Origin.CREATED,
        extra=created.extra,
    )


def _next_end(ended: "SimpleQueue[BaseException | None]") -> BaseException | None:
    """Wait for a worker's end; return what ended it early.

    A signal that comes just before the main thread falls asleep does not wake it, and is handled
    only when it wakes: so it never sleeps for long.
    """
    while True:
        try:
            return ended.get(timeout=0.2)
        except Empty:
            continue
