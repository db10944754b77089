"""Threads that are started as far as the system allows, and waited for so that signals come."""

from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Thread


def start(workers: Sequence[Thread]) -> int:
    """Start as many *workers* as the system allows; raise RuntimeError if it allows none."""
    for started, worker in enumerate(workers):
        try:
            worker.start()
        except RuntimeError:  # a limit on threads; fewer do the same work
            if not started:
                raise
            return started
    return len(workers)


def next_end(ended: "SimpleQueue[BaseException | None]") -> BaseException | None:
    """Wait for a worker's end; return what ended it early.

    A signal that comes just before the main thread falls asleep does not wake it, and is handled
    only when it wakes: so it never sleeps for long.
    """
    while True:
        try:
            return ended.get(timeout=0.2)
        except Empty:
            continue
