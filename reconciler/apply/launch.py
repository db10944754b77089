"""Carry operations out: the intent on disk, the request, its outcome on disk; many at a time."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from queue import SimpleQueue
from threading import Lock, Semaphore, Thread
from typing import Final, Protocol

from reconciler.apply.operations import Operation, tell
from reconciler.apply.pace import Pace
from reconciler.apply.ports import Clock, HeldState, Log, Options, PartnerApi, stamp
from reconciler.apply.server_clock import ServerClock
from reconciler.apply.stop import Stop
from reconciler.apply.workers import next_end, start
from reconciler.errors import StateError, TokenRefused
from reconciler.model import (
    Attempt,
    NotSent,
    Outcome,
    Refused,
    Rejected,
    Spared,
    Throttled,
    Unconfirmed,
    Unknown,
)
from reconciler.results import Result

TRIES: Final = 5  # of one operation, while it is certain that a repetition does no harm
HOPELESS: Final = 3  # that could not be sent, in a row: the others would fare no better
PATIENCE: Final = 120.0  # seconds; an API that asks for more is left alone until the next run
SILENCE: Final = 30.0  # seconds of nothing but 429, however many workers take turns at it
AHEAD: Final = 3  # workers for each request in flight, where a record takes a round trip
LEAVES_WITHIN: Final = 30.0  # seconds after its announcement; a later one is announced anew


class Witness(Protocol):
    """What the account says while a run launches."""

    def taken(self, key: str) -> str | None:
        """Return why *key* must not be sent any more, as far as is known by now; else None."""

    def prove(self, keys: Collection[str]) -> Mapping[str, Outcome]:
        """Return what one listing shows of *keys*, which were answered 429: of those that it shows
        not to be there, that they were not sent."""


class Unwatched:
    """The witness of what the account says nothing about, such as settings."""

    def taken(self, key: str) -> None:
        """Let everything be sent."""

    def prove(self, keys: Collection[str]) -> Mapping[str, Outcome]:
        """Show nothing."""
        return {}


@dataclass(slots=True)
class Launched:
    """What became of each operation; *left* are those whose time to be launched was over."""

    results: list[Result] = field(default_factory=list)
    left: list[Operation] = field(default_factory=list)


class Launcher:
    """Carries out the operations of one run, *concurrency* of them on the wire at a time.

    A worker has one operation at a time, so what is on disk says of each what may have been sent.
    There are as many workers as requests in flight; more where the state is far away, so that some
    announce while others send.
    """

    def __init__(
        self,
        *,
        store: HeldState,
        api: PartnerApi,
        options: Options,
        clock: Clock,
        server: ServerClock,
        stop: Stop,
        log: Log,
        witness: Witness,
    ) -> None:
        self._store, self._api, self._options = store, api, options
        self._clock, self._server, self._stop, self._log = clock, server, stop, log
        self._witness = witness
        self._pace = Pace(options.rate, monotonic=clock.monotonic)
        self._slots = Semaphore(options.concurrency)  # one for each request in flight
        self._lock = Lock()  # around the queue, and around these three
        self._hopeless = 0
        self._throttled_since: float | None = None
        self._resume_at = 0.0
        self.token_refused = False
        self.taken_up: set[str] = set()  # keys whose turn has come: they may have been sent

    def run(self, operations: Sequence[Operation], *, until: float | None = None) -> Launched:
        """Carry out all of them, or as many as can be until the stop; raise StateError.

        No request leaves after *until* (by the clock's uptime).
        """
        launched, waiting = Launched(), operations
        for tried in range(1, TRIES + 1):
            throttled = self._round(waiting, launched, until)
            if not throttled:
                break
            waiting = self._after_a_look(throttled, launched, last=tried == TRIES)
        reached = {result.key for result in launched.results}
        rest = [operation for operation in operations if operation.key not in reached]
        if self._stop:
            launched.results += [self._skip(operation) for operation in rest]
        else:
            launched.left += rest
        return launched

    def _round(
        self, operations: Sequence[Operation], launched: Launched, until: float | None
    ) -> list[Operation]:
        """Let the workers carry *operations* out; return those that were answered 429."""
        turn = _Round(iter(operations), launched, until)
        ended: SimpleQueue[BaseException | None] = SimpleQueue()
        workers = [
            Thread(target=self._work, args=(turn, ended), name=f"worker-{n}", daemon=True)
            for n in range(min(self._workers, len(operations)))
        ]
        ends = [next_end(ended) for _ in range(start(workers))]
        if errors := [error for error in ends if error is not None]:
            raise self._most_urgent(errors)
        return turn.throttled

    @property
    def _workers(self) -> int:
        return self._options.concurrency * (AHEAD if self._store.far else 1)

    def _after_a_look(
        self, throttled: Sequence[Operation], launched: Launched, *, last: bool
    ) -> list[Operation]:
        """Return what may be sent again after 429: only what the account, asked once for all of
        them after the wait, shows not to be there. Some servers create and answer 429."""
        wait = 1 + self._clock.jitter()
        if not self._stop:
            wait = max(wait, self._resume_at - self._clock.monotonic())
        if self._stop.interrupted.wait(wait):
            shown: Mapping[str, Outcome] = {}
        else:
            shown = self._witness.prove([operation.key for operation in throttled])
        again = []
        for operation in throttled:
            outcome = shown.get(operation.key, Unknown("too many requests (429)"))
            if isinstance(outcome, NotSent) and not (self._stop or last):
                again.append(operation)
            else:
                self._end(operation, outcome, launched)
        return again

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
        return Result(operation.key, operation.name, NotSent(reason), operation.verb)

    def _work(self, turn: "_Round", ended: "SimpleQueue[BaseException | None]") -> None:
        """Carry out what the queue gives, until it or the run ends; tell at its end what ended it
        early (a state that can't be written, a bug)."""
        error = None
        try:
            while (operation := self._next(turn)) is not None:
                match self._carry_out(operation, turn.until):
                    case None:
                        pass
                    case Throttled():
                        turn.throttled.append(operation)
                    case outcome:
                        self._end(operation, outcome, turn.launched)
        except BaseException as failure:  # handed to the main thread, which raises it
            self._stop.request("the run failed")
            error = failure
        ended.put(error)

    def _next(self, turn: "_Round") -> Operation | None:
        with self._lock:
            return None if self._stop or self._late(turn.until) else next(turn.queue, None)

    def _late(self, until: float | None) -> bool:
        return until is not None and self._clock.uptime() >= until

    def _carry_out(self, operation: Operation, until: float | None) -> Outcome | Throttled | None:
        """Find out what becomes of it; None if the stop comes, or its time is over, before
        anything is sent."""
        outcome: Outcome | None = None
        for tried in range(1, TRIES + 1):
            if (launched := self._pace.acquire(self._stop)) is None:
                return outcome
            if (reason := self._witness.taken(operation.key)) is not None:
                return NotSent(reason)
            if not self._announce(operation, until):
                return None
            attempt = self._send(operation)
            self._adapt(attempt, launched)
            if isinstance(attempt, Throttled) and not operation.repeatable:
                return attempt
            outcome = _outcome(attempt)
            if not _may_be_repeated(operation, attempt) or self._stop or tried == TRIES:
                break
            self._back_off(operation, outcome, tried)
        if outcome is not None:
            self._weigh(outcome)
        return outcome

    def _announce(self, operation: Operation, until: float | None) -> bool:
        """Put its intent on disk, so that a kill from here on leaves something to ask the account
        about; False when its time is over.

        One that was on its way to the disk for long is announced anew: whoever finds it must not
        take it for older than its request. It has one of the slots then.
        """
        self.taken_up.add(operation.key)
        while not self._late(until):
            moment = self._server.moment()
            end = self._clock.uptime() + LEAVES_WITHIN if until is None else until
            left = timedelta(seconds=end - self._clock.uptime())
            self._store.record(operation.intent(moment.wall, stamp(self._clock.now() + left)))
            self._log.info(f"{operation.verb}_announced", key=operation.key, name=operation.name)
            if self._enter(end):
                return True
            if self._stop:
                break
        reason = self._stop.reason or "its time to be launched was over"
        self._settle(operation, NotSent(reason))
        return False

    def _enter(self, end: float) -> bool:
        """Wait until one more request may be in flight; False when its time is over before."""
        while (left := end - self._clock.uptime()) > 0:
            if self._slots.acquire(timeout=min(left, 1.0)):
                return True
        return False

    def _send(self, operation: Operation) -> Attempt:
        """Send it once, and put on disk what that settles."""
        try:
            if self._stop:  # it came while the intent was written
                attempt: Attempt = NotSent(self._stop.reason or "stopped")
            else:
                attempt = operation.send(self._api)
        finally:
            self._slots.release()
        if isinstance(attempt, Refused):  # known to all before the disk gets a chance to fail
            self.token_refused = True
            self._stop.request("the partner API refused the token")
        self._settle(operation, attempt)
        return attempt

    def _settle(self, operation: Operation, attempt: Attempt) -> None:
        if (event := operation.settled(attempt, self._server.moment())) is not None:
            self._store.record(event)

    def _adapt(self, attempt: Attempt, launched: float) -> None:
        match attempt:
            case NotSent():
                pass
            case Throttled(retry_after):
                self._be_patient(retry_after or 0)
                if self._pace.refused(launched, retry_after):
                    self._log.warning("rate_adapted", rate=round(self._pace.rate, 2))
            case _:
                self._throttled_since = None
                self._pace.accepted()

    def _be_patient(self, retry_after: float) -> None:
        """Leave the API alone for so long; until the next run, if that is too long."""
        now = self._clock.monotonic()
        with self._lock:
            self._resume_at = max(self._resume_at, now + retry_after)
            if self._throttled_since is None:
                self._throttled_since = now
            since = self._throttled_since
        if retry_after > PATIENCE:
            self._stop.request(f"the API asked to be left alone for {round(retry_after)} s")
        elif now - since >= SILENCE:
            self._stop.request(f"the API answered nothing but 429 for {round(now - since)} s")

    def _back_off(self, operation: Operation, outcome: Outcome, tried: int) -> None:
        reason = outcome.reason if isinstance(outcome, NotSent | Unknown) else ""
        self._log.info(f"{operation.verb}_retried", key=operation.key, reason=reason, attempt=tried)
        self._stop.wait(0.25 * 2 ** (tried - 1) * (0.5 + self._clock.jitter()))

    def _weigh(self, outcome: Outcome) -> None:
        """Give up when one after the other can't be sent."""
        with self._lock:
            self._hopeless = self._hopeless + 1 if isinstance(outcome, NotSent) else 0
            hopeless = self._hopeless >= HOPELESS
        if hopeless and isinstance(outcome, NotSent):
            self._stop.request(outcome.reason)

    def _end(self, operation: Operation, outcome: Outcome, launched: Launched) -> None:
        """Count and tell what became of *operation*, now that it is on disk."""
        result = Result(operation.key, operation.name, outcome, operation.verb)
        launched.results.append(result)
        failed = isinstance(outcome, NotSent | Rejected | Spared | Unknown)
        if failed and self._options.fail_fast:
            self._stop.request("stopped at the first failure (--fail-fast)")
        if isinstance(outcome, Unconfirmed):  # whoever looks for it tells what became of it
            sent = {"key": operation.key, "name": operation.name, "verb": operation.verb}
            self._log.info("request_sent", **sent, reason=outcome.reason)
        else:
            tell(self._log, result)


@dataclass(slots=True)
class _Round:
    """What the workers share: a *queue* of operations, and where to put what came of them."""

    queue: Iterator[Operation]
    launched: Launched
    until: float | None
    throttled: list[Operation] = field(default_factory=list)


def _outcome(attempt: Attempt) -> Outcome:
    match attempt:
        case Refused(code, description):
            return Rejected(code, description)
        case Throttled():
            return NotSent("too many requests (429)")
        case _:
            return attempt


def _may_be_repeated(operation: Operation, attempt: Attempt) -> bool:
    match attempt:
        case NotSent():
            return True  # nothing arrived
        case Throttled() | Unknown():
            return operation.repeatable
        case _:
            return False
