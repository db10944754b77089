"""The GitHub Action: its steps are run as the runner does, against the sandbox."""

from pathlib import Path
from typing import Any

import pytest

from tests.command import SMALL, Project
from tests.nightly import only_by_night
from tests.sandbox.server import Sandbox
from tests.ways_in.checkers import check
from tests.ways_in.composite import Action
from tests.ways_in.conftest import ROOT, Origin, nothing_to_create

STEPS: list[dict[str, Any]] = Action(ROOT, ROOT, ROOT).definition["runs"]["steps"]


@pytest.fixture(scope="module")
def installed(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Action:
    """The action after its install step, which takes what its own checkout holds."""
    only_by_night()
    temp = tmp_path_factory.mktemp("runner")
    action = Action(source, temp, temp)
    done = action.step("install", env={})
    assert done.code == 0, done
    return action


@pytest.fixture
def job(origin: Origin, installed: Action) -> tuple[Project, Action]:
    """A job that has checked the branch main out."""
    checkout = origin.clone("checkout")
    for name in ("output", "summary"):
        (installed.temp / name).unlink(missing_ok=True)
    return checkout, Action(installed.folder, checkout.folder, installed.temp)


def test_a_plan_needs_no_token_and_says_what_would_be_created(
    job: tuple[Project, Action], sandbox: Sandbox
) -> None:
    project, action = job
    env = {"HOME": project.env["HOME"]}

    done = action.step("run", env=env, args="--detailed-exitcode\n")

    assert done.code == 4, done
    assert done.out.startswith("2 new billed instances to create")
    assert action.outputs["exit-code"] == "4"
    assert (action.outputs["changes"], action.outputs["create"]) == ("true", "2")
    assert "support-eu" in action.summary
    assert sandbox.bill()["listings"] == 0


def test_an_apply_creates_and_its_state_is_pushed(
    job: tuple[Project, Action], origin: Origin, sandbox: Sandbox
) -> None:
    project, action = job
    env = {name: project.env[name] for name in ("HOME", "GREEN_API_PARTNER_URL")}
    recipients = project.env["RECONCILER_RECIPIENTS"]

    applied = action.step(
        "run", env=env, command="apply", partner_token=sandbox.token, recipients=f"{recipients}\n"
    )
    pushed = action.step("push", env=env)

    assert (applied.code, pushed.code) == (0, 0), (applied, pushed)
    assert (action.outputs["created"], action.outputs["failed"]) == ("2", "0")
    assert "2 instances created" in action.summary
    assert "BEGIN AGE ENCRYPTED FILE" in project.state.read_text()
    assert nothing_to_create(origin.clone("next"))
    assert sandbox.bill()["creates"] == {"support-eu": 1, "sales-uk": 1}


def test_a_failed_run_fails_the_step_with_its_exit_code(
    job: tuple[Project, Action], sandbox: Sandbox
) -> None:
    project, action = job
    env = {name: project.env[name] for name in ("HOME", "GREEN_API_PARTNER_URL")}

    done = action.step("run", env=env, command="apply", partner_token="gac.wrong")

    assert (done.code, action.outputs["exit-code"]) == (10, "10"), done
    assert "gac.wrong" not in done.out + done.err
    assert sandbox.bill()["total"] == 0


def test_arguments_and_manifests_are_lines_that_nothing_expands(
    job: tuple[Project, Action],
) -> None:
    project, action = job
    odd = project.folder / "my instances"
    odd.mkdir()
    (odd / "$(touch pwned).yaml").write_text(SMALL.replace("support-eu", "warehouse"))

    done = action.step(
        "run",
        env={"HOME": project.env["HOME"]},
        command="validate",
        manifest="my instances\n",
        args="  --output  \n\n  text\n",
    )

    assert done.code == 0, done
    assert done.out == "my instances/$(touch pwned).yaml: valid, 2 entries\n"
    assert not (project.folder / "pwned").exists()


def test_a_job_may_name_a_token_file_itself(
    job: tuple[Project, Action], tmp_path: Path, sandbox: Sandbox
) -> None:
    project, action = job
    token = tmp_path / "token"
    token.write_text(sandbox.token)
    token.chmod(0o600)
    env = {name: project.env[name] for name in ("HOME", "GREEN_API_PARTNER_URL")}

    done = action.step(
        "run",
        env={**env, "GREEN_API_PARTNER_TOKEN_FILE": str(token)},
        command="plan",
        args="--refresh",
    )

    assert done.code == 0, done


def test_what_a_job_gives_reaches_scripts_through_the_environment_only() -> None:
    scripts = [step["run"] for step in STEPS if "run" in step]

    assert len(scripts) == 3
    assert [script for script in scripts if "${{" in script] == []
    assert sum("partner-token" in str(step) for step in STEPS) == 1


@pytest.mark.parametrize("step", [step for step in STEPS if "run" in step], ids=lambda s: s["id"])
def test_its_scripts_pass_shellcheck(step: dict[str, Any]) -> None:
    script = f"#!/bin/bash\nset -eo pipefail\n{step['run']}"

    done = check("shellcheck", "-", stdin=script)

    assert done.code == 0, done.out


def test_its_outputs_are_those_of_the_command(job: tuple[Project, Action]) -> None:
    project, action = job
    env = {name: project.env[name] for name in project.env if name != "RECONCILER_RECIPIENTS"}

    action.step("run", env=env)
    action.step("run", env=env, command="apply")

    assert set(action.outputs) == set(action.definition["outputs"])


def test_the_push_comes_after_every_run_even_a_failed_one() -> None:
    push = STEPS[-1]

    assert push["id"] == "push"
    assert push["if"].startswith("always() && ")
