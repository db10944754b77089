"""Nothing is concluded that was not shown: the real command against what lies."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import validate

from tests.command import Completed, Project, project
from tests.exactly_once.processes import assert_record_is_bill, manifest, pending
from tests.sandbox.server import Sandbox

APPLY: Final = ("apply", "--yes", "--rate", "0", "--concurrency", "1", "--settle", "0")
AN_HOUR_AGO: Final = "2026-01-01T00:00:00Z"
SCHEMA: Final = Path(__file__).parents[2] / "schema" / "report.schema.json"
LOST: Final = {"on": "create", "do": "close"}


@pytest.fixture
def place(tmp_path: Path, sandbox: Sandbox) -> Project:
    """Two entries, nothing recorded, an account without instances."""
    return project(tmp_path / "place", manifest(["support", "sales"]), env=sandbox.env)


def aged(place: Project) -> None:
    """Let the records be older than any listing may lag."""
    held = json.loads(place.state.read_text())
    for row in held["instances"].values():
        row["createdAt"] = AN_HOUR_AGO
    place.state.write_text(json.dumps(held))


def actions(done: Completed) -> dict[str, str]:
    return {row["key"]: row["action"] for row in done.json["actions"]}


# --- listings --------------------------------------------------------------------------------

OLD: Final[dict[str, dict[str, Any]]] = {
    "it says that it comes from a cache": {"headers": {"Age": "3600"}},
    "it says that it is stale": {"headers": {"Warning": '110 - "Response is Stale"'}},
    "it is one page of several": {"headers": {"Link": '<https://x/?page=2>; rel="next"'}},
}


@pytest.mark.parametrize("old", OLD.values(), ids=OLD)
def test_a_create_that_an_old_listing_lacks_stays_unresolved(
    place: Project, sandbox: Sandbox, old: dict[str, Any]
) -> None:
    hidden = {"on": "list", "lacks": "sales", "times": "always"}
    sandbox.faults({**LOST, "name": "sales"}, hidden)
    assert place.run(*APPLY).code == 6
    sandbox.faults({**hidden, **old})

    again = place.run(*APPLY, "--settled-after", "0")

    assert again.code == 6, again
    assert set(pending(place)) == {"sales"}
    sandbox.faults()
    assert place.run(*APPLY).code == 0
    assert_record_is_bill(place, sandbox, ["support", "sales"])


def test_a_create_that_a_listing_without_recorded_instances_lacks_stays_unresolved(
    place: Project, sandbox: Sandbox
) -> None:
    place.write(manifest(["support", "sales", "office"]))
    sandbox.faults({**LOST, "name": "office"}, {"on": "list", "lacks": "office", "times": "always"})
    assert place.run(*APPLY).code == 6
    sandbox.faults({"on": "list", "lacks": "*[ae]*", "times": "always"})

    again = place.run(*APPLY, "--settled-after", "0")

    assert again.code == 6, again
    assert "lacks recorded instances (sales)" in again.out + again.err
    assert set(pending(place)) == {"office"}
    assert sandbox.bill()["total"] == 3


def test_a_create_is_as_young_as_the_end_of_its_exposure_however_long_ago_it_was_announced(
    place: Project, sandbox: Sandbox
) -> None:
    sandbox.faults({**LOST, "name": "sales", "when": "before"})
    assert place.run(*APPLY).code == 6
    held = json.loads(place.state.read_text())
    announced = held["pending"]["sales"]
    announced |= {"since": AN_HOUR_AGO, "launchUntil": AN_HOUR_AGO}
    place.state.write_text(json.dumps(held))

    young = place.run(*APPLY, "--settled-after", "60")
    announced["exposedUntil"] |= {"at": AN_HOUR_AGO, "boot": None, "serverDate": None}
    place.state.write_text(json.dumps(held))
    old = place.run(*APPLY, "--settled-after", "60")

    assert (young.code, old.code) == (6, 0), (young, old)
    assert_record_is_bill(place, sandbox, ["support", "sales"])


def test_with_an_empty_state_an_old_listing_lets_nothing_be_sent(
    place: Project, sandbox: Sandbox
) -> None:
    sandbox.faults({"on": "list", "headers": {"Age": "60"}, "times": "always"})

    stopped = place.run(*APPLY)

    assert stopped.code == 5, stopped
    assert sandbox.bill()["posts"] == 0


def test_creating_goes_on_beside_what_is_missing_and_says_so(
    place: Project, sandbox: Sandbox
) -> None:
    assert place.run(*APPLY, "--only", "support").code == 0
    sandbox.faults({"on": "list", "lacks": "support", "times": "always"})

    shown = place.run("plan", "--refresh", "-o", "json")
    done = place.run(*APPLY)

    assert actions(shown) == {"support": "missing", "sales": "create"}
    assert done.code == 0, done
    assert "warning: the listing lacks recorded instances (support)" in done.err
    assert_record_is_bill(place, sandbox, ["support", "sales"])


def test_records_of_the_last_hour_may_be_missing_and_older_ones_are_another_account(
    place: Project, sandbox: Sandbox
) -> None:
    assert place.run(*APPLY, "--only", "support").code == 0
    sandbox.faults(LOST, {"on": "list", "lacks": "*", "times": "always"})

    young = place.run(*APPLY)
    aged(place)
    old = place.run(*APPLY)

    assert (young.code, old.code) == (6, 9), (young, old)
    assert "looks like another partner's" in old.err
    assert sandbox.bill()["total"] == 2


def test_what_was_deleted_is_gone_and_need_not_be_listed_for_ever(
    place: Project, sandbox: Sandbox
) -> None:
    assert place.run(*APPLY).code == 0
    sandbox.delete(place.recorded["support"]["idInstance"])
    place.write(manifest(["support", "sales", "office"]))

    shown = place.run("plan", "--refresh", "-o", "json")
    assert place.run(*APPLY).code == 0  # sees it in the listing, and remembers

    aged(place)
    sandbox.faults({"on": "list", "lacks": "support", "times": "always"})
    offline, later = place.run("plan", "-o", "json"), place.run("plan", "--refresh", "-o", "json")
    for done in (shown, offline, later):
        assert actions(done)["support"] == "gone"
    assert "warning" not in later.err


# --- answers ---------------------------------------------------------------------------------


def test_an_answer_that_was_given_before_proves_no_create(place: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "nth": 2, "do": "again"})

    done = place.run(*APPLY, "-o", "json")

    assert done.json["counts"]["recovered"] == 1, done
    assert_record_is_bill(place, sandbox, ["support", "sales"])


# --- names -----------------------------------------------------------------------------------


def test_a_key_renamed_with_its_name_kept_is_not_bought_again_while_the_listing_lags(
    place: Project, sandbox: Sandbox
) -> None:
    assert place.run(*APPLY).code == 0
    renamed = "support-eu: {name: support, incomingWebhook: yes}"
    place.write(f"version: 1\ninstances:\n  {renamed}\n  sales: {{incomingWebhook: yes}}\n")
    sandbox.faults({"on": "list", "lacks": "support", "times": "always"})

    stopped = place.run(*APPLY, "-o", "json")

    assert stopped.code == 9, stopped
    for answer in ("previously: support", "state mv support support-eu", "--new support-eu"):
        assert answer in stopped.err + stopped.out
    assert sandbox.bill()["total"] == 2


def test_an_entry_that_names_its_previous_key_takes_the_record_over_offline(
    place: Project, sandbox: Sandbox
) -> None:
    assert place.run(*APPLY).code == 0
    entry = "support-eu: {incomingWebhook: yes, lifecycle: {previously: support}}"
    place.write(f"version: 1\ninstances:\n  {entry}\n  sales: {{incomingWebhook: yes}}\n")
    before, listings = place.recorded["support"], sandbox.bill()["listings"]

    planned = place.run("plan", "-o", "json", "--detailed-exitcode")
    done = place.run("apply", "-o", "json")
    again = place.run("plan", "--detailed-exitcode")

    assert (planned.code, actions(planned)["support-eu"]) == (4, "rename")
    assert (done.code, done.json["counts"]["renamed"]) == (0, 1), done
    validate(done.json, json.loads(SCHEMA.read_text("utf-8")))
    assert (again.code, place.recorded["support-eu"]) == (0, before)
    assert (sandbox.bill()["total"], sandbox.bill()["listings"]) == (2, listings)


def test_a_key_renamed_in_case_is_bought_only_when_a_person_says_that_it_is_new(
    place: Project, sandbox: Sandbox
) -> None:
    assert place.run(*APPLY).code == 0
    place.write(manifest(["Support", "sales"]))

    planned = place.run("plan", "-o", "json", "--detailed-exitcode")
    stopped = place.run(*APPLY)
    stopped_again = place.run(*APPLY, "-o", "json")
    done = place.run(*APPLY, "--new", "Support")

    assert (planned.code, actions(planned)["Support"]) == (4, "lookalike")
    assert (stopped.code, stopped_again.code, done.code) == (9, 9, 0)
    validate(stopped_again.json, json.loads(SCHEMA.read_text("utf-8")))
    assert [row["orphan"] for row in stopped_again.json["lookalikes"]] == ["support"]
    assert set(place.recorded) == {"support", "sales", "Support"}


def test_a_new_entry_beside_an_orphan_that_was_reported_before_is_everyday_work(
    place: Project, sandbox: Sandbox
) -> None:
    assert place.run(*APPLY).code == 0
    place.write(manifest(["sales"]))
    assert place.run(*APPLY).code == 0  # reports that support is no longer wanted
    place.write(manifest(["sales", "supports"]))

    done = place.run(*APPLY)

    assert done.code == 0, done
    assert set(place.recorded) == {"support", "sales", "supports"}


CHANGED: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "in case": ("Support EU", {"caseName": "lower"}),
    "in blanks": (" support  eu", {"newName": "support eu"}),
    "in normal form": ("Cafe\u0301", {"unicodeName": "NFC"}),
    "by HTML escapes": ("Tom & Co", {"escapeName": True}),
    "by a cut": ("support-of-europe", {"cutName": 10}),
}


@pytest.mark.parametrize(("name", "change"), CHANGED.values(), ids=CHANGED)
def test_a_name_that_the_server_changed_is_not_bought_again_with_a_lost_state(
    tmp_path: Path, sandbox: Sandbox, name: str, change: dict[str, Any]
) -> None:
    entry = json.dumps({"name": name, "incomingWebhook": "yes"})
    place = project(tmp_path, f"version: 1\ninstances:\n  a: {entry}\n", env=sandbox.env)
    sandbox.faults({"on": "create", **change})
    assert place.run(*APPLY).code == 0
    (made,) = sandbox.listing()
    place.state.unlink()

    stopped = place.run(*APPLY, "--adopt")
    adopted = place.run("adopt", "a", "--id", f"{made['idInstance']}")

    assert stopped.code == 9, stopped
    assert f"{made['idInstance']}" in stopped.err
    assert adopted.code == 0, adopted
    assert place.run(*APPLY).code == 0
    assert sandbox.bill()["total"] == 1


def test_a_twin_that_nobody_records_is_told_wherever_a_listing_is_read(
    place: Project, sandbox: Sandbox
) -> None:
    assert place.run(*APPLY, "--only", "support").code == 0
    (twin,) = sandbox.create_by_hand("support")
    price = "account:\n  pricePerDay: {amount: 0.4, currency: EUR}\n"
    place.write(manifest(["support", "sales"]) + price)
    sandbox.rename(place.recorded["support"]["idInstance"], "Support")

    said = [place.run("plan", "--refresh"), place.run("status", "--refresh"), place.run(*APPLY)]

    for done in said:
        assert done.code == 0, done
        assert f"nobody records, and that is billed, too, 0.40 EUR a day: {twin}" in done.err
        assert 'is listed under another name, "Support"' in done.err


# --- the account -----------------------------------------------------------------------------


def test_a_state_of_another_api_stops_whatever_would_ask_this_one(
    place: Project, sandbox: Sandbox
) -> None:
    assert place.run(*APPLY).code == 0
    bought = sandbox.bill()
    elsewhere = {"GREEN_API_PARTNER_URL": "http://127.0.0.1:9/other"}

    online = {
        "apply": APPLY,
        "plan": ("plan", "--refresh"),
        "status": ("status", "--refresh"),
        "adopt": ("adopt", "--all"),
    }
    for name, call in online.items():
        stopped = place.run(*call, env=elsewhere)
        assert (name, stopped.code) == (name, 9)
        assert f"the state belongs to {sandbox.url}" in stopped.err
    for call in (("plan",), ("status",), ("export",)):
        warned = place.run(*call, env=elsewhere)
        assert warned.code == 0, warned
        assert f"warning: the state belongs to {sandbox.url}" in warned.err
    assert sandbox.bill() == bought


def test_the_same_account_at_another_url_is_accepted_once_a_person_says_so(
    place: Project, sandbox: Sandbox
) -> None:
    assert place.run(*APPLY).code == 0
    held = json.loads(place.state.read_text())
    place.state.write_text(json.dumps(held | {"apiUrl": "https://old.example.com"}))

    stopped = place.run(*APPLY)
    accepted = place.run(*APPLY, "--accept-url")

    assert (stopped.code, accepted.code) == (9, 0), accepted
    assert json.loads(place.state.read_text())["apiUrl"] == sandbox.url
    assert place.run(*APPLY).code == 0


def test_another_way_to_write_the_same_url_is_the_same(place: Project, sandbox: Sandbox) -> None:
    assert place.run(*APPLY).code == 0
    port = sandbox.url.rsplit(":", 1)[1]

    same = place.run(*APPLY, env={"GREEN_API_PARTNER_URL": f"HTTP://LocalHost:{port}/"})

    assert same.code == 0, same


def test_a_saved_plan_is_bound_to_its_url(place: Project, sandbox: Sandbox) -> None:
    elsewhere = {"GREEN_API_PARTNER_URL": "http://127.0.0.1:9"}
    assert place.run("plan", "--out", "plan.json", env=elsewhere).code == 0
    assert json.loads((place.folder / "plan.json").read_text())["apiUrl"] == "http://127.0.0.1:9"

    stopped = place.run(*APPLY, "plan.json")

    assert stopped.code == 9, stopped
    assert sandbox.bill()["posts"] == 0


# --- a person's answers ----------------------------------------------------------------------


def test_an_instance_from_before_a_create_is_not_what_it_made(
    place: Project, sandbox: Sandbox
) -> None:
    (before,) = sandbox.create_by_hand("somebody's")
    sandbox.faults({**LOST, "name": "sales"}, {"on": "list", "lacks": "sales", "times": "always"})
    assert place.run(*APPLY).code == 6

    refused = [
        place.run("resolve", "sales", "--id", f"{before}"),
        place.run("adopt", "sales", "--id", f"{before}"),
    ]
    insisted = place.run("adopt", "sales", "--id", f"{before}", "--insist")

    assert [each.code for each in refused] == [9, 9]
    assert insisted.code == 0, insisted
    assert "is settled by that" in insisted.err
    assert place.recorded["sales"]["idInstance"] == before


def test_what_a_person_forgot_is_taken_back_only_by_its_id(
    place: Project, sandbox: Sandbox
) -> None:
    assert place.run(*APPLY).code == 0
    number = str(place.recorded["support"]["idInstance"])
    assert place.run("state", "rm", "support").code == 0

    stopped, adopting = place.run(*APPLY), place.run(*APPLY, "--adopt")
    everything, back = place.run("adopt", "--all"), place.run("adopt", "support", "--id", number)

    assert (stopped.code, adopting.code, everything.code, back.code) == (9, 9, 9, 0)
    assert f"reconciler adopt support --id {number}" in stopped.err
    assert place.run("plan", "--detailed-exitcode").code == 0
    assert sandbox.bill()["total"] == 2
    assert "tombstones" not in json.loads(place.state.read_text())
