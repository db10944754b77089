"""Listings that lie, names that change, a service that refuses: the real command against each."""

from pathlib import Path
from typing import Any, Final

import pytest

from tests.command import Completed, Project, project
from tests.exactly_once.processes import (
    assert_nothing_to_do,
    assert_record_is_bill,
    manifest,
    numbered,
    pending,
)
from tests.nightly import NIGHTLY
from tests.sandbox.server import Sandbox

KEYS: Final = ("support-eu", "sales-uk", "office")
LOST: Final = {"on": "create", "name": "sales-uk", "do": "close"}
APPLY: Final = ("apply", "--yes", "--rate", "0", "--concurrency", "1")


@pytest.fixture
def place(tmp_path: Path, sandbox: Sandbox) -> Project:
    """Three entries, nothing recorded, an account without instances."""
    return project(tmp_path / "place", manifest(KEYS), env=sandbox.env)


# The faults, how the run under them ends, how many were bought by it, and how the next one ends.
RUNS: Final[dict[str, tuple[list[dict[str, Any]], int, int]]] = {
    "the first listing fails once": ([{"on": "list", "do": "status", "status": 503}], 0, 3),
    "the listing is cut once": ([{"on": "list", "do": "cut"}], 0, 3),
    "the listing fails while it is asked for a lost create": (
        [LOST, {"on": "list", "nth": 2, "do": "close"}],
        0,
        3,
    ),
    "the listing goes away after the creates": (
        [
            LOST,
            {"on": "list", "nth": 1, "seconds": 0},
            {"on": "list", "do": "garbage", "times": "always"},
        ],
        6,
        3,
    ),
    "listings have no tokens": (
        [LOST, {"on": "list", "do": "no-token", "times": "always"}],
        0,
        3,
    ),
    "429 with a long Retry-After": (
        [{"on": "create", "do": "status", "status": 429, "retryAfter": 600}],
        5,
        0,
    ),
    "the token is refused at the first look": ([{"on": "list", "do": "refuse"}], 10, 0),
    "the token is refused by the second create": (
        [{"on": "create", "nth": 2, "do": "code", "code": 401}],
        10,
        1,
    ),
    "the token is refused while a lost create is asked for": (
        [LOST, {"on": "list", "nth": 2, "do": "code", "code": 403}],
        10,
        3,
    ),
}


SLOW: Final[dict[str, tuple[list[dict[str, Any]], int, int]]] = {
    "the listing never comes": ([{"on": "list", "do": "null", "times": "always"}], 5, 0),
    "every other create is throttled": (
        [{"on": "create", "do": "status", "status": 429, "every": 2}],
        0,
        3,
    ),
}


@pytest.mark.parametrize(
    ("rules", "code", "bought"),
    [*RUNS.values(), *(pytest.param(*run, marks=NIGHTLY) for run in SLOW.values())],
    ids=[*RUNS, *SLOW],
)
def test_the_run_after_it_finishes_the_work(
    place: Project, sandbox: Sandbox, rules: list[dict[str, Any]], code: int, bought: int
) -> None:
    sandbox.faults(*rules)

    hurt = place.run(*APPLY, "--settle", "1")

    assert hurt.code == code, hurt
    assert sandbox.bill()["total"] == bought
    sandbox.faults()
    finished = place.run(*APPLY, "--settle", "5", "--settled-after", "0")
    assert finished.code == 0, finished
    assert_record_is_bill(place, sandbox, KEYS)
    assert_nothing_to_do(place, sandbox)


def test_what_is_listed_too_late_for_its_run_is_recovered_by_the_next(
    place: Project, sandbox: Sandbox
) -> None:
    sandbox.faults({**LOST, "lagSeconds": 1.5})

    hurt = place.run(*APPLY, "--settle", "0")
    finished = place.run(*APPLY)

    assert (hurt.code, finished.code) == (6, 0)
    assert_record_is_bill(place, sandbox, KEYS)


@NIGHTLY
@pytest.mark.parametrize(("count", "seconds"), [(1, 20), (200, 45)], ids=["one", "many"])
def test_an_api_that_only_throttles_is_left_alone_soon(
    place: Project, sandbox: Sandbox, count: int, seconds: float
) -> None:
    place.write(manifest(numbered(count)))
    sandbox.faults({"on": "create", "do": "status", "status": 429, "times": "always"})

    left = place.run(*APPLY, "--concurrency", "32", "--max-creates", "200", "-o", "json")

    assert left.code == 5, left
    assert left.json["counts"]["not_sent"] == count
    assert left.json["seconds"] < seconds
    assert sandbox.bill()["total"] == 0


def test_hundreds_of_deleted_namesakes_are_no_conflict(place: Project, sandbox: Sandbox) -> None:
    for key in KEYS:
        sandbox.create_by_hand(key, count=200, deleted=True)
    sandbox.faults(LOST)

    done = place.run(*APPLY)

    assert done.code == 0, done
    assert len(place.recorded) == sandbox.bill()["total"] == 3
    assert_nothing_to_do(place, sandbox)


CHANGED: Final[dict[str, dict[str, Any]]] = {
    "renamed in the console": {"newName": "Sales UK (main)"},
    "cut by the server": {"cutName": 5},
    "carried by two": {"twin": True},
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_where_it_is_unclear_a_person_decides_and_the_others_go_on(
    place: Project, sandbox: Sandbox, change: dict[str, Any]
) -> None:
    sandbox.faults({**LOST, **change})

    unclear = place.run(*APPLY, "--settle", "0")

    assert unclear.code == 6, unclear
    assert set(place.recorded) == {"support-eu", "office"}
    ours = next(row for row in sandbox.instances() if row["sentName"] == "sales-uk")
    assert f"{ours['idInstance']}" in unclear.out
    assert "reconciler resolve sales-uk --id " in unclear.out
    still = place.run(*APPLY, "--settle", "0", "--settled-after", "0")
    assert still.code == 6, still  # however old: somebody has to look
    assert resolved(place, "sales-uk", "--id", ours["idInstance"]).code == 0
    assert_nothing_to_do(place, sandbox)
    assert sandbox.bill()["total"] == 3
    assert place.recorded["sales-uk"]["apiTokenInstance"] == ours["apiTokenInstance"]


def test_a_person_may_say_that_nothing_was_created(place: Project, sandbox: Sandbox) -> None:
    sandbox.faults({**LOST, "when": "before"})
    assert place.run(*APPLY, "--settle", "0").code == 6
    assert set(pending(place)) == {"sales-uk"}

    assert resolved(place, "sales-uk", "--not-created").code == 0

    assert place.run(*APPLY).code == 0
    assert_record_is_bill(place, sandbox, KEYS)


def resolved(place: Project, *answer: object) -> Completed:
    return place.run("resolve", *map(str, answer))
