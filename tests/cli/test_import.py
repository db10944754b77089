"""`reconciler import` against the real sandbox: the next plan is empty, that is the test."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import Project, project
from tests.report.schemas import checked
from tests.sandbox.server import Sandbox

TOKEN = "hush-hush-hush-0123456789"


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    """An empty folder, and an account that has grown."""
    shop = project(tmp_path / "shop", env=sandbox.env)
    shop.manifest.unlink()
    common = {"webhookUrl": "https://hooks.example.com/", "webhookUrlToken": TOKEN}
    sandbox.create(name="support-eu", incomingWebhook="yes", **common)
    sandbox.create(name="Käse & Co", incomingWebhook="yes", **common)
    sandbox.create(name="support-eu", incomingWebhook="yes", autoTyping=3, **common)
    sandbox.create(incomingWebhook="no", delaySendMessagesMilliseconds=9000)
    return shop


def empty(shop: Project, **env: str) -> Any:
    done = shop.run("plan", "--refresh", "--detailed-exitcode", "-o", "json", env=env)
    assert done.code == 0, done
    return {name: number for name, number in done.json["counts"].items() if number}


def test_after_an_import_that_records_there_is_nothing_to_plan(
    shop: Project, sandbox: Sandbox
) -> None:
    posts = sandbox.bill()["posts"]

    done = shop.run("import", "--to", "instances.yaml", "--record")

    assert done.code == 0, done
    assert empty(shop) == {"keep": 4}
    assert empty(shop, WEBHOOK_URL_TOKEN=TOKEN) == {"keep": 4}
    assert shop.run("apply", "--yes", env={"WEBHOOK_URL_TOKEN": TOKEN}).code == 0
    assert sandbox.bill()["posts"] == posts


def test_a_manifest_says_once_what_many_have_in_common(shop: Project) -> None:
    done = shop.run("import")

    assert done.code == 0, done
    lines = done.out.splitlines()
    assert lines[1] == "# To be set before these values can be compared or sent:"
    assert lines[2].startswith("#   WEBHOOK_URL_TOKEN  for ")
    assert lines[4:] == [
        "version: 1",
        "defaults:",
        "  webhookUrl: https://hooks.example.com/",
        "  webhookUrlToken: ${env:WEBHOOK_URL_TOKEN}",
        "  delaySendMessagesMilliseconds: 500",
        "  incomingWebhook: yes",
        "instances:",
        "  support-eu: {}",
        "  Kase-Co:",
        "    name: Käse & Co",
        '  # 1101728002, "support-eu" in the console',
        "  support-eu-1101728002:",
        "    autoTyping: 3",
        "  Instance-1101728003:",
        "    name: Instance 1101728003",
        "    delaySendMessagesMilliseconds: 9000",
        "    webhookUrl: null",
        "    webhookUrlToken: null",
        "    incomingWebhook: no",
    ]


def test_no_secret_is_printed_or_written(shop: Project, sandbox: Sandbox) -> None:
    tokens = [row["apiTokenInstance"] for row in sandbox.instances()]

    done = shop.run("import", "--to", "instances.yaml", "--record", "--log-level", "debug")
    shown = shop.run("import", "-o", "json", "--log-level", "debug")

    everything = done.out + done.err + shown.out + shown.err + shop.manifest.read_text()
    assert [each for each in [*tokens, sandbox.token, TOKEN] if each in everything] == []
    assert TOKEN not in shop.state.read_text()


def test_a_url_that_may_carry_a_secret_becomes_a_reference(shop: Project, sandbox: Sandbox) -> None:
    sandbox.edit(1101728000, settings={"webhookUrl": "https://hooks.example.com/?key=hush"})

    done = shop.run("import")

    assert "hush" not in done.out + done.err
    assert "    webhookUrl: ${env:WEBHOOK_URL}" in done.out


def test_what_is_not_the_partners_or_dead_is_left_out_and_named(
    shop: Project, sandbox: Sandbox
) -> None:
    sandbox.create_by_hand("trial", isFree=True, isPartner=False)
    sandbox.create_by_hand("old", isExpired=True)
    sandbox.create_by_hand("dead", deleted=True)

    done = shop.run("import", "-o", "json")

    document = checked(done.out, "import")
    assert {row["name"]: row["reason"] for row in document["leftOut"]} == {
        "trial": "of another plan",
        "old": "expired",
        "dead": "deleted",
    }
    assert '#   1101728004 "trial": of another plan' in document["manifest"]


def test_what_the_state_forgot_is_not_picked_up_again(shop: Project) -> None:
    assert shop.run("import", "--to", "instances.yaml", "--record").code == 0
    assert shop.run("state", "rm", "Kase-Co").code == 0

    done = shop.run("import", "-o", "json")

    assert [row["key"] for row in done.json["instances"]] == [
        "support-eu", "support-eu-1101728002", "Instance-1101728003",
    ]  # fmt: skip
    assert done.json["leftOut"][0]["reason"].startswith("forgotten by the state")


def test_keys_are_the_same_the_next_time(shop: Project, sandbox: Sandbox) -> None:
    before = [row["key"] for row in shop.run("import", "-o", "json").json["instances"]]
    sandbox.create_by_hand("support-eu")

    after = [row["key"] for row in shop.run("import", "-o", "json").json["instances"]]

    assert after == [*before, "support-eu-1101728004"]


def test_an_instance_that_tells_nothing_is_left_out_for_now(
    shop: Project, sandbox: Sandbox
) -> None:
    sandbox.faults(
        {"on": "settings", "name": "Käse*", "times": "always", "do": "status", "status": 401}
    )

    done = shop.run("import", "-o", "json")

    assert done.code == 5, done
    document = checked(done.out, "import")
    assert document["counts"]["unread"] == 1
    assert document["error"]["code"] == 5


def test_a_file_that_is_there_is_left_alone(shop: Project) -> None:
    shop.write("version: 1\ninstances: {}\n")

    done = shop.run("import", "--to", "instances.yaml")

    assert done.code == 2, done
    assert shop.manifest.read_text() == "version: 1\ninstances: {}\n"


def test_a_manifest_that_was_imported_is_valid(shop: Project, sandbox: Sandbox) -> None:
    names = ["a$b", "${env:X}", "x: y", "- no", "#", "Ä" * 90, "\u202eabc", "support_eu", " pad "]
    for name in names:
        sandbox.create_by_hand(name)
    shop.run("import", "--to", "instances.yaml", "--record")

    done = shop.run("validate", env={"WEBHOOK_URL_TOKEN": TOKEN})

    assert done.code == 0, (done, shop.manifest.read_text())
    assert empty(shop, WEBHOOK_URL_TOKEN=TOKEN) == {"keep": 13}


def test_sealed_states_get_sealed_tokens(shop: Project, sandbox: Sandbox) -> None:
    key = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"
    tokens = [row["apiTokenInstance"] for row in sandbox.instances()]

    done = shop.run("import", "--to", "instances.yaml", "--record", "--recipient", key)

    assert done.code == 0, done
    text = shop.state.read_text()
    assert [token for token in tokens if token in text] == []
    assert len(json.loads(text)["instances"]) == 4
