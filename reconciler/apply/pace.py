"""How fast creates are launched: a rate that all workers share and that 429 adapts (AIMD)."""

import math
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Final

from reconciler.apply.stop import Stop

_FLOOR: Final = 0.5  # requests a second: slow, but a limit that low can still be lived with
_EASE: Final = 0.9  # close under the limit, so that little of it is wasted
_CLIMB: Final = 0.02  # of the rate, each second; more the longer there was no refusal
_COOL: Final = 1.0  # seconds in which refusals still tell of the rate that was just given up


class Pace:
    """Hands out launch times, *rate* a second at the most (0: no bound until the API sets one).

    A refusal lowers the rate for everybody to just below what the API took in the last second;
    then it climbs back slowly. *monotonic* is in seconds.
    """

    def __init__(self, rate: float, *, monotonic: Callable[[], float]) -> None:
        self._ceiling = rate or math.inf
        self._rate = self._ceiling
        self._monotonic = monotonic
        self._lock = Lock()  # around the figures below
        self._turnstile = Lock()  # of the workers, one waits for the time, the others for that one
        self._next = 0.0
        self._lowered_at = -math.inf
        self._climbed_at = 0.0
        self._accepted: deque[float] = deque()

    @property
    def rate(self) -> float:
        """Requests a second; infinite while nothing bounds it."""
        return self._rate

    def acquire(self, stop: Stop) -> float | None:
        """Wait for a turn; return when it was (monotonic), or None when *stop* came first."""
        waited = False
        with self._turnstile:
            while not stop:
                now, early = self._take(waited=waited)
                if early <= 0:
                    return now
                waited = not stop.wait(early)  # and look again: the turn may have been put off
        return None

    def _take(self, *, waited: bool) -> tuple[float, float]:
        """Take the next turn if its time has come; return the time, and by how much it is early."""
        with self._lock:
            now = self._monotonic()
            self._climb(now)
            early = self._next - now
            if early <= 0:
                # A timer's lateness is made up for, or it would lower the rate.
                turn = max(self._next, now - 1 / self._rate) if waited else now
                self._next = turn + 1 / self._rate
            return now, early

    def accepted(self) -> None:
        """Count an answer that was not 429."""
        with self._lock:
            now = self._monotonic()
            self._accepted.append(now)
            self._forget(now)

    def refused(self, launched: float, retry_after: float | None) -> bool:
        """Slow everybody down after a 429; return whether the rate was lowered.

        *launched* is what `acquire` returned: refusals of requests that left before the rate was
        last lowered say nothing about the new one.
        """
        with self._lock:
            now = self._monotonic()
            if retry_after:
                self._next = max(self._next, now + retry_after)
            if launched < self._lowered_at or now < self._lowered_at + _COOL:
                return False
            self._forget(now)
            seen = float(len(self._accepted))
            known = self._rate if math.isfinite(self._rate) else max(seen, 2 * _FLOOR)
            self._rate = max(_FLOOR, min(known * _EASE, max(seen * _EASE, known / 2)))
            self._next = max(self._next, now + 1 / self._rate)
            self._lowered_at = self._climbed_at = now
            return True

    def _climb(self, now: float) -> None:
        if math.isfinite(self._rate) and now > self._climbed_at:
            calm = (now - self._lowered_at) / 8 if math.isfinite(self._lowered_at) else 0
            grown = self._rate * (1 + (now - self._climbed_at) * _CLIMB * (1 + calm**2))
            self._rate = min(self._ceiling, grown)
            self._climbed_at = now

    def _forget(self, now: float) -> None:
        while self._accepted and self._accepted[0] < now - 1:
            self._accepted.popleft()
