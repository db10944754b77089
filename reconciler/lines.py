"""Lines on their way to a stream, from many threads, none of which waits for another's."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Final, TextIO

_MOMENT: Final = 0.05  # seconds that a line may wait for company


class Lines:
    """Writes lines to *stream*, in their order: of the threads that come with one, the first
    writes what the others bring meanwhile, and they go on. *miss* is told of what can't be written.
    """

    def __init__(self, stream: TextIO, miss: Callable[[OSError], None]) -> None:
        self._stream, self._miss = stream, miss
        self._waiting: deque[str] = deque()
        self._writing = Lock()
        self.batched = False  # another thread writes, in a moment

    def put(self, line: str) -> None:
        """Write *line*, which has no line feed yet; or see to it that it is written."""
        self._waiting.append(line + "\n")
        if not self.batched:
            self.flush()

    def flush(self) -> None:
        """Write what there is, unless another thread is at it."""
        # Looked at again after each release: a line may have come while nobody else could write.
        while self._waiting and self._writing.acquire(blocking=False):
            try:
                self._write()
            except OSError as error:
                self._miss(error)
            finally:
                self._writing.release()

    def _write(self) -> None:
        lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
        self._stream.write("".join(lines))
        self._stream.flush()


@contextmanager
def in_batches(outlets: Sequence[Lines]) -> Iterator[None]:
    """Let the lines of *outlets* wait a moment for each other, until the context ends.

    Whoever writes lets go of the interpreter's lock. While many threads create, a write for every
    line makes them hand it around more than work.
    """
    over = Event()
    writer = Thread(target=_now_and_then, args=(outlets, over), name="lines", daemon=True)
    for outlet in outlets:
        outlet.batched = True
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()
        for outlet in outlets:
            outlet.batched = False
            outlet.flush()


def _now_and_then(outlets: Sequence[Lines], over: Event) -> None:
    while not over.wait(_MOMENT):
        for outlet in outlets:
            outlet.flush()
