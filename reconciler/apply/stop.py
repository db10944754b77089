"""The one switch that ends launching, and remembers who threw it."""

from threading import Event, Lock


class Stop:
    """Thread-safe. *event* ends launching; *interrupted* ends waiting, too: a signal came."""

    def __init__(self) -> None:
        self.event = Event()
        self.interrupted = Event()
        self.reason: str | None = None
        self.signal: int | None = None
        self._lock = Lock()  # around reason and signal: workers and the main thread ask at once

    def request(self, reason: str, *, signal: int | None = None) -> None:
        """Launch nothing more, because of *reason* (words for the report)."""
        with self._lock:
            if signal is not None and self.signal is None:
                self.signal, self.reason = signal, reason  # a person's word beats the others
                self.interrupted.set()
            elif self.reason is None:
                self.reason = reason
            self.event.set()

    def __bool__(self) -> bool:
        return self.event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep for *seconds* unless stopped; return whether it is stopped."""
        return self.event.wait(seconds)
