"""`apply --prune` and `--recreate`: the real command, against the sandbox."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import validate

from tests.cli.conversation import conversation
from tests.command import Completed, Project, project
from tests.exactly_once.processes import manifest
from tests.nightly import NIGHTLY
from tests.sandbox.server import Sandbox

APPLY: Final = ("apply", "--yes", "--rate", "0", "-o", "json")
PRUNE: Final = (*APPLY, "--prune", "--max-deletes", "5", "--settle", "5")
KEYS: Final = [f"shop-{number}" for number in range(8)]
SCHEMA: Final = Path(__file__).parents[2] / "schema" / "report.schema.json"


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    """Eight instances, of which the manifest wants the last six by now."""
    place = project(tmp_path / "place", manifest(KEYS), env=sandbox.env)
    assert place.run(*APPLY).code == 0
    place.write(manifest(KEYS[2:]))
    return place


def outcomes(done: Completed) -> dict[str, str]:
    return {row["key"]: row["outcome"] for row in done.json["results"]}


def live(sandbox: Sandbox) -> set[str]:
    return {row["name"] for row in sandbox.instances() if not row["deleted"]}


def test_a_plan_shows_what_would_be_deleted_and_apply_deletes_that(
    shop: Project, sandbox: Sandbox
) -> None:
    plain = shop.run("plan", "--detailed-exitcode")
    planned = shop.run("plan", "--prune", "--refresh", "-o", "json", "--detailed-exitcode")
    left = shop.run(*APPLY)
    done = shop.run(*PRUNE)
    again = shop.run("plan", "--prune", "--detailed-exitcode")

    deletes = [row["key"] for row in planned.json["actions"] if row["action"] == "delete"]
    assert (plain.code, planned.code, left.code, done.code, again.code) == (0, 4, 0, 0, 0), done
    assert deletes == KEYS[:2]
    assert outcomes(done) == dict.fromkeys(KEYS[:2], "deleted")
    validate(done.json, json.loads(SCHEMA.read_text("utf-8")))
    assert live(sandbox) == set(KEYS[2:])
    assert set(shop.recorded) == set(KEYS[2:])


def test_a_saved_plan_deletes_what_it_says_and_only_once(shop: Project, sandbox: Sandbox) -> None:
    assert shop.run("plan", "--prune", "--only", "shop-0", "--out", "plan.json").code == 0

    done = shop.run("apply", "plan.json", "--yes", "--max-deletes", "1", "-o", "json")
    again = shop.run("apply", "plan.json", "--yes", "--max-deletes", "1")

    assert (done.code, again.code) == (0, 9), done
    assert live(sandbox) == set(KEYS[1:])


STOPS: Final[dict[str, tuple[list[str], int]]] = {
    "no terminal, and no number given": ([], 2),
    "more than the cap": (["--max-deletes", "1"], 9),
    "stages, of which deletes have none": (["--max-deletes", "5", "--batch", "2"], 2),
    "no look at the account": (["--max-deletes", "5", "--no-remote-check"], 2),
}


@pytest.mark.parametrize(("options", "code"), STOPS.values(), ids=STOPS)
def test_a_guard_stops_before_anything_is_sent(
    shop: Project, sandbox: Sandbox, options: list[str], code: int
) -> None:
    stopped = shop.run("apply", "--yes", "--prune", *options)

    assert stopped.code == code, stopped
    assert live(sandbox) == set(KEYS)


def test_no_run_deletes_more_than_a_fifth_of_the_account(shop: Project, sandbox: Sandbox) -> None:
    shop.write(manifest(KEYS[3:]))

    stopped = shop.run(*PRUNE)

    assert stopped.code == 9, stopped
    assert "a fifth" in stopped.json["error"]["message"]
    assert [row["key"] for row in stopped.json["deletes"]] == KEYS[:3]
    validate(stopped.json, json.loads(SCHEMA.read_text("utf-8")))
    assert live(sandbox) == set(KEYS)


@pytest.mark.parametrize(("typed", "left"), [("2\n", 6), ("y\n", 8), ("\n", 8)])
def test_on_a_terminal_the_number_is_typed(
    shop: Project, sandbox: Sandbox, typed: str, left: int
) -> None:
    with conversation(shop, "apply", "--prune") as talk:
        talk.hear("Type 2 to do it")
        talk.say(typed)
        code = talk.end()

    assert (code, len(live(sandbox))) == (0, left), talk.heard


def test_what_is_protected_linked_or_not_the_partners_is_kept(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    place = project(tmp_path / "place", manifest(KEYS), env=sandbox.env)
    protected = "shop-0: {incomingWebhook: yes, lifecycle: {protect: yes}}"
    place.write(manifest(KEYS[1:]) + f"\n  {protected}\n")
    assert place.run(*APPLY).code == 0
    ids = {row["name"]: row["idInstance"] for row in sandbox.instances()}
    sandbox.link(ids["shop-1"])
    place.write(manifest(KEYS[2:]))

    planned = place.run("plan", "--prune", "--live", "-o", "json")
    kept = place.run(*PRUNE)
    insisted = place.run(*PRUNE, "--even-linked")

    deletes = [row for row in planned.json["actions"] if row["action"] == "delete"]
    assert [(row["key"], row["state"]) for row in deletes] == [("shop-1", "authorized")]
    assert (kept.code, outcomes(kept)) == (5, {"shop-1": "not_sent"}), kept
    assert (insisted.code, outcomes(insisted)) == (0, {"shop-1": "deleted"}), insisted
    assert live(sandbox) == set(KEYS) - {"shop-1"}
    assert "it is protected" in place.run("plan", "--prune").out


LOST: Final[dict[str, dict[str, Any]]] = {
    "done, and its answer lost": {"on": "delete", "do": "close", "when": "after"},
    "the logout's answer lost": {"on": "logout", "do": "close", "when": "after"},
    "answered 404, and done": {"on": "delete", "do": "code", "code": 404, "when": "after"},
}


@pytest.mark.parametrize("fault", LOST.values(), ids=LOST)
def test_a_lost_answer_is_looked_up(shop: Project, sandbox: Sandbox, fault: dict[str, Any]) -> None:
    sandbox.faults({**fault, "times": 2})

    done = shop.run(*PRUNE)

    assert done.code == 0, done
    assert live(sandbox) == set(KEYS[2:])


def test_a_delete_that_did_not_arrive_is_not_confirmed_and_gone_on_with(
    shop: Project, sandbox: Sandbox
) -> None:
    sandbox.faults({"on": "delete", "do": "close", "when": "before", "times": "always"})
    open_ = shop.run(*PRUNE)
    looked = shop.run(*APPLY)
    sandbox.faults()
    done = shop.run(*PRUNE)

    assert (open_.code, looked.code, done.code) == (11, 11, 0), (open_, looked, done)
    assert live(sandbox) == set(KEYS[2:])


def test_a_partial_listing_deletes_nothing(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "list", "lacks": "shop-7", "times": "always"})

    done = shop.run(*PRUNE)

    assert live(sandbox) == set(KEYS), done
    assert {row["action"] for row in done.json["actions"]} >= {"orphan", "missing"}


@NIGHTLY
def test_of_two_hundred_deletes_with_one_answer_in_five_lost_none_touches_another(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    keys = [f"desk-{number:04}" for number in range(1000)]
    place = project(tmp_path / "place", manifest(keys), env=sandbox.env)
    assert place.run(*APPLY, "--max-creates", "1000", "--concurrency", "50", timeout=300).code == 0
    place.write(manifest(keys[200:]))
    lost = [
        {"on": on, "every": 5, "do": "close", "when": when, "times": "always"}
        for on in ("logout", "delete")
        for when in ("after", "before")
    ]
    sandbox.faults(*lost)

    prune = (*APPLY, "--prune", "--max-deletes", "200", "--concurrency", "20", "--settle", "10")
    codes = [place.run(*prune, timeout=600).code for _ in range(3)]
    sandbox.faults()
    codes.append(place.run(*prune, timeout=600).code)

    assert codes[-1] == 0, codes
    assert live(sandbox) == set(keys[200:])
    assert set(place.recorded) == set(keys[200:])


@NIGHTLY
def test_what_is_gone_is_created_anew_where_that_is_asked_for(
    shop: Project, sandbox: Sandbox
) -> None:
    shop.write(manifest(KEYS))
    sandbox.delete(shop.recorded["shop-3"]["idInstance"])

    planned = shop.run("plan", "--refresh", "--recreate", "-o", "json")
    plain = shop.run(*APPLY)
    done = shop.run(*APPLY, "--recreate")

    assert planned.json["counts"]["create"] == 1
    assert (plain.code, done.code) == (0, 0), done
    assert outcomes(plain) == {}
    assert outcomes(done) == {"shop-3": "created"}
    assert sandbox.bill()["creates"]["shop-3"] == 2
