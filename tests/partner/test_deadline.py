"""A connection is shut down when its answer is overdue, and only then."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from reconciler.partner.deadline import Deadlines, Watch


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def looked() -> threading.Event:
    """Is set when the watching thread has looked around; then it sleeps or is about to."""
    return threading.Event()


@pytest.fixture
def deadlines(closing: ExitStack, looked: threading.Event) -> Deadlines:
    def clock() -> float:
        if threading.current_thread().name == "deadlines":
            looked.set()
        return time.monotonic()

    deadlines = Deadlines(clock=clock)
    closing.callback(deadlines.close)
    return deadlines


def watched(deadlines: Deadlines, closing: ExitStack) -> tuple[Watch, socket.socket]:
    """A watch over one end of a connection whose other end says nothing."""
    near, far = socket.socketpair()
    closing.enter_context(near)
    closing.enter_context(far)
    watch = Watch(deadlines)
    watch.connection = near
    return watch, near


def test_an_overdue_reader_reads_the_end(deadlines: Deadlines, closing: ExitStack) -> None:
    watch, near = watched(deadlines, closing)

    watch.start(0.05)

    assert near.recv(1) == b""
    assert watch.expired


def test_the_nearest_deadline_comes_first_whenever_it_is_set(
    deadlines: Deadlines, closing: ExitStack, looked: threading.Event
) -> None:
    late, _ = watched(deadlines, closing)
    early, near = watched(deadlines, closing)

    late.start(60)
    looked.wait()
    early.start(0.05)

    assert near.recv(1) == b""
    assert (late.expired, early.expired) == (False, True)


def test_an_answer_that_came_is_left_alone(deadlines: Deadlines, closing: ExitStack) -> None:
    done, _ = watched(deadlines, closing)
    other, near = watched(deadlines, closing)
    done.start(0.05)
    done.stop()
    other.start(0.1)

    near.recv(1)

    assert not done.expired


def test_a_new_start_replaces_the_old_deadline(deadlines: Deadlines, closing: ExitStack) -> None:
    renewed, _ = watched(deadlines, closing)
    other, near = watched(deadlines, closing)
    renewed.start(0.05)
    renewed.start(60)
    other.start(0.1)

    near.recv(1)

    assert not renewed.expired


def test_a_stop_is_noticed_long_before_any_deadline(
    deadlines: Deadlines, closing: ExitStack, looked: threading.Event
) -> None:
    other, _ = watched(deadlines, closing)
    other.start(30)
    looked.wait()
    watch, near = watched(deadlines, closing)
    watch.stopping = threading.Event()
    watch.start(60)

    watch.stopping.set()

    assert near.recv(1) == b""


def test_closing_ends_every_answer_and_the_thread(closing: ExitStack) -> None:
    deadlines = Deadlines()
    watch, near = watched(deadlines, closing)
    late, late_end = watched(deadlines, closing)
    before = threading.active_count()
    watch.start(60)

    deadlines.close()
    late.start(60)

    assert near.recv(1) == b""
    assert late_end.recv(1) == b""
    assert threading.active_count() == before


def test_a_connection_that_is_gone_already_does_no_harm(
    deadlines: Deadlines, closing: ExitStack
) -> None:
    gone, near = watched(deadlines, closing)
    near.close()
    other, other_end = watched(deadlines, closing)

    gone.start(0.01)
    other.start(0.05)

    assert other_end.recv(1) == b""
