"""The one switch that ends launching, and remembers who threw it."""

from threading import Event


class Stop:
    """Thread-safe. *event* ends launching; *interrupted* ends waiting, too: a signal came.

    Who comes first counts, and is never taken back: a list that only grows needs no lock.
    """

    def __init__(self) -> None:
        self.event = Event()
        self.interrupted = Event()
        self._signals: list[tuple[int, str]] = []
        self._reasons: list[str] = []

    def request(self, reason: str, *, signal: int | None = None) -> None:
        """Launch nothing more, because of *reason* (words for the report)."""
        if signal is None:
            self._reasons.append(reason)
        else:
            self._signals.append((signal, reason))
            self.interrupted.set()
        self.event.set()

    @property
    def signal(self) -> int | None:
        """The first signal that came; None while none has."""
        return self._signals[0][0] if self._signals else None

    @property
    def reason(self) -> str | None:
        """Why nothing more is launched; None while it is. A person's word beats the others."""
        if self._signals:
            return self._signals[0][1]
        return self._reasons[0] if self._reasons else None

    def __bool__(self) -> bool:
        return self.event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep for *seconds* unless stopped; return whether it is stopped."""
        return self.event.wait(seconds)
