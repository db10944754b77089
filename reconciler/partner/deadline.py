"""A bound on the whole of an answer: a read timeout alone lets a server drip for ever."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress


class Watch:
    """What one worker waits for. Its socket is shut down when the deadline passes."""

    def __init__(self, deadlines: "Deadlines") -> None:
        self._deadlines = deadlines
        self.connection: socket.socket | None = None
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
            elif due < self._next:
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
                now = self._clock()
                for watch in [watch for watch, due in self._due.items() if due <= now]:
                    _expire(watch)
                    del self._due[watch]
                self._next = min(self._due.values(), default=float("inf"))
                # With nothing to watch it sleeps until somebody comes.
                wait = None if self._next == float("inf") else self._next - now
                self._changed.wait(wait)


def _expire(watch: Watch) -> None:
    watch.expired = True
    if watch.connection is not None:
        with suppress(OSError):  # the other side was quicker
            # Not SSLSocket's own: it would take the TLS layer away under a reader's hands.
            socket.socket.shutdown(watch.connection, socket.SHUT_RDWR)
