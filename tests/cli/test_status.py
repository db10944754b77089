"""`reconciler status` against the real sandbox: the record, and what is live beside it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.command import Project, project
from tests.report.schemas import checked
from tests.sandbox.server import Sandbox

MANIFEST = """\
version: 1
instances:
  support-eu: {webhookUrl: "https://hooks.example.com/eu", webhookUrlToken: s3cret-hook-t0ken}
  sales-uk: {incomingWebhook: yes}
"""
PHONE = "15550100001"


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    shop = project(tmp_path, MANIFEST, env=sandbox.env)
    assert shop.run("apply", "--yes").code == 0
    return shop


def id_of(shop: Project, key: str) -> int:
    number: int = shop.recorded[key]["idInstance"]
    return number


def document(shop: Project, *args: str) -> Any:
    done = shop.run("status", *args, "-o", "json")
    assert done.code == 0, done
    return checked(done.out, "status")


def test_the_live_state_stands_beside_the_record(shop: Project, sandbox: Sandbox) -> None:
    sandbox.link(id_of(shop, "support-eu"), phone=PHONE)

    rows = document(shop, "--states")["instances"]
    text = shop.run("status", "--states").out

    assert {row["key"]: row["stateInstance"] for row in rows} == {
        "sales-uk": "notAuthorized",
        "support-eu": "authorized",
    }
    assert text.startswith("2 instances recorded, 1 notAuthorized, 1 authorized\n")


def test_a_state_that_is_not_told_comes_with_the_reason(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "state", "name": "sales-uk", "times": "always", "do": "null"})

    rows = {row["key"]: row for row in document(shop, "--states")["instances"]}

    assert rows["sales-uk"]["stateInstance"] is None
    assert "null" in rows["sales-uk"]["stateUnread"]
    assert rows["support-eu"]["stateUnread"] is None


def test_states_need_no_partner_token(shop: Project) -> None:
    done = shop.run("status", "--states", env={"GREEN_API_PARTNER_TOKEN": ""})

    assert done.code == 0, done


def test_of_one_key_everything_is_known_that_the_state_has(shop: Project, sandbox: Sandbox) -> None:
    before = sandbox.bill()["listings"]

    told = document(shop, "support-eu")
    text = shop.run("status", "support-eu").out

    assert [row["key"] for row in told["instances"]] == ["support-eu"]
    details = told["details"]
    assert details["record"]["parameters"] == {
        "webhookUrl": "https://hooks.example.com/eu",
        "webhookUrlToken": {"secret": True},
    }
    assert [event["event"] for event in details["history"]] == ["created"]
    assert details["listed"] is details["linked"] is details["differences"] is None
    assert text.startswith(f"support-eu: instance {id_of(shop, 'support-eu')}\n")
    assert "webhookUrlToken  (secret)" in text
    assert sandbox.bill()["listings"] == before


def test_of_one_key_the_account_and_the_instance_tell_more(shop: Project, sandbox: Sandbox) -> None:
    number = id_of(shop, "support-eu")
    sandbox.link(number, phone=PHONE)
    sandbox.edit(number, settings={"webhookUrl": "https://elsewhere.example.com/"})

    details = document(shop, "support-eu", "--refresh", "--states", "--live")["details"]
    text = shop.run("status", "support-eu", "--refresh", "--states", "--live").out

    assert details["listed"]["name"] == "support-eu"
    assert details["linked"]["phone"] == PHONE
    assert [each["parameter"] for each in details["differences"]] == ["webhookUrl"]
    states = [each["note"] for each in details["history"] if each["event"] == "state"]
    assert states[-1] == "authorized"
    assert re.search(rf"phone +{PHONE}\n", text)
    assert "https://elsewhere.example.com/" in text


def test_what_was_forgotten_is_in_the_history_of_its_key(shop: Project) -> None:
    assert shop.run("state", "rm", "sales-uk").code == 0

    done = shop.run("status", "sales-uk")

    assert done.code == 0, done
    assert done.out.startswith("sales-uk: not recorded\n")
    assert "forgotten: " in done.out


def test_of_a_key_whose_create_is_unresolved_the_announcement_is_known(
    shop: Project, sandbox: Sandbox
) -> None:
    sandbox.faults({"on": "create", "do": "close", "when": "before"})
    shop.write(MANIFEST + "  late: {incomingWebhook: yes}\n")
    assert shop.run("apply", "--yes", "--settle", "0.2").code == 6

    done = shop.run("status", "late")

    assert done.code == 0, done
    assert "reconciler resolve late --not-created" in done.out


def test_a_key_that_nobody_knows_is_a_wrong_call(shop: Project) -> None:
    done = shop.run("status", "suport-eu")

    assert (done.code, done.out) == (2, "")
    assert "knows nothing of suport-eu" in done.err


def test_no_secret_is_shown(shop: Project, sandbox: Sandbox) -> None:
    sandbox.edit(id_of(shop, "support-eu"), settings={"webhookUrlToken": "an0ther-h00k"})
    secrets = [row["apiTokenInstance"] for row in sandbox.instances()]
    secrets += [sandbox.token, "s3cret-hook-t0ken", "an0ther-h00k"]

    everything = ("--refresh", "--states", "--live", "--log-level", "debug")
    runs = [
        shop.run("status", "support-eu", *everything),
        shop.run("status", *everything, "-o", "json"),
    ]

    said = "".join(done.out + done.err for done in runs)
    assert [secret for secret in secrets if secret in said] == []
    assert json.loads(runs[1].out)["counts"]["drifted"] == 1
