"""A bound on the whole of an answer: a read timeout alone lets a server drip for ever."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

_GLANCE: Final = 0.1  # how often an event is looked at that can't wake this thread


class Watch:
    """What one worker waits for. Its socket is shut down when the deadline passes."""

    def __init__(self, deadlines: "Deadlines") -> None:
        self._deadlines = deadlines
        self.connection: socket.socket | None = None
        self.stopping: threading.Event | None = None  # ends the wait early, when it is set
        self.expired = False

    def start(self, seconds: float) -> None:
        """Let the answer take *seconds* from now, whatever was allowed before."""
        self._deadlines.watch(self, seconds)

    def stop(self) -> None:
        self._deadlines.forget(self)


class Deadlines:
    """One thread that watches over every answer in flight."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._due: dict[Watch, float] = {}
        self._next = float("inf")
        self._thread: threading.Thread | None = None
        self._closed = False

    def watch(self, watch: Watch, seconds: float) -> None:
        due = self._clock() + seconds
        with self._changed:
            self._due[watch] = due
            if self._closed:
                _expire(watch)
            elif self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif due < self._next or watch.stopping is not None:
                self._changed.notify()

    def forget(self, watch: Watch) -> None:
        with self._changed:
            self._due.pop(watch, None)

    def close(self) -> None:
        """End every answer in flight now, and the thread."""
        with self._changed:
            self._closed = True
            for watch in self._due:
                _expire(watch)
            self._due.clear()
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                self._expire_due()
                self._changed.wait(self._seconds_to_sleep())

    def _expire_due(self) -> None:
        now = self._clock()
        over = [watch for watch, due in self._due.items() if due <= now or _is_stopped(watch)]
        for watch in over:
            _expire(watch)
            del self._due[watch]

    def _seconds_to_sleep(self) -> float | None:
        """Return the time to the next deadline; None, until somebody comes, without one."""
        self._next = min(self._due.values(), default=float("inf"))
        if self._next == float("inf"):
            return None
        seconds = max(self._next - self._clock(), 0)
        return min(seconds, _GLANCE) if any(watch.stopping for watch in self._due) else seconds


def _is_stopped(watch: Watch) -> bool:
    return watch.stopping is not None and watch.stopping.is_set()


def _expire(watch: Watch) -> None:
    watch.expired = True
    if watch.connection is not None:
        with suppress(OSError):  # the other side was quicker
            # Not SSLSocket's own: it would take the TLS layer away under a reader's hands.
            socket.socket.shutdown(watch.connection, socket.SHUT_RDWR)
