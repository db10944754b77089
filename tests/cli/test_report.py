"""`reconciler report` against the real sandbox."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from tests.command import Project, project
from tests.sandbox.server import Sandbox

SCHEMA = Path(__file__).parents[2] / "schema" / "inventory.schema.json"
PRICED = """\
version: 1
account:
  pricePerDay: {amount: 0.5, currency: EUR}
defaults: {incomingWebhook: yes}
instances:
  support-eu: {}
  sales-uk: {}
"""


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    shop = project(tmp_path, PRICED, env=sandbox.env)
    assert shop.run("apply", "--yes").code == 0
    return shop


def test_a_report_tells_what_costs_and_serves_nobody(shop: Project, sandbox: Sandbox) -> None:
    sandbox.create_by_hand("support-eu")
    sandbox.create_by_hand("trial", isFree=True, isPartner=False)
    shop.write(PRICED.replace("  sales-uk: {}\n", ""))

    done = shop.run("report", "-o", "json")

    assert done.code == 0, done
    jsonschema.validate(done.json, json.loads(SCHEMA.read_text()))
    classes = {item["name"]: item["class"] for item in done.json["instances"][:1]}
    assert classes == {"support-eu": "managed"}
    counts = done.json["counts"]
    assert {name: number for name, number in counts.items() if number} == {
        "managed": 1,
        "orphan": 1,
        "twin": 1,
        "otherPlan": 1,
        "costing": 3,
        "useless": 2,
    }
    assert done.json["cost"]["perDay"] == "1.50"
    assert done.json["cost"]["uselessPerMonth"] == "30.00"


def test_without_a_manifest_all_that_is_recorded_is_wanted(shop: Project) -> None:
    shop.manifest.unlink()

    done = shop.run("report", "-o", "json")

    assert done.json["counts"]["managed"] == 2
    assert done.json["cost"] is None


def test_without_a_state_everything_is_unmanaged(tmp_path: Path, sandbox: Sandbox) -> None:
    sandbox.create_by_hand("by hand")

    done = project(tmp_path / "new", env=sandbox.env).run("report")

    assert done.code == 0, done
    assert done.out.startswith("1 instance on the bill\n")
    assert "unmanaged: 1" in done.out


def test_a_report_sends_one_listing_and_nothing_else(shop: Project, sandbox: Sandbox) -> None:
    before = sandbox.bill()

    shop.run("report")

    after = sandbox.bill()
    assert after["listings"] == before["listings"] + 1
    assert after["posts"] == before["posts"]


def test_a_report_leaves_the_state_alone(shop: Project) -> None:
    before = shop.state.read_bytes()

    shop.run("report")

    assert shop.state.read_bytes() == before


def test_a_page_is_written_beside_the_text(shop: Project) -> None:
    done = shop.run("report", "--html", "report.html")

    page = (shop.folder / "report.html").read_text()
    assert done.code == 0, done
    assert page.startswith("<!doctype html>")
    assert "support-eu" in page
    assert re.findall(r"https?://[^ <]+", page.replace(shop.env["GREEN_API_PARTNER_URL"], "")) == []


def test_a_page_that_cannot_be_written_is_told_before_anything_is_asked(
    shop: Project, sandbox: Sandbox
) -> None:
    before = sandbox.bill()["listings"]

    done = shop.run("report", "--html", "nowhere/report.html")

    assert done.code == 2, done
    assert sandbox.bill()["listings"] == before


@pytest.mark.parametrize("output", ["text", "json", "markdown"])
def test_no_report_holds_a_token(shop: Project, sandbox: Sandbox, output: str) -> None:
    sandbox.create_by_hand("by hand")
    tokens = [row["apiTokenInstance"] for row in sandbox.instances()]

    done = shop.run("report", "-o", output, "--html", "report.html", "--log-level", "debug")

    everything = done.out + done.err + (shop.folder / "report.html").read_text()
    assert [token for token in [*tokens, sandbox.token] if token in everything] == []


def test_a_refused_token_is_a_document_too(shop: Project) -> None:
    done = shop.run("report", "-o", "json", env={"GREEN_API_PARTNER_TOKEN": "gac.wrong"})

    assert done.code == 10, done
    jsonschema.validate(done.json, json.loads(SCHEMA.read_text()))
    assert done.json["error"]["code"] == 10


def test_states_tell_what_is_suspended_blocked_or_without_a_phone(
    shop: Project, sandbox: Sandbox
) -> None:
    shop.write(PRICED + "  spare: {}\n  new: {}\n")
    assert shop.run("apply", "--yes").code == 0
    ids = {row["name"]: row["idInstance"] for row in sandbox.instances()}
    sandbox.edit(ids["support-eu"], state="suspended")
    sandbox.edit(ids["sales-uk"], state="blocked")
    sandbox.link(ids["new"])
    sandbox.create_by_hand("idle", daysOld=40)

    done = shop.run("report", "--states", "-o", "json")

    assert done.code == 0, done
    jsonschema.validate(done.json, json.loads(SCHEMA.read_text()))
    seen = {row["name"]: (row["stateInstance"], row["troubles"]) for row in done.json["instances"]}
    assert seen == {
        "support-eu": ("suspended", ["suspended"]),
        "sales-uk": ("blocked", ["blocked"]),
        "spare": ("notAuthorized", []),
        "new": ("authorized", []),
        "idle": ("notAuthorized", ["unlinked"]),
    }
    assert [row["unlinkedDays"] for row in done.json["instances"] if row["name"] == "idle"] == [40]


def test_who_tells_no_state_is_in_no_trouble(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "state", "times": "always", "do": "status", "status": 401})

    done = shop.run("report", "--states", "-o", "json")

    assert {row["stateInstance"] for row in done.json["instances"]} == {None}
    assert done.json["counts"]["useless"] == 0


def test_live_settings_tell_what_drifted_and_what_mends_it(shop: Project, sandbox: Sandbox) -> None:
    ids = {row["name"]: row["idInstance"] for row in sandbox.instances()}
    sandbox.edit(ids["support-eu"], settings={"incomingWebhook": "no"})
    sandbox.faults(
        {"on": "settings", "name": "sales-uk", "times": "always", "do": "status", "status": 401}
    )

    done = shop.run("report", "--live", "-o", "json")

    assert done.code == 0, done
    jsonschema.validate(done.json, json.loads(SCHEMA.read_text()))
    rows = {row["name"]: row for row in done.json["instances"]}
    assert (rows["support-eu"]["troubles"], rows["support-eu"]["drifted"]) == (
        ["drifted"],
        ["incomingWebhook"],
    )
    assert "401" in rows["sales-uk"]["unread"]
    counts = done.json["counts"]
    assert (counts["drifted"], counts["unread"], counts["useless"]) == (1, 1, 0)
    [commands] = [row["commands"] for row in done.json["classes"] if row["class"] == "drifted"]
    assert commands == ["reconciler apply --update --live"]


def test_a_younger_unlinked_one_with_the_same_webhook_is_a_twin(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    hook = "https://hooks.example.com/eu"
    manifest = f"version: 1\ninstances:\n  support-eu: {{webhookUrl: '{hook}'}}\n"
    shop = project(tmp_path, manifest, env=sandbox.env)
    assert shop.run("apply", "--yes").code == 0
    [double] = sandbox.create_by_hand("second try")
    [linked] = sandbox.create_by_hand("at work")
    [other] = sandbox.create_by_hand("another")
    for number in (double, linked):
        sandbox.edit(number, settings={"webhookUrl": hook})
    sandbox.link(linked)

    by_name, live = (shop.run("report", *asked, "-o", "json").json for asked in ((), ("--live",)))

    assert by_name["counts"]["twin"] == 0
    classes = {row["idInstance"]: row["class"] for row in live["instances"]}
    assert (classes[double], classes[linked], classes[other]) == ("twin", "unmanaged", "unmanaged")
    assert live["states"] is False
