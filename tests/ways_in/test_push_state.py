"""A state that is committed: two clones of one repository, and a push that is rejected.

Whatever happens to the push, the sandbox's bill shows that nobody was charged twice.
"""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import SMALL, Completed, Project, clean_env
from tests.exactly_once.processes import pending
from tests.sandbox.server import Sandbox
from tests.ways_in.conftest import ROOT, Origin, commit_and_push, git, nothing_to_create

SCRIPT = ROOT / "examples" / "ci" / "push-state.sh"
MORE = "  {name}: {{stateWebhook: yes}}\n"


def test_the_state_comes_back_and_nothing_is_left_to_do(origin: Origin, sandbox: Sandbox) -> None:
    one = origin.clone("one")

    applied = one.run("apply", "--yes")
    pushed = push_state(one)

    assert (applied.code, pushed.code) == (0, 0), pushed
    assert pushed.out == "instances.state.json: pushed to main\n"
    assert nothing_to_create(origin.clone("next"))
    assert sandbox.bill()["creates"] == {"support-eu": 1, "sales-uk": 1}


def test_a_run_that_changed_nothing_pushes_nothing(origin: Origin) -> None:
    one = origin.clone("one")

    before_any_run = push_state(one)
    one.run("apply", "--yes")
    push_state(one)
    again = one.run("apply", "--yes")
    pushed = push_state(one)

    assert before_any_run.out == "instances.state.json: nothing is recorded yet\n"
    assert (again.code, pushed.code) == (0, 0)
    assert pushed.out == "instances.state.json: unchanged\n"


def test_a_rejected_push_goes_on_top_of_what_others_pushed(
    origin: Origin, sandbox: Sandbox
) -> None:
    one, two = origin.clone("one"), origin.clone("two")
    two.run("apply", "--yes")
    one.write(SMALL + MORE.format(name="warehouse"))
    commit_and_push(one, "instances.yaml")

    pushed = push_state(two)

    assert pushed.code == 0, pushed
    later = origin.clone("next")
    assert later.run("apply", "--yes").out.startswith("1 instance created\n")
    assert sandbox.bill()["creates"] == {"support-eu": 1, "sales-uk": 1, "warehouse": 1}


def test_a_clone_without_the_newest_state_stops_and_goes_on_after_a_pull(
    origin: Origin, sandbox: Sandbox
) -> None:
    one, two = origin.clone("one"), origin.clone("two")
    one.run("apply", "--yes")
    push_state(one)

    stale = two.run("apply", "--yes")
    git("pull", "--quiet", "--rebase", cwd=two.folder, env=origin.env)

    assert stale.code == 9, stale
    assert nothing_to_create(two)
    assert sandbox.bill()["creates"] == {"support-eu": 1, "sales-uk": 1}


def test_git_joins_two_states_that_differ_in_different_places(
    origin: Origin, sandbox: Sandbox
) -> None:
    one, two = _both_recorded(origin, "sales-us", "warehouse")
    push_state(one)

    pushed = push_state(two)
    later = origin.clone("next")
    later.write(SMALL + MORE.format(name="sales-us") + MORE.format(name="warehouse"))

    assert pushed.code == 0, pushed
    assert nothing_to_create(later)
    assert sandbox.bill()["creates"] == dict.fromkeys(
        ("support-eu", "sales-uk", "sales-us", "warehouse"), 1
    )


def test_two_states_that_differ_in_one_place_are_never_merged_by_guess(
    origin: Origin, sandbox: Sandbox
) -> None:
    one, two = _both_recorded(origin, "warehouse", "workshop")
    push_state(one)

    rejected = push_state(two)
    later = origin.clone("next")
    later.write(SMALL + MORE.format(name="warehouse") + MORE.format(name="workshop"))
    found = later.run("apply", "--yes")
    adopted = later.run("adopt", "--all")

    assert rejected.code == 1, rejected
    assert "was changed on main by another run, too" in rejected.err
    assert f"origin/{kept_on(rejected)}" in git("branch", "-r", cwd=later.folder, env=origin.env)
    assert (found.code, adopted.code) == (9, 0)
    assert nothing_to_create(later)
    assert sandbox.bill()["creates"] == dict.fromkeys(
        ("support-eu", "sales-uk", "warehouse", "workshop"), 1
    )


def _both_recorded(origin: Origin, name: str, other: str) -> tuple[Project, Project]:
    """Two clones of the same state; each then records an instance of its own."""
    seed = origin.clone("seed")
    seed.run("apply", "--yes")
    push_state(seed)
    clones = origin.clone("one"), origin.clone("two")
    for clone, new in zip(clones, (name, other), strict=True):
        clone.write(SMALL + MORE.format(name=new))
        clone.run("apply", "--yes")
    return clones


def test_a_lost_state_stops_the_next_run_until_the_instances_are_adopted(
    origin: Origin, sandbox: Sandbox
) -> None:
    lost = origin.clone("lost")
    lost.run("apply", "--yes")
    shutil.rmtree(lost.folder)

    later = origin.clone("next")
    found = later.run("apply", "--yes")
    adopted = later.run("adopt", "--all")
    pushed = push_state(later)

    assert (found.code, found.out) == (9, "")
    assert (adopted.code, pushed.code) == (0, 0)
    assert nothing_to_create(origin.clone("after"))
    assert sandbox.bill()["creates"] == {"support-eu": 1, "sales-uk": 1}


def test_a_branch_that_takes_no_push_is_told_from_a_newer_one(origin: Origin) -> None:
    one = origin.clone("one")
    hook = origin.folder / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    one.run("apply", "--yes")

    refused = push_state(one)

    assert refused.code == 1
    assert "origin refuses the push of main, though nothing newer is there" in refused.err
    assert "exists on this machine only" in refused.err


