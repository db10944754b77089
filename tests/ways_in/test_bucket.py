"""The examples whose state is in a bucket: nobody pushes, and no key lies anywhere."""

import json
import re
from typing import Any

import yaml

from reconciler import __version__
from tests.ways_in.checkers import EXAMPLES, check
from tests.ways_in.conftest import ROOT

GITHUB = EXAMPLES / "github" / "bucket.yml"
GITLAB = EXAMPLES / "gitlab" / "bucket.gitlab-ci.yml"
WORKFLOW: dict[str, Any] = yaml.safe_load(GITHUB.read_text())["jobs"]["apply"]
JOB: dict[str, Any] = yaml.safe_load(GITLAB.read_text())["reconciler:apply"]


def test_the_workflow_passes_the_vendors_checks() -> None:
    linted = check("actionlint", "-no-color", GITHUB)
    judged = check("zizmor", "--offline", "--no-progress", GITHUB)
    fits = check("check-jsonschema", "--builtin-schema", "vendor.github-workflows", GITHUB)

    assert (linted.code, linted.out) == (0, "")
    assert judged.code == 0, judged.out
    assert fits.code == 0, fits.out


def test_the_template_fits_the_published_schema() -> None:
    schema = ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")

    done = check("check-jsonschema", *schema, GITLAB)

    assert done.code == 0, done.out


def test_the_jobs_ask_for_a_role_and_hold_no_key() -> None:
    assert WORKFLOW["permissions"] == {"contents": "read", "id-token": "write"}
    assert JOB["id_tokens"]["RECONCILER_ID_TOKEN"] == {"aud": "sts.amazonaws.com"}
    assert "SECRET_ACCESS_KEY" not in GITHUB.read_text() + GITLAB.read_text()


def test_the_jobs_are_never_cancelled_while_they_create() -> None:
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is False
    assert (JOB["resource_group"], JOB["interruptible"]) == ("reconciler-apply", False)


def test_the_examples_name_this_release_and_the_extra() -> None:
    assert f"reconciler@v{__version__}" in GITHUB.read_text()
    assert f"/v{__version__}.tar.gz" in GITLAB.read_text()
    assert "[age,metrics,objects]" in GITLAB.read_text()


def test_the_policy_of_the_page_allows_what_a_run_does() -> None:
    page = (ROOT / "docs" / "state.md").read_text()
    policy = json.loads(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0])

    allowed = {
        action
        for each in policy["Statement"]
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }

    assert allowed == {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"}
