"""What many threads bring and one of them hands on, while none waits for another."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Final, Generic, TypeVar

_MOMENT: Final = 0.05  # seconds that an item may wait for company

T = TypeVar("T")


class Outbox(Generic[T]):
    """Calls *send* with items in their order: of the threads that come with one, the first sends
    what the others bring meanwhile, and they go on."""

    def __init__(self, send: Callable[[list[T]], None]) -> None:
        self._send = send
        self._waiting: deque[T] = deque()
        self._sending = Lock()
        self._batched = False  # another thread sends, in a moment

    def put(self, item: T) -> None:
        """Send *item*, or see to it that it is sent."""
        self._waiting.append(item)
        if not self._batched:
            self.flush()

    def flush(self) -> None:
        """Send what there is, unless another thread is at it."""
        # Looked at again after each release: one may have come while nobody else could send.
        while self._waiting and self._sending.acquire(blocking=False):
            try:
                self._send([self._waiting.popleft() for _ in range(len(self._waiting))])
            finally:
                self._sending.release()

    @contextmanager
    def in_batches(self) -> Iterator[None]:
        """Let items wait a moment for each other, until the context ends; raise then what *send*
        raised meanwhile.

        A batch takes a fraction of the time that its items would take one by one. And whoever
        writes to a file lets go of the interpreter's lock: while many threads create, a write for
        every line makes them hand it around more than work.
        """
        over, failures = Event(), list[BaseException]()
        sender = Thread(
            target=self._now_and_then, args=(over, failures), name="outbox", daemon=True
        )
        self._batched = True
        sender.start()
        try:
            yield
        finally:
            over.set()
            sender.join()
            self._batched = False
            self.flush()
        if failures:
            raise failures[0]

    def _now_and_then(self, over: Event, failures: list[BaseException]) -> None:
        try:
            while not over.wait(_MOMENT):
                self.flush()
        except BaseException as failure:  # handed to the thread that waits for the end
            failures.append(failure)
