"""`--live` and `--update`: the real command, against the sandbox."""

import json
import signal
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import validate

from tests.command import Completed, Project, project, start
from tests.sandbox.server import Sandbox

SCHEMAS: Final = Path(__file__).parents[2] / "schema"
TOKEN: Final = "hush-hush-hush-hush"
MANIFEST: Final = """\
version: 1
defaults: {webhookUrl: https://hooks.example.com/, webhookUrlToken: "${env:WEBHOOK_TOKEN}"}
instances:
  a: {incomingWebhook: yes}
  b: {incomingWebhook: yes}
"""


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    place = project(tmp_path / "place", MANIFEST, env={**sandbox.env, "WEBHOOK_TOKEN": TOKEN})
    assert place.run("apply", "--yes", "--rate", "0").code == 0
    return place


def actions(done: Completed) -> dict[str, str]:
    return {row["key"]: row["action"] for row in done.json["actions"]}


def outcomes(done: Completed) -> dict[str, str]:
    return {row["key"]: row["outcome"] for row in done.json["results"]}


def number(sandbox: Sandbox, name: str) -> int:
    return next(int(row["idInstance"]) for row in sandbox.instances() if row["name"] == name)


def settings(sandbox: Sandbox, name: str) -> dict[str, Any]:
    row = next(row for row in sandbox.instances() if row["name"] == name)
    parameters: dict[str, Any] = row["parameters"]
    return parameters


def matches(done: Completed, schema: str) -> None:
    validate(done.json, json.loads((SCHEMAS / f"{schema}.schema.json").read_text("utf-8")))


def test_what_somebody_changed_in_the_console_drifts_and_is_set_again(
    shop: Project, sandbox: Sandbox
) -> None:
    sandbox.edit(
        number(sandbox, "a"), settings={"incomingWebhook": "no", "webhookUrlToken": "stolen"}
    )

    offline = shop.run("plan", "-o", "json", "--detailed-exitcode")
    live = shop.run("plan", "--live", "-o", "json", "--detailed-exitcode")
    status = shop.run("status", "--live", "-o", "json")
    planned = shop.run("plan", "--live", "--update", "-o", "json", "--detailed-exitcode")
    done = shop.run("apply", "--live", "--update", "--yes", "-o", "json")
    after = shop.run("plan", "--live", "--update", "--detailed-exitcode")

    assert actions(offline) == {"a": "keep", "b": "keep"}
    assert actions(live) == {"a": "drifted", "b": "keep"}
    assert actions(planned) == {"a": "update", "b": "keep"}
    assert [run.code for run in (offline, live, planned, done, after)] == [0, 0, 4, 0, 0], done
    (row,) = [row for row in live.json["actions"] if row["key"] == "a"]
    assert {each["parameter"]: each["recorded"] for each in row["differences"]} == {
        "incomingWebhook": "no",
        "webhookUrlToken": {"secret": True},
    }
    assert outcomes(done) == {"a": "updated"}
    assert settings(sandbox, "a")["webhookUrlToken"] == TOKEN
    assert settings(sandbox, "a")["incomingWebhook"] == "yes"
    said = "".join(run.out + run.err for run in (live, status, planned, done))
    assert TOKEN not in said
    assert "stolen" not in said
    assert status.json["counts"]["drifted"] == 1
    for run, schema in ((live, "plan"), (planned, "plan"), (done, "report"), (status, "status")):
        matches(run, schema)


def test_what_somebody_mended_is_taken_over_without_a_request(
    shop: Project, sandbox: Sandbox
) -> None:
    shop.write(MANIFEST.replace("a: {incomingWebhook: yes}", "a: {incomingWebhook: no}"))
    sandbox.edit(number(sandbox, "a"), settings={"incomingWebhook": "no"})
    sandbox.faults({"on": "set-settings", "do": "code", "code": 500})

    changed = shop.run("plan", "-o", "json")
    done = shop.run("apply", "--live", "--update", "--yes", "-o", "json")

    assert actions(changed)["a"] == "changed"
    assert (done.code, outcomes(done)) == (0, {}), done
    assert sandbox.applied() == [0]
    assert shop.recorded["a"]["parameters"]["incomingWebhook"] == "no"


