"""Two runs at once, lost and foreign states, stale plans, a full disk: the real command in each."""

import resource
import signal
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.command import COMMAND, Project, clean_env, project
from tests.exactly_once.processes import (
    assert_nothing_to_do,
    assert_record_is_bill,
    manifest,
    numbered,
    until_in_flight,
)
from tests.exactly_once.test_evidence import aged
from tests.nightly import NIGHTLY
from tests.sandbox.server import Sandbox

KEYS: Final = ("support-eu", "sales-uk", "office")
APPLY: Final = ("apply", "--yes", "--rate", "0")


@pytest.fixture
def place(tmp_path: Path, sandbox: Sandbox) -> Project:
    """Three entries, nothing recorded, an account without instances."""
    return project(tmp_path / "place", manifest(KEYS), env=sandbox.env)


def test_of_two_runs_at_once_one_works_and_one_says_who_holds_the_state(
    place: Project, sandbox: Sandbox
) -> None:
    sandbox.faults({"on": "create", "seconds": 5, "times": "always"})  # longer than a start takes

    with place.start(*APPLY) as first:
        until_in_flight(sandbox, 1)
        second = place.run(*APPLY)
        first.communicate(timeout=30)

    assert (first.returncode, second.code) == (0, 7)
    assert f"pid {first.pid} on " in second.err
    assert_record_is_bill(place, sandbox, KEYS)


def test_a_run_that_may_wait_for_the_lock_goes_on_when_the_other_ends(
    place: Project, sandbox: Sandbox
) -> None:
    sandbox.faults({"on": "create", "seconds": 1, "times": "always"})

    with place.start(*APPLY) as first:
        until_in_flight(sandbox, 1)
        second = place.run(*APPLY, "--lock-timeout", "30")
        first.communicate(timeout=30)

    assert (first.returncode, second.code) == (0, 0)
    assert_record_is_bill(place, sandbox, KEYS)


def test_a_holder_that_was_killed_leaves_no_lock(place: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "hang", "times": "always"})
    with place.start(*APPLY) as holder:
        until_in_flight(sandbox, 3)
        holder.kill()
    sandbox.faults()

    after = place.run(*APPLY)

    assert holder.returncode == -signal.SIGKILL
    assert after.code == 0, after
    assert_record_is_bill(place, sandbox, KEYS)


def test_a_lost_state_file_buys_nothing_again(place: Project, sandbox: Sandbox) -> None:
    assert place.run(*APPLY).code == 0
    before = place.recorded
    place.state.unlink()

    stopped = place.run(*APPLY)
    adopted = place.run("adopt", "--all")

    assert (stopped.code, adopted.code) == (9, 0)
    assert [row["apiTokenInstance"] for row in place.recorded.values()] == [
        row["apiTokenInstance"] for row in before.values()
    ]
    assert_nothing_to_do(place, sandbox)
    assert sandbox.bill()["total"] == 3


@pytest.mark.parametrize("text", ["", '{"format": "reconciler.sta'], ids=["empty", "cut"])
def test_a_damaged_state_file_is_not_an_empty_one(
    place: Project, sandbox: Sandbox, text: str
) -> None:
    assert place.run(*APPLY).code == 0
    whole = place.state.read_text()
    place.state.write_text(text)

    stopped = place.run(*APPLY)

    assert stopped.code == 8, stopped
    assert place.state.read_text() == text
    place.state.write_text(whole)
    assert_nothing_to_do(place, sandbox)
    assert sandbox.bill()["total"] == 3


def test_the_state_of_another_account_is_noticed(place: Project, sandbox: Sandbox) -> None:
    assert place.run(*APPLY).code == 0
    aged(place)  # of records of the last hour a listing may know nothing yet
    sandbox.reset(firstId=2_202_000_000)
    sandbox.create_by_hand("of somebody else")
    place.write(manifest([*KEYS, "new"]))

    stopped = place.run(*APPLY)

    assert stopped.code == 9, stopped
    assert sandbox.bill()["posts"] == 0


def test_a_saved_plan_is_applied_once(place: Project, sandbox: Sandbox) -> None:
    assert place.run("plan", "--out", "plan.json").code == 0

    first = place.run(*APPLY, "plan.json")
    again = place.run(*APPLY, "plan.json")

    assert (first.code, again.code) == (0, 9)
    assert_record_is_bill(place, sandbox, KEYS)


def test_a_plan_is_stale_once_the_manifest_was_edited(place: Project, sandbox: Sandbox) -> None:
    assert place.run("plan", "--out", "plan.json").code == 0
    place.write(manifest([*KEYS, "new"]))

    stale = place.run(*APPLY, "plan.json")

    assert stale.code == 9, stale
    assert sandbox.bill()["posts"] == 0


@pytest.mark.parametrize(
    ("size", "concurrency"), [(6000, 1), pytest.param(6000, 16, marks=NIGHTLY), (2500, 4)]
)
def test_a_full_disk_stops_the_run_and_loses_no_token(
    tmp_path: Path, sandbox: Sandbox, size: int, concurrency: int
) -> None:
    keys = numbered(60)
    place = project(tmp_path / "place", manifest(keys), env=sandbox.env)

    full = _with_files_of_at_most(size, place, *APPLY, "--concurrency", f"{concurrency}")

    assert full.returncode == 8, full
    made = {row["apiTokenInstance"] for row in sandbox.instances()}
    assert 0 < len(made) < len(keys)
    kept = "".join(file.read_text() for file in place.folder.glob("instances.state.*"))
    said = "".join(line for line in full.stderr.splitlines() if line.startswith("rescue: "))
    assert {token for token in made if token not in kept + said} == set()
    explained = "warning: each line that begins with `rescue:` is a billed instance"
    assert full.stderr.partition("rescue: {")[0].count(explained) == bool(said)
    finished = place.run(*APPLY, "--settled-after", "0")
    assert finished.code == 0, finished
    assert_record_is_bill(place, sandbox, keys)


def _with_files_of_at_most(
    size: int, place: Project, *args: str
) -> "subprocess.CompletedProcess[str]":
    """Run the command under a limit on the size of any file that it writes, as a quota does."""
    return subprocess.run(
        [COMMAND, *args],
        # Python, too, would cut what it writes: the bytecode of the modules, for all runs to come
        env=clean_env({**place.env, "PYTHONDONTWRITEBYTECODE": "1"}),
        cwd=place.folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
