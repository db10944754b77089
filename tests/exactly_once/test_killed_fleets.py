"""The real command and a real `kill -9` while it sets and deletes: the next runs finish, nothing
outside of the plan is touched, and nothing is restarted twice."""

import json
import signal
import subprocess
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

import pytest

from tests.command import Project, project
from tests.exactly_once.processes import dice, manifest, numbered
from tests.nightly import BY_NIGHT
from tests.sandbox.server import Sandbox

KILLS: Final = 40 if BY_NIGHT else 3
WANTED: Final = numbered(60 if BY_NIGHT else 6)
DOOMED: Final = [f"doomed-{number:02}" for number in range(12 if BY_NIGHT else 2)]
APPLY: Final = ("apply", "--yes", "--rate", "0", "--concurrency", "4", "--log-format", "json")
UPDATE: Final = (*APPLY, "--update", "--canary", "1" if BY_NIGHT else "0", "--batch", "6")
PRUNE: Final = (*APPLY, "--prune", "--max-deletes", "12", "--even-linked", "--settle", "5")
LONG_AGO: Final = "2026-11-01T00:00:00Z"


@pytest.fixture
def place(tmp_path: Path, sandbox: Sandbox) -> Project:
    """Instances that are recorded; to every second one a phone is linked."""
    made = project(tmp_path / "place", manifest([*WANTED, *DOOMED]), env=sandbox.env)
    assert made.run(*APPLY).code == 0
    for row in made.recorded.values():
        if row["idInstance"] % 2:
            sandbox.link(row["idInstance"])
    return made


def test_kills_of_an_update_leave_no_instance_unset_and_restart_none_twice(
    place: Project, sandbox: Sandbox
) -> None:
    place.write(manifest([*WANTED, *DOOMED]).replace("yes", "no", len(WANTED)))
    slow = {"on": "set-settings", "seconds": 0.2, "times": "always"}
    lost = {"on": "set-settings", "every": 5, "do": "close", "when": "after", "times": "always"}
    sandbox.faults(lost, slow)

    codes = []
    for moment in _moments():
        codes.append(_killed(place, UPDATE, *moment))
        _let_ten_minutes_pass(place)
    sandbox.faults()
    finished = place.run(*UPDATE, timeout=600)

    assert codes.count(-signal.SIGKILL) >= KILLS / 4, codes
    assert finished.code == 0, finished
    for row in sandbox.instances():
        wanted = {"incomingWebhook": "no" if row["name"] in WANTED else "yes"}
        assert row["parameters"].items() >= wanted.items(), row
        assert place.recorded[row["name"]]["parameters"] == wanted
        assert row["reboots"] == (row["name"] in WANTED), row
    assert place.run("plan", "--live", "--update", "--detailed-exitcode").code == 0


def test_kills_of_a_prune_delete_all_that_is_not_wanted_and_touch_nothing_else(
    place: Project, sandbox: Sandbox
) -> None:
    place.write(manifest(WANTED))
    linked = {row["name"] for row in sandbox.instances() if row["phone"]}
    lost = [
        {"on": on, "every": 3, "do": "close", "when": when, "times": "always"}
        for on in ("logout", "delete")
        for when in ("after", "before")
    ]
    sandbox.faults(*lost)

    codes = [_killed(place, PRUNE, *moment) for moment in _moments()]
    sandbox.faults()
    finished = place.run(*PRUNE)

    assert codes.count(-signal.SIGKILL) >= KILLS / 4, codes
    assert finished.code == 0, finished
    rows = {row["name"]: row for row in sandbox.instances()}
    assert {name for name, row in rows.items() if row["deleted"]} == set(DOOMED)
    assert {name for name, row in rows.items() if row["phone"]} == linked - set(DOOMED)
    assert not any(rows[name]["loggedOutAt"] or rows[name]["reboots"] for name in WANTED)
    assert set(place.recorded) == set(WANTED)
    stones = json.loads(place.state.read_text())["tombstones"]
    assert sorted(stone["name"] for stone in stones.values()) == DOOMED
    assert sandbox.bill()["total"] == len(rows)


def _moments() -> list[tuple[int, float]]:
    """Return when to kill: after so many lines of the log, and so many seconds later, for much of
    what a run does it does silently. The first is while something is announced."""
    chance = dice()
    others = range(KILLS - 1)
    return [(4, 0), *((chance.randrange(12), chance.choice([0, 0, 0.3, 2])) for _ in others)]


def _killed(place: Project, command: tuple[str, ...], lines: int, later: float) -> int:
    """Start *command*, and kill it unless it ends before; return how it ended."""
    with place.start(*command) as run:
        for _ in islice(run.stderr, lines):
            pass
        with suppress(subprocess.TimeoutExpired):
            run.wait(later)
        run.kill()
    return run.wait()


def _let_ten_minutes_pass(place: Project) -> None:
    """Let what was announced be so old that what does not show was not done."""
    assert place.run("state", "fold").code == 0
    held = json.loads(place.state.read_text())
    for row in held["instances"].values():
        if "update" in row:
            row["update"]["since"] = LONG_AGO
    place.state.write_text(json.dumps(held))
