"""The real command and a real `kill -9`: the account is billed once for each name."""

import random
import signal
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import pytest

from tests.command import Project, project
from tests.exactly_once.processes import (
    assert_nothing_to_do,
    assert_record_is_bill,
    dice,
    manifest,
    numbered,
    pending,
    until_in_flight,
)
from tests.nightly import BY_NIGHT, cases
from tests.sandbox.server import Sandbox
from tests.warm import Piped

KILLS: Final = 50 if BY_NIGHT else 10
ENTRIES: Final = 1000 if BY_NIGHT else 300
APPLY: Final = ("apply", "--yes", "--concurrency", "32", "--rate", "0", "--max-creates", "1000")
FINISH: Final = ("--settle", "5", "--settled-after", "0")


def test_kills_of_an_apply_of_many_entries_cost_nothing_twice(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    keys, chance = numbered(ENTRIES), dice()
    place = project(tmp_path / "place", manifest(keys), env=sandbox.env)
    sandbox.faults({"on": "create", "seconds": 0.02, "times": "always"})

    killed = [_killed_at_random(place, chance) for _ in range(KILLS)]
    finished = place.run(*APPLY, *FINISH)

    assert finished.code == 0, finished
    assert killed.count(-signal.SIGKILL) > KILLS / 2
    assert_record_is_bill(place, sandbox, keys)
    assert_nothing_to_do(place, sandbox)


def test_an_apply_of_200_entries_that_was_killed_is_resumed(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    keys = numbered(200)
    place = project(tmp_path / "place", manifest(keys), env=sandbox.env)

    with place.start("apply", "--yes", "--max-creates", "200", "--rate", "0") as run:
        _read_until(run, "instance_created", 100)
        run.kill()
    resumed = place.run("apply", "--yes", "--max-creates", "200", "--rate", "0", *FINISH)

    assert run.returncode == -signal.SIGKILL
    assert resumed.code == 0, resumed
    assert_record_is_bill(place, sandbox, keys)
    assert_nothing_to_do(place, sandbox)


SIGNALS: Final = cases(
    {
        f"{number.name}-{concurrency}": (number, concurrency)
        for number in (signal.SIGINT, signal.SIGTERM)
        for concurrency in (1, 32)
    },
    by_day=("SIGINT-32", "SIGTERM-1"),
)


@pytest.mark.parametrize(("number", "concurrency"), SIGNALS)
def test_one_signal_waits_for_what_is_in_flight(
    tmp_path: Path, sandbox: Sandbox, number: signal.Signals, concurrency: int
) -> None:
    keys = numbered(80)
    place = project(tmp_path / "place", manifest(keys), env=sandbox.env)
    sandbox.faults({"on": "create", "seconds": 0.5, "times": "always"})

    with place.start("apply", "--yes", "--rate", "0", "--concurrency", f"{concurrency}") as run:
        until_in_flight(sandbox, concurrency)
        run.send_signal(number)
        _, narrated = run.communicate(timeout=30)

    assert run.returncode == 128 + number
    assert f"{number.name}: launching nothing more" in narrated
    assert pending(place) == {}
    assert set(place.recorded) == set(sandbox.bill()["creates"])
    assert concurrency <= len(place.recorded) < len(keys)
    sandbox.faults()
    assert place.run("apply", "--yes", "--rate", "0").code == 0
    assert_record_is_bill(place, sandbox, keys)


@pytest.mark.parametrize(("number", "concurrency"), SIGNALS)
def test_two_signals_leave_at_once_and_the_next_run_recovers_what_was_in_flight(
    tmp_path: Path, sandbox: Sandbox, number: signal.Signals, concurrency: int
) -> None:
    keys = numbered(32)
    place = project(tmp_path / "place", manifest(keys), env=sandbox.env)
    sandbox.faults({"on": "create", "do": "hang", "times": "always"})

    with place.start("apply", "--yes", "--rate", "0", "--concurrency", f"{concurrency}") as run:
        until_in_flight(sandbox, concurrency)
        run.send_signal(number)
        _read_until(run, "launching nothing more")
        run.send_signal(number)
        run.communicate(timeout=30)

    assert run.returncode == 128 + number
    left = pending(place)
    assert len(left) == concurrency
    assert all("exposedUntil" in each for each in left.values())
    assert not place.state.with_name(f"{place.state.name}.journal").exists()
    sandbox.faults()
    assert place.run("apply", "--yes", "--rate", "0", *FINISH).code == 0
    assert_record_is_bill(place, sandbox, keys)


def _killed_at_random(place: Project, chance: random.Random) -> int:
    """Start an apply and kill it: now and then while it starts, else within a few creates."""
    with place.start(*APPLY, "--settle", "0", "--log-format", "json") as run:
        lines = chance.choice([0, 1, 2]) if chance.random() < 0.2 else 3 + chance.randrange(30)
        for _ in islice(_lines(run), lines):
            pass
        run.kill()
    return run.wait()


def _read_until(run: Piped, word: str, times: int = 1) -> None:
    """Read what *run* says on stderr until *word* came so many *times*."""
    for line in _lines(run):
        times -= word in line
        if not times:
            return
    raise AssertionError(f"it ended before it said {word}")


def _lines(run: Piped) -> Iterator[str]:
    return iter(run.stderr.readline, "")
