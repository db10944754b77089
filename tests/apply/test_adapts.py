"""The rate adapts to the real sandbox's limit: little is refused, and little of it is wasted."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import pytest

from tests.command import Completed, project
from tests.sandbox.server import running

LIMIT = 20  # requests a second
CREATES = 180
SETTLING = 3.0  # seconds in which the limit is found

MANIFEST = "version: 1\ninstances:\n" + "".join(
    f"  number-{index:03}: {{incomingWebhook: yes}}\n" for index in range(CREATES)
)
Sent = tuple[float, bool]  # when, in seconds of the run, and whether it was refused


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Completed:
    """An apply without a rate of its own."""
    with running("--limit", str(LIMIT)) as sandbox:
        place = project(tmp_path_factory.mktemp("limited"), MANIFEST, env=sandbox.env)
        done = place.run("apply", "--yes", "--rate", "0", "--max-creates", str(CREATES))
        billed = sandbox.bill()["creates"]
    assert done.code == 0, done.err
    assert Counter(billed.values()) == {1: CREATES}
    return done


@pytest.fixture(scope="module")
def steady(run: Completed) -> list[Sent]:
    """What was sent after the first seconds, until there was too little left to send."""
    everything = sent(run.events)
    last = max(moment for moment, _ in everything)
    return [(at, refused) for at, refused in everything if SETTLING <= at <= last - 0.5]


def sent(events: Sequence[dict[str, Any]]) -> list[Sent]:
    """Return when requests were sent; of one entry, all but the last were refused."""
    start = _time(events[0])
    announced = [event for event in events if event["event"] == "create_announced"]
    announced.sort(key=itemgetter("key"))
    return [
        (_time(event) - start, event is not tries[-1])
        for _, each in groupby(announced, key=itemgetter("key"))
        for tries in [list(each)]
        for event in tries
    ]


def _time(event: dict[str, Any]) -> float:
    return datetime.fromisoformat(event["timestamp"]).timestamp()


def test_the_limit_is_noticed(run: Completed) -> None:
    assert any(event["event"] == "rate_adapted" for event in run.events)


def test_after_the_first_seconds_little_is_refused(steady: list[Sent]) -> None:
    refused = sum(refused for _, refused in steady)

    assert len(steady) > 5 * LIMIT * 0.5
    assert refused <= 0.05 * len(steady)


def test_the_limit_is_used(steady: list[Sent]) -> None:
    accepted = [at for at, refused in steady if not refused]

    assert len(accepted) >= 0.5 * LIMIT * (max(accepted) - min(accepted))
