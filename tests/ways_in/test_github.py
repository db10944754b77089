"""The workflow example for GitHub, and the action beside it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler import __version__
from tests.ways_in.checkers import EXAMPLES, check

WORKFLOW = EXAMPLES / "github" / "workflow.yml"
JOBS: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text())["jobs"]


def test_actionlint_has_nothing_to_say() -> None:
    done = check("actionlint", "-no-color", WORKFLOW)

    assert (done.code, done.out) == (0, "")


@pytest.mark.parametrize("file", [str(WORKFLOW), "action.yml"])
def test_zizmor_finds_no_way_to_abuse_it(file: str) -> None:
    done = check("zizmor", "--offline", "--no-progress", file)

    assert done.code == 0, done.out


@pytest.mark.parametrize(
    ("file", "schema"), [(WORKFLOW, "github-workflows"), ("action.yml", "github-actions")]
)
def test_it_fits_the_published_schema(file: Path | str, schema: str) -> None:
    done = check("check-jsonschema", "--builtin-schema", f"vendor.{schema}", file)

    assert done.code == 0, done.out


@pytest.mark.parametrize("script", ["examples/ci/push-state.sh", "examples/demo.sh", ".ci/run"])
def test_shell_scripts_pass_shellcheck(script: str) -> None:
    done = check("shellcheck", script)

    assert done.code == 0, done.out


def test_the_job_that_creates_runs_alone_and_is_never_cancelled() -> None:
    assert JOBS["apply"]["concurrency"] == {
        "group": "reconciler-apply",
        "cancel-in-progress": False,
    }


def test_the_job_that_creates_begins_with_the_newest_state() -> None:
    checkout = JOBS["apply"]["steps"][0]

    assert checkout["uses"].startswith("actions/checkout@")
    assert checkout["with"]["ref"] == "main"


def test_a_job_has_no_more_permissions_than_it_needs() -> None:
    assert yaml.safe_load(WORKFLOW.read_text())["permissions"] == {}
    assert JOBS["plan"]["permissions"] == {"contents": "read"}
    assert JOBS["apply"]["permissions"] == {"contents": "write"}


def test_a_pull_request_never_sees_the_partner_token() -> None:
    assert "GREEN_API_PARTNER_TOKEN" not in str(JOBS["plan"])


def test_the_example_uses_this_release() -> None:
    uses = [step["uses"] for job in JOBS.values() for step in job["steps"]]

    assert [use for use in uses if use.startswith("your-org/")] == [
        f"your-org/reconciler@v{__version__}"
    ] * 2
