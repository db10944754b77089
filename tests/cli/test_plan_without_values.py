"""`plan` where a variable or a file of the manifest is not at hand: it compares the rest."""

import json
from pathlib import Path

import jsonschema
import pytest

from tests.command import Project, project
from tests.sandbox.server import Sandbox

SCHEMA = Path(__file__).parents[2] / "schema" / "plan.schema.json"
MANIFEST = """\
version: 1
defaults:
  webhookUrl: https://hooks.example.com/
  webhookUrlToken: ${env:HOOK_TOKEN}
instances:
  support-eu: {incomingWebhook: yes}
  sales-uk: {outgoingWebhook: yes, webhookUrlToken: "${file:token}"}
"""
HOOK = {"HOOK_TOKEN": "canary-of-the-hook"}


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    """A project whose two entries are recorded, and whose references bring nothing any more."""
    made = project(tmp_path, MANIFEST, env=sandbox.env)
    (tmp_path / "token").write_text("canary-of-the-file")
    assert made.run("apply", "--yes", env=HOOK).code == 0
    (tmp_path / "token").unlink()
    return made


def test_what_can_be_compared_is_and_the_rest_is_told(shop: Project) -> None:
    done = shop.run("plan")

    assert done.code == 0, done
    assert done.out.startswith(
        "0 new billed instances: nothing to create, 2 kept, 2 values not compared\n"
    )
    assert (
        "Not compared: webhookUrlToken of support-eu, since the environment variable HOOK_TOKEN is"
        " not set. apply needs it.\n"
    ) in done.out
    assert "instances.yaml:4:20: note: defaults.webhookUrlToken:" in done.err


def test_other_differences_are_found_all_the_same(shop: Project) -> None:
    text = shop.manifest.read_text().replace("incomingWebhook: yes", "incomingWebhook: no")
    shop.manifest.write_text(text)

    done = shop.run("plan", "-o", "json")

    changed, kept = done.json["actions"]
    assert [each["parameter"] for each in changed["differences"]] == ["incomingWebhook"]
    assert kept["action"] == "keep"


def test_json_says_what_was_not_compared_and_has_no_checksum(shop: Project) -> None:
    done = shop.run("plan", "-o", "json")

    jsonschema.validate(done.json, json.loads(SCHEMA.read_text()))
    assert done.json["checksum"] is None
    assert [(each["key"], each["parameter"]) for each in done.json["notCompared"]] == [
        ("support-eu", "webhookUrlToken"),
        ("sales-uk", "webhookUrlToken"),
    ]
    assert "no such file" in done.json["notCompared"][1]["reason"]


def test_markdown_offers_no_command_that_binds(shop: Project) -> None:
    done = shop.run("plan", "-o", "markdown")

    assert "Not compared: webhookUrlToken of support-eu" in done.out
    assert "expect-checksum" not in done.out


def test_a_job_on_github_gets_a_summary_and_no_checksum(shop: Project, tmp_path: Path) -> None:
    outputs, summary = tmp_path / "outputs", tmp_path / "summary"
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(outputs),
        "GITHUB_STEP_SUMMARY": str(summary),
    }

    done = shop.run("plan", env=github)

    assert done.code == 0, done
    assert "checksum" not in outputs.read_text()
    assert "Not compared: webhookUrlToken of support-eu" in summary.read_text()
    assert "::notice file=instances.yaml,line=4" in done.err


def test_a_create_stays_a_create(tmp_path: Path) -> None:
    done = project(tmp_path, MANIFEST).run("plan", "--detailed-exitcode")

    assert done.code == 4, done
    assert "2 new billed instances to create, 0 kept\n" in done.out


@pytest.mark.parametrize("option", [("--out", "plan.json"), ("--checksum",)])
def test_such_a_plan_is_bound_to_nothing(shop: Project, option: tuple[str, ...]) -> None:
    done = shop.run("plan", *option)

    assert (done.code, done.out) == (3, ""), done
    assert f"error: {option[0]}: a plan is bound to every value of the manifest" in done.err
    assert not (shop.folder / "plan.json").exists()


def test_nor_can_it_be_applied(shop: Project) -> None:
    (shop.folder / "plan.json").write_text(shop.run("plan", "-o", "json").out)

    done = shop.run("apply", "--yes", "plan.json", env=HOOK)

    assert done.code == 3, done
    (shop.folder / "token").write_text("canary-of-the-file")
    done = shop.run("apply", "--yes", "plan.json", env=HOOK)
    assert done.code == 2, done
    assert "made without some of the manifest's values" in done.err


def test_apply_needs_every_value(shop: Project) -> None:
    done = shop.run("apply", "--yes")

    assert done.code == 3, done
    assert "error: defaults.webhookUrlToken: the environment variable HOOK_TOKEN" in done.err


def test_a_renamed_entry_is_not_taken_for_one_that_has_equal_parameters(shop: Project) -> None:
    text = shop.manifest.read_text().replace("support-eu:", "support-eur:")
    shop.manifest.write_text(text)

    without, whole = shop.run("plan"), shop.run("plan", env=HOOK)

    assert "create      support-eur" in without.out
    assert "lookalike   support-eur" in whole.out


def test_the_account_must_be_known(tmp_path: Path) -> None:
    account = "account:\n  url: https://${env:EU_HOST}\n"
    shop = project(tmp_path, MANIFEST.replace("instances:", f"{account}instances:"))

    checked, planned = shop.run("validate"), shop.run("plan")

    assert checked.code == 0, checked
    assert "note: account.url: the environment variable EU_HOST is not set" in checked.out
    assert planned.code == 3, planned
    assert "error: the manifest's account.url: the environment variable EU_HOST" in planned.err


def test_sealing_needs_recipients_only(shop: Project) -> None:
    key = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"
    head = f"version: 1\nstate: {{recipients: [{key}]}}\n"
    shop.manifest.write_text(shop.manifest.read_text().replace("version: 1\n", head))

    done = shop.run("state", "seal")

    assert done.code == 0, done
    assert "HOOK_TOKEN" not in done.err


def test_the_instances_themselves_are_compared_as_far_as_it_goes(shop: Project) -> None:
    done = shop.run("plan", "--live", "--update", "-o", "json")

    assert done.code == 0, done
    assert [action["action"] for action in done.json["actions"]] == ["keep", "keep"]
    assert len(done.json["notCompared"]) == 2
