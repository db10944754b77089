"""How far apart requests leave that the API limits by method and instance."""

from collections.abc import Callable, Hashable
from threading import Lock


class Spacing:
    """Gives each request the next turn of its kind. *monotonic* is in seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = Lock()  # two threads may ask the same of one instance
        self._next: dict[Hashable, float] = {}

    def book(self, kind: Hashable, every: float) -> float:
        """Return in how many seconds a request of *kind* may leave, *every* seconds after the one
        before it; the turn is taken by that."""
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next.get(kind, now))
            self._next[kind] = turn + every
        return turn - now