def test_a_push_that_failed_is_made_up_for_by_the_next_run(origin: Origin) -> None:
    one = origin.clone("one")
    one.run("apply", "--yes")
    away = origin.folder.rename(origin.folder.with_name("away.git"))

    failed = push_state(one)
    away.rename(origin.folder)
    later = push_state(one)

    assert failed.code == 1
    assert "error: instances.state.json: origin can't be reached" in failed.err
    assert later.out == "instances.state.json: pushed to main\n"
    assert nothing_to_create(origin.clone("next"))


def _ignored(clone: Project) -> None:
    (clone.folder / ".gitignore").write_text("*.state.json*\n")


def _detached(clone: Project) -> None:
    git("checkout", "--quiet", "--detach", cwd=clone.folder, env=clone.env)


def _hook_refuses(clone: Project) -> None:
    hook = clone.folder / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)


@pytest.mark.parametrize(
    ("hinder", "said"),
    [
        (_ignored, "git ignores it\nhint: take its line out of .gitignore:1"),
        (_detached, "HEAD is on no branch\nhint: check a branch out, or name it in"),
        (_hook_refuses, "a hook of this repository refuses the commit"),
    ],
)
def test_what_cannot_go_onto_the_branch_is_kept_on_another_and_nothing_is_bought(
    hinder: Callable[[Project], None], said: str, origin: Origin, sandbox: Sandbox
) -> None:
    one = origin.clone("one")
    hinder(one)

    stopped = one.run("apply", "--yes", "--checkpoint", f"sh {SCRIPT}")

    assert stopped.code == 8, stopped
    assert f"error: instances.state.json: {said}" in stopped.err
    assert "hint: nothing was sent" in stopped.err
    assert f"refs/heads/{kept_on(stopped)}" in git("ls-remote", "origin", cwd=one.folder)
    assert sandbox.bill()["posts"] == 0


def test_a_left_journal_is_folded_before_it_is_pushed(origin: Origin, sandbox: Sandbox) -> None:
    one = origin.clone("one")
    sandbox.settings(latency=5)
    with one.start("apply", "--yes", "--concurrency", "2") as run:
        _until(lambda: sandbox.bill()["posts"] == 2)
        run.kill()

    pushed = push_state(one)

    assert pushed.code == 0, pushed
    assert not one.state.with_name("instances.state.json.journal").exists()
    assert set(pending(origin.clone("next"))) == {"support-eu", "sales-uk"}
    assert "Record 0 instances, 2 unresolved" in git("log", "-1", "--format=%s", cwd=one.folder)


def test_a_state_that_cannot_be_read_is_never_pushed_to_the_branch(origin: Origin) -> None:
    one = origin.clone("one")
    one.run("apply", "--yes")
    push_state(one)
    good = one.state.read_text()
    one.state.write_text(f"<<<<<<< ours\n{good}=======\n{good}>>>>>>> theirs\n")

    refused = push_state(one)

    assert refused.code == 1
    assert origin.clone("next").state.read_text() == good


def test_without_the_program_nothing_is_taken_for_unreadable(
    origin: Origin, tmp_path: Path
) -> None:
    one = origin.clone("one")
    one.run("apply", "--yes")
    for name in ("sh", "git", "dirname", "basename", "rm", "head", "sed"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))

    refused = push_state(one, PATH=str(tmp_path))

    assert refused.code == 1
    assert "there is no reconciler on the PATH to check it with" in refused.err
    assert kept_on(refused)


def test_readable_tokens_are_pushed_with_a_loud_warning(origin: Origin) -> None:
    one = origin.clone("one")
    plain = Project(one.folder, {k: v for k, v in one.env.items() if "RECIPIENTS" not in k})
    plain.run("apply", "--yes")

    pushed = push_state(plain)

    assert pushed.code == 0
    assert "warning: instances.state.json: its tokens are readable for everybody" in pushed.err


def test_before_anything_is_sent_it_never_goes_on_top_of_another_state(
    origin: Origin, sandbox: Sandbox
) -> None:
    one, two = origin.clone("one"), origin.clone("two")
    one.run("apply", "--yes", "--only", "sales-uk")
    push_state(one)

    late = two.run("apply", "--yes", "--only", "support-eu", "--checkpoint", f"sh {SCRIPT}")

    assert late.code == 8, late
    assert "it was changed on main by another run" in late.err
    assert sandbox.bill()["creates"] == {"sales-uk": 1}


def test_before_anything_is_sent_it_goes_on_top_of_other_files(
    origin: Origin, sandbox: Sandbox
) -> None:
    one, two = origin.clone("one"), origin.clone("two")
    (one.folder / "README").write_text("Instances.\n")
    commit_and_push(one, "README")

    done = two.run("apply", "--yes", "--checkpoint", f"sh {SCRIPT}")

    assert done.code == 0, done
    subjects = git("log", "--format=%s", "-3", cwd=two.folder).splitlines()
    assert subjects[:2] == [
        "Record 2 instances, 0 unresolved [skip ci]",
        "Announce 2 instances [skip ci]",
    ]
    assert nothing_to_create(origin.clone("next"))


def _until(true: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def push_state(project: Project, **env: str) -> Completed:
    done = subprocess.run(
        ["sh", SCRIPT, project.state.name],
        cwd=project.folder,
        env=clean_env({**project.env, **env}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)


def kept_on(rejected: Completed) -> str:
    return rejected.err.partition("is kept on the branch ")[2].splitlines()[0]
