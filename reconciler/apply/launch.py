"""Carry operations out: the intent on disk, the request, its outcome on disk; many at a time."""

from collections.abc import Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Final

from reconciler.apply.operations import Operation, tell
from reconciler.apply.pace import Pace
from reconciler.apply.ports import Clock, Log, Options, PartnerApi, Store
from reconciler.apply.stop import Stop
from reconciler.errors import StateError, TokenRefused
from reconciler.model import Attempt, NotSent, Outcome, Refused, Rejected, Throttled, Unknown
from reconciler.results import Result

TRIES: Final = 5  # of one operation, while it is certain that a repetition does no harm
HOPELESS: Final = 3  # that could not be sent, in a row: the others would fare no better
PATIENCE: Final = 120.0  # seconds; an API that asks for more is left alone until the next run
SILENCE: Final = 30.0  # seconds of nothing but 429, however many workers take turns at it


class Launcher:
    """Carries out the operations of one run, by *concurrency* workers.

    A worker has one operation at a time, so what is on disk says of each what may have been sent.
    """

    def __init__(
        self,
        *,
        store: Store,
        api: PartnerApi,
        options: Options,
        clock: Clock,
        stop: Stop,
        log: Log,
    ) -> None:
        self._store, self._api, self._options = store, api, options
        self._clock, self._stop, self._log = clock, stop, log
        self._pace = Pace(options.rate, monotonic=clock.monotonic)
        self._hopeless = 0
        self._throttled_since: float | None = None
        self._lock = Lock()  # around the queue, and around the two counters above
        self.token_refused = False

    def run(self, operations: Sequence[Operation]) -> list[Result]:
        """Carry out all of them, or as many as can be until the stop; raise StateError."""
        queue, results = iter(operations), list[Result]()
        ended: SimpleQueue[BaseException | None] = SimpleQueue()
        workers = [
            Thread(target=self._work, args=(queue, results, ended), name=f"worker-{n}", daemon=True)
            for n in range(min(self._options.concurrency, len(operations)))
        ]
        ends = [_next_end(ended) for _ in range(_start(workers))]
        if errors := [error for error in ends if error is not None]:
            raise self._most_urgent(errors)
        reached = {result.key for result in results}
        return results + [self._skip(each) for each in operations if each.key not in reached]

    def _most_urgent(self, errors: Sequence[BaseException]) -> BaseException:
        first = errors[0]
        if not (self.token_refused and isinstance(first, StateError)):
            return first
        return TokenRefused(
            f"the partner API refused the partner token; besides, {first.message}", hint=first.hint
        )

    def _skip(self, operation: Operation) -> Result:
        reason = self._stop.reason or "stopped"
        who = {"key": operation.key, "name": operation.name}
        self._log.info(f"{operation.verb}_not_sent", **who, reason=reason)
        return Result(operation.key, operation.name, NotSent(reason))

    def _work(
        self,
        queue: Iterator[Operation],
        results: list[Result],
        ended: "SimpleQueue[BaseException | None]",
    ) -> None:
        """Carry out what the *queue* gives, until it or the run ends; tell at its end what ended
        it early (a state that can't be written, a bug)."""
        error = None
        try:
            while (operation := self._next(queue)) is not None:
                if (outcome := self._carry_out(operation)) is not None:
                    results.append(Result(operation.key, operation.name, outcome))
                    self._weigh(outcome)
                    tell(self._log, operation, outcome)
        except BaseException as failure:  # handed to the main thread, which raises it
            self._stop.request("the run failed")
            error = failure
        ended.put(error)

    def _next(self, queue: Iterator[Operation]) -> Operation | None:
        with self._lock:
            return None if self._stop else next(queue, None)

    def _carry_out(self, operation: Operation) -> Outcome | None:
        """Find out what becomes of it; None if the stop comes before anything is sent."""
        outcome: Outcome | None = None
        for tried in range(1, TRIES + 1):
            if (launched := self._pace.acquire(self._stop)) is None:
                break
            attempt = self._try(operation)
            outcome = self._outcome(attempt)
            self._adapt(attempt, launched)
            if not _may_be_repeated(operation, attempt) or self._stop or tried == TRIES:
                break
            if not self._worth_waiting(operation, attempt, tried):
                break
        return outcome

    def _try(self, operation: Operation) -> Attempt:
        """Announce it, send it once, and put on disk what that settles, in this order: so a kill
        between any two steps leaves an intent that the next run asks the account about."""
        self._store.record(operation.intent(self._clock.stamp()))
        self._log.info(f"{operation.verb}_announced", key=operation.key, name=operation.name)
        if self._stop:  # it came while the intent was written
            attempt: Attempt = NotSent(self._stop.reason or "stopped")
        else:
            attempt = operation.send(self._api)
        if isinstance(attempt, Refused):  # known to all before the disk gets a chance to fail
            self.token_refused = True
            self._stop.request("the partner API refused the token")
        if (event := operation.settled(attempt, self._clock.stamp())) is not None:
            self._store.record(event)
        return attempt

    def _outcome(self, attempt: Attempt) -> Outcome:
        match attempt:
            case Refused(code, description):
                return Rejected(code, description)
            case Throttled():
                return NotSent("too many requests (429)")
            case _:
                return attempt

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

    def _worth_waiting(self, operation: Operation, attempt: Attempt, tried: int) -> bool:
        """Back off before the next attempt; False when there is no point in one."""
        if isinstance(attempt, Throttled):
            return self._has_patience(attempt.retry_after or 0)  # the pace makes it wait
        reason = attempt.reason if isinstance(attempt, NotSent | Unknown) else ""
        self._log.info(f"{operation.verb}_retried", key=operation.key, reason=reason, attempt=tried)
        return not self._stop.wait(0.25 * 2 ** (tried - 1) * (0.5 + self._clock.jitter()))

    def _has_patience(self, retry_after: float) -> bool:
        since, now = self._throttled_since, self._clock.monotonic()
        if retry_after > PATIENCE:
            self._stop.request(f"the API asked to be left alone for {round(retry_after)} s")
        elif since is not None and now - since >= SILENCE:
            self._stop.request(f"the API answered nothing but 429 for {round(now - since)} s")
        return not self._stop

    def _weigh(self, outcome: Outcome) -> None:
        with self._lock:
            self._hopeless = self._hopeless + 1 if isinstance(outcome, NotSent) else 0
            if isinstance(outcome, NotSent) and self._hopeless >= HOPELESS:
                self._stop.request(outcome.reason)
        failed = isinstance(outcome, NotSent | Rejected | Unknown)
        if failed and self._options.fail_fast:
            self._stop.request("stopped at the first failure (--fail-fast)")


def _may_be_repeated(operation: Operation, attempt: Attempt) -> bool:
    match attempt:
        case NotSent() | Throttled():
            return True  # nothing arrived
        case Unknown():
            return operation.repeatable
        case _:
            return False


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
