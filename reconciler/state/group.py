"""Group commit: whoever comes while one thread commits is committed together, next."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from reconciler.errors import StateError

T = TypeVar("T")


class Group(Generic[T]):
    """Calls *commit* with everything that threads have submitted since it was called last.

    One thread at a time leads: it commits for all who wait, itself included, and hands over to
    one of those who came meanwhile. So nobody waits for more than two commits.
    """

    def __init__(self, commit: Callable[[list[T]], None]) -> None:
        self._commit = commit
        self._mutex = Lock()
        self._waiting: list[_Entry[T]] = []
        self._led = False

    def submit(self, item: T) -> None:
        """Return when a commit with *item* in it has; raise what it raised.

        An interrupt (KeyboardInterrupt, SystemExit) is raised in the thread that it hit; the others
        that it concerns get StateError.
        """
        entry = _Entry(item)
        with self._mutex:
            self._waiting.append(entry)
            leads, self._led = not self._led, True
        if not leads:
            self._wait(entry)
        if not entry.done:
            self._lead(entry)
        if entry.error is not None:
            raise entry.error

    def _wait(self, entry: "_Entry[T]") -> None:
        try:
            entry.woken.wait()
        except BaseException:  # a signal; those behind must not wait for one who left
            with self._mutex:
                entry.left = True
                if entry.woken.is_set() and not entry.done:
                    self._hand_over()
            raise

    def _lead(self, own: "_Entry[T]") -> None:
        with self._mutex:
            batch, self._waiting = self._waiting, []
        error: BaseException | None = None
        try:
            self._commit([entry.item for entry in batch])
        except BaseException as raised:  # handed to every thread that waits for it
            error = raised
        interrupted = error is not None and not isinstance(error, Exception)
        shared = StateError("writing the state was interrupted") if interrupted else error
        with self._mutex:
            for entry in batch:
                entry.done, entry.error = True, shared
            own.error = error
            self._hand_over()
        for entry in batch:
            entry.woken.set()

    def _hand_over(self) -> None:
        following = next((entry for entry in self._waiting if not entry.left), None)
        if following is None:
            self._led = False
        else:
            following.woken.set()


class _Entry(Generic[T]):
    """One thread's item. Woken before it is done, the thread is to lead."""

    __slots__ = ("done", "error", "item", "left", "woken")

    def __init__(self, item: T) -> None:
        self.item = item
        self.woken = _Bell()
        self.done = False
        self.left = False
        self.error: BaseException | None = None


class _Bell:
    """An event for one thread to wait for and one at a time to set: a tenth of the price of
    `threading.Event`, of which every record would need one."""

    __slots__ = ("_lock", "_rung")

    def __init__(self) -> None:
        self._lock = Lock()
        self._lock.acquire()
        self._rung = False

    def wait(self) -> None:
        self._lock.acquire()  # never given back: one waits, once

    def is_set(self) -> bool:
        return self._rung

    def set(self) -> None:
        if not self._rung:
            self._rung = True
            self._lock.release()
