"""What the endpoints share: latency, the count of creates in flight, the end of it all."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.sandbox.server import Sandbox


def test_the_bill_tells_how_many_creates_were_in_flight_at_once(sandbox: Sandbox) -> None:
    sandbox.reset(latency=0.2)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: sandbox.create(name=str(n)), range(8)))

    assert sandbox.bill()["peak"] == 4


def test_latency_is_for_creates(sandbox: Sandbox) -> None:
    sandbox.reset(latency=0.2)
    began = time.monotonic()

    sandbox.create(name="a")

    assert time.monotonic() - began >= 0.2
    assert len(sandbox.listing()) == 1


@pytest.mark.parametrize("waits", ["latency", "fault"])
def test_what_still_waits_at_the_end_is_answered(
    start_sandbox: Callable[..., Sandbox], waits: str
) -> None:
    sandbox = start_sandbox(*(["--latency", "3600"] if waits == "latency" else []))
    sandbox.faults({"on": "create", "seconds": 3600})
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sandbox.create, name="a")
        _until(lambda: sandbox.bill()["total"] == 1)  # made when asked for, not when answered

        sandbox.process.terminate()

        assert waiting.result(timeout=30).status == 200
        assert sandbox.process.wait(timeout=30) == 0


def test_a_request_of_before_a_reset_does_not_count_after_it(sandbox: Sandbox) -> None:
    sandbox.reset(latency=0.3)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(sandbox.create, name="a")
        _until(lambda: sandbox.bill()["total"] == 1)
        sandbox.reset()
        waiting.result(timeout=30)

    sandbox.create(name="b")

    bill = sandbox.bill()
    assert (bill["creates"], bill["peak"]) == ({"b": 1}, 1)


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
