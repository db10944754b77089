"""What takes its time is looked at until that is over, or a signal comes."""

from itertools import islice, repeat

from reconciler.apply.looks import longer_and_longer, looks
from tests.exactly_once.world import SimulatedStop, Time


def seen(seconds: float, pause: float) -> list[tuple[float, bool]]:
    """Return when a look was due, and whether it was the last."""
    time = Time()
    due = looks(time.monotonic, SimulatedStop(time).interrupted, repeat(pause), seconds=seconds)
    return [(time.passed, last) for last in islice(due, 20)]


def test_the_last_look_comes_when_the_time_is_over() -> None:
    assert seen(25, 10) == [(0, False), (10, False), (20, False), (25, True)]


def test_without_any_time_there_is_one_look() -> None:
    assert seen(0, 10) == [(0, True)]
    assert seen(-5, 10) == [(0, True)]


def test_a_look_that_takes_long_is_followed_by_the_last() -> None:
    time = Time()
    due = looks(time.monotonic, SimulatedStop(time).interrupted, repeat(10), seconds=25)

    for _ in islice(due, 2):
        time.passed += 30

    assert next(due, None) is None
    assert time.passed == 60


def test_a_signal_leaves_out_the_looks_that_are_left() -> None:
    time = Time()
    stop = SimulatedStop(time)
    due = looks(time.monotonic, stop.interrupted, repeat(10), seconds=25)

    assert next(due) is False
    stop.request("stopped by SIGINT", signal=2)

    assert next(due, None) is None
    assert next(looks(time.monotonic, stop.interrupted, repeat(10), seconds=25), None) is None


def test_pauses_grow_up_to_ten_seconds() -> None:
    pauses = list(islice(longer_and_longer(), 8))

    assert pauses[:3] == [0.5, 0.85, 0.85 * 1.7]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 10
