"""The GitLab template: fits the schema, and its scripts are run against a real repository."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.command import Completed, Project, clean_env
from tests.sandbox.server import Sandbox
from tests.ways_in.checkers import EXAMPLES, check
from tests.ways_in.conftest import Origin, commit_and_push, git, nothing_to_create

TEMPLATE = EXAMPLES / "gitlab" / "reconciler.gitlab-ci.yml"


class _Loader(yaml.SafeLoader):
    """Reads `!reference`, too."""


_Loader.add_constructor("!reference", lambda loader, node: [])
JOBS: dict[str, Any] = yaml.load(TEMPLATE.read_text(), _Loader)  # noqa: S506 - a safe loader


def test_it_fits_the_published_schema() -> None:
    schema = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")

    done = check("check-jsonschema", *schema, TEMPLATE)

    assert done.code == 0, done.out


def test_the_job_that_creates_runs_alone_and_is_never_cancelled() -> None:
    apply = JOBS["reconciler:apply"]

    assert (apply["resource_group"], apply["interruptible"]) == ("reconciler-apply", False)


def test_the_job_that_creates_begins_with_the_newest_state_and_pushes_its_own(
    origin: Origin, sandbox: Sandbox
) -> None:
    stale = _pipeline(origin)
    ahead = origin.clone("ahead")
    ahead.run("apply", "--yes")
    ahead.write(ahead.manifest.read_text() + "  warehouse: {stateWebhook: yes}\n")
    commit_and_push(ahead, "instances.yaml", "instances.state.json")

    done = _run("reconciler:apply", stale, origin)

    assert done.code == 0, done
    assert "1 instance created" in done.out
    assert sandbox.bill()["creates"] == {"support-eu": 1, "sales-uk": 1, "warehouse": 1}
    assert nothing_to_create(origin.clone("next"))


def test_a_failed_run_pushes_what_it_recorded_and_fails_the_job(
    origin: Origin, sandbox: Sandbox
) -> None:
    sandbox.faults({"on": "create", "name": "sales-uk", "do": "code", "code": 100})

    done = _run("reconciler:apply", _pipeline(origin), origin)

    assert done.code == 5, done
    assert set(origin.clone("next").recorded) == {"support-eu"}


def test_a_merge_request_gets_a_code_quality_report(origin: Origin) -> None:
    project = _pipeline(origin)
    project.write("version: 1\ninstances:\n  a: {stateWebhook: maybe}\n")

    done = _run("reconciler:validate", project, origin)

    assert done.code == 3, done
    assert '"instances.yaml"' in (project.folder / "gl-code-quality-report.json").read_text()


@pytest.mark.parametrize("name", ["reconciler:validate", "reconciler:plan"])
def test_a_merge_request_needs_no_token(name: str, origin: Origin) -> None:
    project = _pipeline(origin)
    tokenless = Project(project.folder, {"HOME": project.env["HOME"]})

    assert _run(name, tokenless, origin).code == 0


def _pipeline(origin: Origin) -> Project:
    """A checkout as the runner makes it: of a commit, on no branch."""
    project = origin.clone("pipeline")
    git("checkout", "--quiet", "--detach", cwd=project.folder, env=origin.env)
    (project.folder / "ci").mkdir()
    shutil.copy2(EXAMPLES / "ci" / "push-state.sh", project.folder / "ci")
    return project


def _run(name: str, project: Project, origin: Origin) -> Completed:
    """Run the job's scripts but for what installs programs."""
    job = JOBS[name]
    lines = [line for line in job.get("before_script", []) if line and "apt-get" not in line]
    variables = {**JOBS["variables"], **job.get("variables", {})}
    variables |= {
        "CI_PROJECT_URL": str(origin.folder.with_suffix("")),
        "CI_COMMIT_BRANCH": "main",
        "CI_JOB_STATUS": "success",
        "GITLAB_CI": "true",
    }
    expanded = {
        key: value.replace("$CI_COMMIT_BRANCH", "main").replace("$$", "$")
        for key, value in variables.items()
    }
    script = Path(project.env["HOME"]) / "script.sh"
    script.write_text("\n".join(["set -eo pipefail", *lines, *job["script"]]))
    done = subprocess.run(
        ["bash", script],
        cwd=project.folder,
        env=clean_env({**project.env, **expanded}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)


def test_the_push_token_reaches_git_through_the_environment(origin: Origin) -> None:
    variables = JOBS["reconciler:apply"]["variables"]
    helper = {key: value.replace("$$", "$") for key, value in variables.items() if "_0" in key}
    env = {**origin.env, **helper, "GIT_CONFIG_COUNT": "1", "RECONCILER_PUSH_TOKEN": "glpat-x"}

    asked = subprocess.run(
        ["git", "credential", "fill"],
        env=clean_env(env),
        input="protocol=https\nhost=gitlab.example.com\n\n",
        capture_output=True,
        text=True,
        check=True,
    )

    assert "username=reconciler\npassword=glpat-x\n" in asked.stdout
