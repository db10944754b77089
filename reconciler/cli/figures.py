"""How far a run is: counted from its log events, said in one line. No clock of its own."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.report.counting import lasted

_WINDOW: Final = 15.0  # seconds over which the rate is measured

_ENDS: Final = {
    "instance_created": "created",
    "instance_recovered": "created",
    "create_rejected": "failed",
    "create_not_sent": "failed",
    "create_unknown": "unknown",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """A moment of a run. *rate* is in entries a second; *remaining* is None while unknown."""

    total: int
    created: int
    failed: int
    unknown: int
    in_flight: int
    retries: int
    rate: float
    elapsed: float
    remaining: float | None
    phase: str

    @property
    def done(self) -> int:
        """Entries that need no more requests in this phase."""
        return self.created + self.failed + self.unknown

    def text(self, width: int = 0) -> str:
        """Return one line; the least telling is left out where *width* (0: any) is too small."""
        line = f"{self.done} of {self.total}"
        for detail in self._details():
            longer = f"{line}, {detail}"
            if 0 < width < len(longer):
                break
            line = longer
        return line

    def fields(self) -> dict[str, object]:
        """Return the figures as the fields of a log event."""
        return {
            "total": self.total,
            "created": self.created,
            "failed": self.failed,
            "unknown": self.unknown,
            "in_flight": self.in_flight,
            "retries": self.retries,
            "rate": round(self.rate, 1),
            "seconds": round(self.elapsed, 1),
            "remaining": None if self.remaining is None else round(self.remaining),
        }

    def _details(self) -> list[str]:
        parts = [self.phase] if self.phase else []
        parts += [f"{self.failed} failed"] if self.failed else []
        parts += [f"{self.unknown} unknown"] if self.unknown else []
        parts += [f"{self.in_flight} in flight"] if self.in_flight else []
        if self.remaining is not None and self.remaining >= 1:
            parts.append(f"{lasted(self.remaining)} left")
        parts += [f"{self.rate:.1f}/s"] if self.rate else []
        parts += [f"{self.retries} retried"] if self.retries else []
        return parts


class Tally:
    """Counts events. Not thread-safe: whoever feeds it holds a lock (the log does)."""

    def __init__(self, total: int, *, started: float) -> None:
        self._total = total
        self._started = started
        self._flying: set[str] = set()
        self._ended: dict[str, str] = {}
        self._counts = dict.fromkeys(_ENDS.values(), 0)
        self._retries = 0
        self._phase = ""
        self._moments: deque[float] = deque()

    def count(self, event: Mapping[str, object], *, now: float) -> None:
        """Take notice of a log event; one that says nothing about progress is ignored."""
        name, key = str(event["event"]), str(event.get("key", ""))
        if name == "create_announced":
            if key in self._flying:
                self._retries += 1
            self._flying.add(key)
        elif name in _ENDS:
            self._end(key, _ENDS[name], now)
        elif name == "settling_started":
            self._phase = "asking the account"
        elif name == "stop_requested":
            self.stopping()

    def stopping(self) -> None:
        """Say from now on that nothing more is launched."""
        self._phase = "stopping"

    def figures(self, *, now: float) -> Figures:
        """Return where the run is."""
        while self._moments and self._moments[0] < now - _WINDOW:
            self._moments.popleft()
        span = min(_WINDOW, max(now - self._started, 1.0))
        rate = len(self._moments) / span
        left = max(self._total - len(self._ended), 0)
        return Figures(
            total=max(self._total, len(self._ended)),
            created=self._counts["created"],
            failed=self._counts["failed"],
            unknown=self._counts["unknown"],
            in_flight=len(self._flying),
            retries=self._retries,
            rate=rate,
            elapsed=now - self._started,
            remaining=left / rate if left and rate and not self._phase else None,
            phase=self._phase,
        )

    def _end(self, key: str, how: str, now: float) -> None:
        self._flying.discard(key)
        if (before := self._ended.get(key)) is None:
            self._moments.append(now)
        else:
            self._counts[before] -= 1  # an unknown one was found
        self._ended[key] = how
        self._counts[how] += 1