def test_what_a_create_does_not_take_is_set_on_the_new_instance(
    shop: Project, sandbox: Sandbox
) -> None:
    shop.write(MANIFEST + "  c: {incomingWebhook: yes, linkPreview: yes}\n")
    sandbox.settings(birth=2, newborn="unauthorized,null")

    done = shop.run("apply", "--update", "--yes", "-o", "json")

    assert done.code == 0, done
    assert [row["outcome"] for row in done.json["results"] if row["key"] == "c"] == [
        "created",
        "updated",
    ]
    assert settings(sandbox, "c")["linkPreview"] == "yes"
    assert shop.recorded["c"]["parameters"]["linkPreview"] == "yes"


def test_a_signal_ends_reading_back_and_the_next_run_looks_without_sending(
    shop: Project, sandbox: Sandbox
) -> None:
    shop.write(MANIFEST.replace("a: {incomingWebhook: yes}", "a: {incomingWebhook: no}"))
    sandbox.faults({"on": "set-settings", "nth": 1, "shownSeconds": 8})

    with start(
        "apply", "--update", "--yes", "--log-format", "json", env=shop.env, cwd=shop.folder
    ) as run:
        for line in run.stderr:
            if '"request_sent"' in line:
                run.send_signal(signal.SIGINT)
                break
        run.stderr.read()
        code = run.wait(timeout=30)
    pending = shop.recorded["a"]["update"]
    again = shop.run("apply", "--update", "--yes", "-o", "json")

    assert code == 130
    assert not pending["confirmed"]
    assert (again.code, outcomes(again)) == (0, {"a": "updated"}), again
    assert sandbox.applied() == [1]


STOPS: Final[dict[str, tuple[list[str], int]]] = {
    "no terminal to ask at": ([], 2),
    "more than the cap": (["--yes", "--max-updates", "1"], 9),
}


@pytest.mark.parametrize(("options", "code"), STOPS.values(), ids=STOPS)
def test_a_guard_stops_before_anything_is_set(
    shop: Project, sandbox: Sandbox, options: list[str], code: int
) -> None:
    shop.write(MANIFEST.replace("incomingWebhook: yes", "incomingWebhook: no"))

    stopped = shop.run("apply", "--update", *options)

    assert stopped.code == code, stopped
    assert settings(sandbox, "a")["incomingWebhook"] == "yes"


def test_a_saved_plan_sets_what_it_says_and_nothing_else(shop: Project, sandbox: Sandbox) -> None:
    shop.write(MANIFEST.replace("incomingWebhook: yes", "incomingWebhook: no"))
    assert shop.run("plan", "--update", "--only", "a", "--out", "plan.json").code == 0

    done = shop.run("apply", "plan.json", "--yes", "-o", "json")

    assert (done.code, outcomes(done)) == (0, {"a": "updated"}), done
    assert settings(sandbox, "b")["incomingWebhook"] == "yes"


def test_without_a_token_that_can_be_read_the_plan_says_so_and_asks_nobody(
    shop: Project, sandbox: Sandbox
) -> None:
    state = json.loads(shop.state.read_text())
    state["instances"]["a"]["apiTokenInstance"] = None
    shop.state.write_text(json.dumps(state))
    sandbox.settings(listTokens=False)

    plan = shop.run("plan", "--live", "-o", "json")
    text = shop.run("plan", "--live")

    assert plan.json["unread"] == [{"key": "a", "reason": "its token is not known"}]
    assert "Not read: the settings of a: its token is not known." in text.out
    matches(plan, "plan")


def test_a_renamed_entry_drifts_under_its_new_key(shop: Project, sandbox: Sandbox) -> None:
    sandbox.edit(number(sandbox, "a"), settings={"incomingWebhook": "no"})
    shop.write(
        MANIFEST.replace(
            "a: {incomingWebhook: yes}", "z: {incomingWebhook: yes, lifecycle: {previously: a}}"
        )
    )

    plan = shop.run("plan", "--live", "--update", "-o", "json")
    done = shop.run("apply", "--live", "--update", "--yes", "-o", "json")

    kinds = [row["action"] for row in plan.json["actions"] if row["key"] == "z"]
    assert kinds == ["rename", "update"]
    assert done.code == 0, done
    assert [row["outcome"] for row in done.json["results"]] == ["renamed", "updated"]
    assert settings(sandbox, "a")["incomingWebhook"] == "yes"
