"""Jobs that die at any moment, as the vendors end them, between others that finish: what is on main
can always be read, and nobody is charged twice."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.command import COMMAND, Project, clean_env
from tests.exactly_once.processes import dice, manifest, pending
from tests.nightly import NIGHTLY
from tests.sandbox.server import Sandbox
from tests.ways_in.composite import Action
from tests.ways_in.conftest import ROOT, Origin, commit_and_push, git
from tests.ways_in.test_gitlab import JOBS

ROUNDS = 50
# What the vendors send, and the seconds until the next. The last one ends whatever is left.
CANCELLED_BY_GITHUB = ((signal.SIGINT, 7.5), (signal.SIGTERM, 2.5), (signal.SIGKILL, 0.0))
CANCELLED_BY_GITLAB = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 0.0))
LOST = ((signal.SIGKILL, 0.0),)
ENDINGS = {
    "GitHub, cancelled": ("github", CANCELLED_BY_GITHUB, True),
    "GitHub, out of memory": ("github", LOST, True),
    "GitHub, the runner is lost": ("github", LOST, False),
    "GitLab, cancelled": ("gitlab", CANCELLED_BY_GITLAB, True),
    "GitLab, the runner is lost": ("gitlab", LOST, False),
}


@pytest.fixture
def slow(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    return start_sandbox("--latency", "0.4")


@pytest.fixture
def repository(tmp_path: Path, slow: Sandbox) -> Origin:
    """A bare repository whose main wants nothing yet but one instance, which is recorded."""
    from pyrage import x25519

    env = {**slow.env, "RECONCILER_RECIPIENTS": str(x25519.Identity.generate().to_public())}
    env |= {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    made = Origin(tmp_path / "origin.git", env)
    git("init", "--quiet", "--bare", "--initial-branch=main", str(made.folder), env=env)
    first = made.clone("first")
    first.write(manifest(["instance-0"]))
    (first.folder / "ci").mkdir()
    shutil.copy2(ROOT / "examples" / "ci" / "push-state.sh", first.folder / "ci")
    assert first.run("apply", "--yes").code == 0
    commit_and_push(first, "instances.yaml", "instances.state.json", "ci")
    return made


@pytest.mark.parametrize("ending", ["GitHub, cancelled", "GitLab, the runner is lost"])
def test_a_job_that_dies_leaves_nothing_that_is_bought_again(
    ending: str, repository: Origin, slow: Sandbox
) -> None:
    _history(repository, slow, dice(), [ending])


@NIGHTLY
@pytest.mark.parametrize("part", range(5))
def test_fifty_jobs_that_die_leave_nothing_that_is_bought_again(
    part: int, repository: Origin, slow: Sandbox
) -> None:
    chance = dice()

    _history(repository, slow, chance, chance.choices(list(ENDINGS), k=ROUNDS // 5))


@NIGHTLY
def test_a_kept_checkout_survives_what_git_does_to_it(repository: Origin, slow: Sandbox) -> None:
    """A runner of one's own keeps the folder; it is cleaned, reset, rebased or cut short."""
    chance, kept = dice(), repository.clone("kept")
    between = (
        "git fetch -q origin && git clean -ffdxq && git reset -q --hard origin/main",
        "git pull -q --rebase --autostash || git rebase --abort",
        "git fetch -q --depth 1 origin main && git reset -q --hard FETCH_HEAD",
        "true",
    )
    wanted = ["instance-0"]
    for _ in range(20):
        wanted += [f"instance-{len(wanted)}"]
        _want(repository, wanted)
        subprocess.run(
            ["bash", "-c", chance.choice(between)],
            cwd=kept.folder,
            env=clean_env(repository.env),
            capture_output=True,
            check=False,
        )
        vendor, signals, cleaned = ENDINGS[chance.choice(list(ENDINGS))]
        _end(vendor, kept, chance.uniform(0.3, 3), signals, then_push=cleaned)
        _check(repository, slow)
    _settle(repository, slow, wanted)


def _history(
    repository: Origin, sandbox: Sandbox, chance: random.Random, endings: list[str]
) -> None:
    """Let a job die by each of *endings*, each followed by one that finishes."""
    wanted = ["instance-0"]
    for number, ending in enumerate(endings):
        sandbox.faults(*_lag(chance))
        wanted += [f"instance-{len(wanted) + more}" for more in range(4)]
        _want(repository, wanted)
        vendor, signals, cleaned = ENDINGS[ending]
        dying = repository.clone(f"dying-{number}")
        _end(vendor, dying, chance.uniform(0.3, 4), signals, then_push=cleaned)
        _check(repository, sandbox)
        following = repository.clone(f"following-{number}")
        following.run("apply", "--yes", "--settle", "2", "--checkpoint", "sh ci/push-state.sh")
        _check(repository, sandbox)
    _settle(repository, sandbox, wanted)


