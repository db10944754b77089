"""The make targets as cron runs them: no terminal, no HOME, hardly an environment, any umask."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.command import SMALL, Completed, project
from tests.nightly import cases
from tests.sandbox.server import Sandbox
from tests.ways_in.conftest import ROOT

VENV = Path(sys.executable).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile and a manifest; what is installed is the tests' own."""
    shutil.copy2(ROOT / "Makefile", tmp_path)
    return project(tmp_path, SMALL).folder


@pytest.mark.parametrize(
    "umask", cases({oct(each): each for each in (0o077, 0o022, 0)}, by_day=["0o0"])
)
def test_a_scheduled_make_applies_and_keeps_the_state_private(
    checkout: Path, sandbox: Sandbox, umask: int
) -> None:
    state = checkout / "instances.state.json"

    planned = make("plan", checkout, umask=umask)
    applied = make("apply", checkout, "ARGS=--yes", umask=umask, env=sandbox.env)
    again = make("apply", checkout, "ARGS=--yes", umask=umask, env=sandbox.env)

    assert planned == Completed(0, planned.out, "")
    assert planned.out.startswith("2 new billed instances to create")
    assert applied.out.startswith("2 instances created")
    assert again.out.startswith("0 instances created")
    assert (applied.code, again.code, sandbox.bill()["total"]) == (0, 0, 2)
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert sorted(path.name for path in checkout.iterdir()) == [
        "Makefile",
        "instances.state.json",
        "instances.yaml",
    ]


@pytest.mark.parametrize(
    ("target", "said"),
    [("validate", "instances.yaml: valid, 2 entries\n"), ("status", None), ("help", None)],
)
def test_offline_targets_need_nothing(checkout: Path, target: str, said: str | None) -> None:
    done = make(target, checkout)

    assert (done.code, done.err) == (0, "")
    assert done.out == (said or done.out)


def test_a_missing_token_is_said_before_anything_else(checkout: Path) -> None:
    done = make("apply", checkout, "ARGS=--yes")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: the partner token is missing\nhint: set GREEN_API")


def test_without_yes_nobody_is_asked_and_nothing_is_created(
    checkout: Path, sandbox: Sandbox
) -> None:
    done = make("apply", checkout, env=sandbox.env)

    assert (done.code, sandbox.bill()["posts"]) == (2, 0)
    assert "hint: add --yes" in done.err


def make(
    target: str,
    folder: Path,
    *args: str,
    umask: int = 0o022,
    env: Mapping[str, str] | None = None,
) -> Completed:
    """Run *target* with what cron gives a job, and the few variables of *env*."""
    kept = {name: os.environ[name] for name in os.environ if name.startswith("COVERAGE_")}
    done = subprocess.run(
        # -o: what is installed is not looked at, so that nothing is installed from here
        ["make", "-o", f"{VENV}/.run", f"VENV={VENV}", target, *args],
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            "SHELL": "/bin/sh",
            "LOGNAME": "nobody",
            **kept,
            **(env or {}),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        umask=umask,
        timeout=60,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)
