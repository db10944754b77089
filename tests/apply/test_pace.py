"""The rate that all workers share, in simulated time."""

from collections import deque
from itertools import pairwise
from queue import Queue
from threading import Thread
from time import monotonic

import pytest

from reconciler.apply.pace import Pace
from reconciler.apply.stop import Stop


class Time(Stop):
    """A clock that a wait moves forward, so that a minute takes no time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return bool(self)


def launches(pace: Pace, time: Time, until: float) -> list[float]:
    turns = []
    while time.now < until:
        turn = pace.acquire(time)
        assert turn is not None
        turns.append(turn)
        pace.accepted()
    return turns


def test_the_rate_is_kept_from_the_first_request_on() -> None:
    time = Time()
    pace = Pace(10, monotonic=lambda: time.now)

    turns = launches(pace, time, 102)

    assert len(turns) in {21, 22}  # the waits add up with rounding
    assert {round(b - a, 6) for a, b in pairwise(turns)} == {0.1}


def test_timers_that_are_late_do_not_lower_the_rate() -> None:
    class Late(Time):
        def wait(self, seconds: float) -> bool:
            return super().wait(seconds + 0.02)

    time = Late()
    pace = Pace(10, monotonic=lambda: time.now)

    assert len(launches(pace, time, 110)) in range(99, 103)


def test_nobody_has_a_turn_after_the_stop() -> None:
    time = Time()
    time.request("enough")

    assert Pace(0, monotonic=lambda: time.now).acquire(time) is None


def test_no_rate_means_no_waiting() -> None:
    time = Time()
    pace = Pace(0, monotonic=lambda: time.now)

    assert [pace.acquire(time) for _ in range(3)] == [100.0] * 3


def test_a_stop_ends_the_waiting() -> None:
    time = Time()
    pace = Pace(1, monotonic=lambda: time.now)
    pace.acquire(time)
    time.request("enough")

    assert pace.acquire(time) is None


def test_everybody_waits_for_retry_after() -> None:
    time = Time()
    pace = Pace(10, monotonic=lambda: time.now)
    launched = pace.acquire(time)
    assert launched is not None

    pace.refused(launched, 5.0)

    assert pace.acquire(time) == pytest.approx(105, abs=1e-6)


def test_refusals_of_one_burst_lower_the_rate_once() -> None:
    time = Time()
    pace = Pace(100, monotonic=lambda: time.now)
    burst = [pace.acquire(time) or 0.0 for _ in range(8)]

    lowered = [pace.refused(launched, None) for launched in burst]

    assert lowered == [True] + [False] * 7
    assert pace.rate < 100


def test_a_lowered_rate_climbs_back_to_the_chosen_one() -> None:
    time = Time()
    pace = Pace(20, monotonic=lambda: time.now)
    launched = pace.acquire(time)
    assert launched is not None
    pace.refused(launched, None)
    low = pace.rate

    launches(pace, time, 300)

    assert low < 20
    assert pace.rate == 20


@pytest.mark.parametrize("limit", [5, 20, 50])
@pytest.mark.parametrize("rate", [0.0, 100.0])
def test_a_limit_of_the_api_is_found_and_used(limit: int, rate: float) -> None:
    """At most 5 % refusals after the first seconds, and at least 85 % of the limit used."""
    time = Time()
    pace = Pace(rate, monotonic=lambda: time.now)
    served: deque[float] = deque()
    taken, refused = [], []
    while time.now < 160:
        launched = pace.acquire(time)
        assert launched is not None
        while served and served[0] <= time.now - 1:
            served.popleft()
        if len(served) < limit:
            served.append(time.now)
            taken.append(time.now)
            pace.accepted()
        else:
            refused.append(time.now)
            pace.refused(launched, None)
        time.now += 0.001

    late = [moment for moment in taken if moment > 105]
    refused_late = [moment for moment in refused if moment > 105]
    assert len(refused_late) <= 0.05 * len(late)
    assert len(late) >= 0.85 * limit * 55


class FastTime(Stop):
    """Real time, fifty times as fast."""

    def now(self) -> float:
        return monotonic() * 50

    def wait(self, seconds: float) -> bool:
        return super().wait(seconds / 50)


def test_where_all_is_refused_no_turn_is_lost_to_workers_that_queued_before() -> None:
    time, turns = FastTime(), Queue[float]()
    pace = Pace(2, monotonic=time.now)

    def work() -> None:
        while (turn := pace.acquire(time)) is not None:
            time.wait(0.1)  # for the answer
            pace.refused(turn, None)
            turns.put(time.now())

    workers = [Thread(target=work) for _ in range(20)]
    for worker in workers:
        worker.start()
    came = [turns.get() for _ in range(8)]
    time.request("enough")
    for worker in workers:
        worker.join()

    assert came[-1] - came[0] < 60  # 14 are right, and 115 came of lost turns
