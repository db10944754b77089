"""Every line arrives, once and in order, and no thread waits for another's."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

from reconciler.lines import Lines, in_batches


def fail(error: OSError) -> None:
    raise AssertionError(error)


class Gate(io.StringIO):
    """A stream that takes nothing until it is opened; *reached* once somebody writes."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.opened = threading.Event(), threading.Event()
        self.writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        self.reached.set()
        self.opened.wait()
        return super().write(text)


class Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_thread_does_not_wait_for_anothers_line_which_is_written_all_the_same() -> None:
    stream = Gate()
    lines = Lines(stream, fail)
    slow = threading.Thread(target=lines.put, args=("first",))
    slow.start()
    stream.reached.wait()

    lines.put("second")  # would never return if it waited
    lines.put("third")

    stream.opened.set()
    slow.join()
    assert stream.getvalue() == "first\nsecond\nthird\n"
    assert stream.writes == 2


def test_many_threads_lose_no_line_and_keep_their_order() -> None:
    stream = io.StringIO()
    lines = Lines(stream, fail)

    def talk(who: int) -> None:
        for number in range(500):
            lines.put(f"{who} {number}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(talk, range(8)))

    told = [tuple(map(int, line.split())) for line in stream.getvalue().splitlines()]
    assert sorted(told) == [(who, number) for who in range(8) for number in range(500)]
    assert all(
        [number for who, number in told if who == each] == list(range(500)) for each in range(8)
    )


def test_lines_in_batches_are_written_together_and_all_at_the_end() -> None:
    stream = Gate()
    stream.opened.set()
    lines = Lines(stream, fail)

    with in_batches([lines]):
        for number in range(1000):
            lines.put(f"{number}")

    assert stream.getvalue().splitlines() == [f"{number}" for number in range(1000)]
    assert stream.writes < 100


def test_lines_in_batches_come_soon_without_any_others() -> None:
    stream = Gate()
    lines = Lines(stream, fail)

    with in_batches([lines]):
        lines.put("alone")
        stream.reached.wait()
        stream.opened.set()

    assert stream.getvalue() == "alone\n"


def test_lines_are_written_at_once_again_after_a_batch() -> None:
    stream = io.StringIO()
    lines = Lines(stream, fail)
    with in_batches([lines]):
        pass

    lines.put("now")

    assert stream.getvalue() == "now\n"


def test_a_stream_that_takes_nothing_is_told_of_and_stops_nobody() -> None:
    missed: list[OSError] = []
    lines = Lines(Full(), missed.append)

    lines.put("lost")
    with in_batches([lines]):
        lines.put("lost, too")

    assert [error.errno for error in missed] == [28, 28]