def _lag(chance: random.Random) -> Iterator[dict[str, Any]]:
    """A listing that shows new instances late, every other time."""
    if chance.random() < 0.5:
        yield {"on": "create", "do": "usual", "lagSeconds": 3, "times": "always"}


def _want(repository: Origin, names: list[str]) -> None:
    shutil.rmtree(repository.folder.with_name("person"), ignore_errors=True)
    person = repository.clone("person")
    person.write(manifest(names))
    commit_and_push(person, "instances.yaml")


def _end(
    vendor: str,
    project: Project,
    after: float,
    signals: tuple[tuple[signal.Signals, float], ...],
    *,
    then_push: bool,
) -> None:
    """Begin the vendor's job and end it *after* so many seconds by *signals*."""
    run, push = (_github if vendor == "github" else _gitlab)(project)
    with subprocess.Popen(
        run,
        cwd=project.folder,
        env=clean_env(_variables(project)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as job:
        _wait(job, after)
        for number, patience in signals:
            if job.poll() is None:
                # GitHub signals the step's own process alone; what is left dies with the machine.
                _kill(job, number, whole=number == signal.SIGKILL or vendor == "gitlab")
                _wait(job, patience)
        _kill(job, signal.SIGKILL, whole=True)
    if then_push:
        subprocess.run(
            push,
            cwd=project.folder,
            env=clean_env(_variables(project)),
            capture_output=True,
            check=False,
        )


def _wait(job: "subprocess.Popen[bytes]", seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        job.wait(timeout=seconds)


def _kill(job: "subprocess.Popen[bytes]", number: signal.Signals, *, whole: bool) -> None:
    with suppress(ProcessLookupError):
        (os.killpg if whole else os.kill)(job.pid, number)


def _github(project: Project) -> tuple[list[str], list[str]]:
    steps = {step["id"]: step for step in Action(ROOT, ROOT, ROOT).definition["runs"]["steps"]}
    bash = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c"]
    return [*bash, steps["run"]["run"]], [*bash, steps["push"]["run"]]


def _gitlab(project: Project) -> tuple[list[str], list[str]]:
    job = JOBS["reconciler:apply"]
    return tuple(  # type: ignore[return-value]  # two of them
        ["bash", "-c", "\n".join(["set -eo pipefail", *job[part]])]
        for part in ("script", "after_script")
    )


def _variables(project: Project) -> dict[str, str]:
    """The environment of a job, the command at the places where the vendors' files expect it."""
    temp = project.folder.with_name(f"{project.folder.name}-temp")
    (temp / "reconciler").mkdir(parents=True, exist_ok=True)
    if not (temp / "reconciler" / "bin").exists():
        (temp / "reconciler" / "bin").symlink_to(COMMAND.parent)
    return {
        **project.env,
        "RUNNER_TEMP": str(temp),
        "GITHUB_ACTION_PATH": str(ROOT),
        "GITHUB_OUTPUT": str(temp / "output"),
        "COMMAND": "apply",
        "ARGUMENTS": "--concurrency\n2\n--settle\n2",
        "MANIFESTS": "instances.yaml",
        "PARTNER_TOKEN": project.env["GREEN_API_PARTNER_TOKEN"],
        "PUSH_STATE": "true",
        "STATE": "instances.state.json",
        "RECONCILER_STATE": "instances.state.json",
        "RECONCILER_YES": "true",
        "RECONCILER_GIT_BRANCH": "main",
        "CI_JOB_STATUS": "canceled",
    }


def _check(repository: Origin, sandbox: Sandbox) -> None:
    """Nothing was bought twice, and what main holds can be read."""
    assert [name for name, times in sandbox.bill()["creates"].items() if times > 1] == []
    shutil.rmtree(repository.folder.with_name("reader"), ignore_errors=True)
    reader = repository.clone("reader")
    read = reader.run("status")
    assert read.code == 0, read
    assert not reader.state.with_name("instances.state.json.journal").exists()


def _settle(repository: Origin, sandbox: Sandbox, wanted: list[str]) -> None:
    """Let jobs run until what was bought is recorded: bill = record."""
    sandbox.faults()
    deadline = time.monotonic() + 120
    while True:
        shutil.rmtree(repository.folder.with_name("last"), ignore_errors=True)
        last = repository.clone("last")
        last.run("apply", "--yes", "--settle", "2", "--checkpoint", "sh ci/push-state.sh")
        _check(repository, sandbox)
        billed = {name for name, times in sandbox.bill()["creates"].items() if times}
        if billed <= set(last.recorded) or time.monotonic() > deadline:
            break
    assert billed == set(last.recorded), last.recorded
    assert set(wanted) - billed <= set(pending(last))
