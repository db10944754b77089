"""What a person does in the console, and what only a rehearsal can."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.sandbox.server import Answer, Sandbox


def test_an_instance_made_by_hand_is_listed_but_not_billed(sandbox: Sandbox) -> None:
    [made] = sandbox.create_by_hand("by hand")

    bill = sandbox.bill()
    assert [(row["idInstance"], row["name"]) for row in sandbox.listing()] == [(made, "by hand")]
    assert (bill["creates"], bill["live"], bill["byHand"]) == ({}, 1, 1)


def test_hundreds_of_deleted_rows_can_carry_one_name(sandbox: Sandbox) -> None:
    made = sandbox.create_by_hand("a", count=300, deleted=True)

    rows = sandbox.listing()
    assert [row["idInstance"] for row in rows] == made
    assert {(row["name"], row["deleted"]) for row in rows} == {("a", True)}


def test_a_new_name_shows_in_the_listing_only(sandbox: Sandbox) -> None:
    id_instance = sandbox.create(name="a").body["idInstance"]

    sandbox.rename(id_instance, "b")

    assert [row["name"] for row in sandbox.listing()] == ["b"]
    assert sandbox.bill()["creates"] == {"a": 1}


def test_a_person_can_delete(sandbox: Sandbox) -> None:
    id_instance = sandbox.create(name="a").body["idInstance"]

    sandbox.delete(id_instance)

    assert [row["deleted"] for row in sandbox.listing()] == [True]


def test_the_console_shows_parameters_and_what_a_listing_leaves_out(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "lag": 1, "cutName": 3})
    made = sandbox.create(name="support", incomingWebhook="yes").body

    [row] = sandbox.instances()

    del row["createdAt"]
    assert row == {
        "idInstance": made["idInstance"],
        "apiTokenInstance": made["apiTokenInstance"],
        "name": "sup",
        "sentName": "support",
        "parameters": {"incomingWebhook": "yes"},
        "deleted": False,
        "deletedAt": None,
        "loggedOutAt": None,
        "state": "notAuthorized",
        "phone": None,
        "reboots": 0,
        "rotations": 0,
    }
    assert sandbox.listing() == []


def test_a_lag_hides_a_new_instance_from_so_many_listings(sandbox: Sandbox) -> None:
    sandbox.create(name="old")
    sandbox.faults({"on": "create", "lag": 2, "do": "close"})
    with pytest.raises(OSError, match="closed"):
        sandbox.create(name="new")
    sandbox.faults({"on": "list", "do": "status", "status": 500})

    assert sandbox.partner("GET", "getInstances").status == 500
    assert [len(sandbox.listing()) for _ in range(3)] == [1, 1, 2]


def test_a_lag_in_seconds_hides_it_for_that_long(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "lagSeconds": 3600})

    sandbox.create(name="new")

    assert sandbox.listing() == []
    assert sandbox.bill()["creates"] == {"new": 1}


def test_a_twin_carries_the_same_name(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "twin": True})

    made = sandbox.create(name="a").body["idInstance"]

    rows = sandbox.listing()
    bill = sandbox.bill()
    assert [(row["idInstance"], row["name"]) for row in rows] == [(made, "a"), (made + 1, "a")]
    assert (bill["creates"], bill["byHand"]) == ({"a": 1}, 1)


def test_a_stale_listing_shows_the_account_as_it_was(sandbox: Sandbox) -> None:
    old, new = sandbox.create(name="old").body, sandbox.create(name="new").body
    sandbox.settings(clockAhead=3600)
    late = sandbox.create(name="late").body
    sandbox.delete(old["idInstance"])
    sandbox.faults({"on": "list", "staleSeconds": 60})

    stale, fresh = sandbox.listing(), sandbox.listing()

    before, after = [old["idInstance"], new["idInstance"]], late["idInstance"]
    assert [row["idInstance"] for row in stale] == before
    assert [row["deleted"] for row in stale] == [False, False]
    assert [row["idInstance"] for row in fresh] == [*before, after]
    assert [row["deleted"] for row in fresh] == [True, False, False]


def test_a_listing_may_lack_rows(sandbox: Sandbox) -> None:
    sandbox.create_by_hand("a")
    sandbox.create_by_hand("b", count=2)
    sandbox.faults({"on": "list", "lacks": "a*"}, {"on": "list", "nth": 2, "first": 1})

    shown = [[row["name"] for row in sandbox.listing()] for _ in range(3)]

    assert shown == [["b", "b"], ["a"], ["a", "b", "b"]]


@pytest.mark.parametrize(
    ("change", "sent", "stored"),
    [
        ({"newName": "b"}, "a", "b"),
        ({"trimName": True}, " a b ", "a b"),
        ({"caseName": "lower"}, "Support-EU", "support-eu"),
        ({"caseName": "upper"}, "Support-EU", "SUPPORT-EU"),
        ({"unicodeName": "NFC"}, "Bu\u0308ro", "B\u00fcro"),
        ({"escapeName": True}, "R&D <x>", "R&amp;D &lt;x&gt;"),
        ({"cutName": 3}, "support", "sup"),
        ({"trimName": True, "escapeName": True, "cutName": 4}, " R&D ", "R&am"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else None,
)
def test_a_name_may_be_stored_otherwise(
    sandbox: Sandbox, change: dict[str, object], sent: str, stored: str
) -> None:
    sandbox.faults({"on": "create", **change})

    sandbox.create(name=sent)

    assert [row["name"] for row in sandbox.listing()] == [stored]
    assert sandbox.bill()["creates"] == {sent: 1}


def test_somebody_else_may_act_just_before_or_after_a_request(sandbox: Sandbox) -> None:
    sandbox.create_by_hand("a", count=2)
    sandbox.faults(
        {"on": "list", "handsBefore": [{"make": "b"}], "handsAfter": [{"rename": "a", "to": "c"}]},
        {"on": "create", "handsAfter": [{"delete": "c"}, {"delete": "nobody"}]},
    )

    first = [row["name"] for row in sandbox.listing()]
    second = [row["name"] for row in sandbox.listing()]
    sandbox.create(name="d")

    live = [row["name"] for row in sandbox.listing() if not row["deleted"]]
    assert (first, second, live) == (["a", "a", "b"], ["c", "c", "b"], ["b", "d"])
    assert sandbox.bill()["byHand"] == 3


def test_settings_change_while_it_goes_on(sandbox: Sandbox) -> None:
    made = sandbox.create(name="a").body["idInstance"]
    sandbox.delete(made)

    sandbox.settings(clockAhead=91 * 86_400)

    assert sandbox.listing() == []
    assert sandbox.bill()["total"] == 1


def test_a_script_that_is_no_json_is_told_where_yaml_goes(sandbox: Sandbox) -> None:
    script = b"- {on: create, do: close}\n"
    request = Request(f"{sandbox.url}/sandbox/faults", script)  # noqa: S310 - our own server

    with pytest.raises(HTTPError) as caught:
        urlopen(request, timeout=30)  # noqa: S310 - our own server

    with caught.value as answer:
        assert json.loads(answer.read())["description"].startswith("JSON expected")


def test_faults_are_shown_with_their_counts(sandbox: Sandbox) -> None:
    rule = {"on": "create", "nth": 2, "do": "status", "status": 503}
    sandbox.faults(rule)

    for _ in range(3):
        sandbox.create(name="a")

    shown = sandbox.call("GET", "/sandbox/faults").body
    assert shown == [{"rule": rule, "seen": 3, "applied": 1}]


def test_faults_can_be_taken_away(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "status", "status": 503, "times": "always"})

    answer = sandbox.call("DELETE", "/sandbox/faults")

    assert answer == Answer(200, [])
    assert sandbox.create(name="a").status == 200


def test_bad_faults_change_nothing(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "status", "status": 503})

    answer = sandbox.call("POST", "/sandbox/faults", [{"on": "create", "do": "explode"}])

    assert answer.status == 400
    assert answer.body["description"].startswith("rule 1: do: 'explode' is not one of")
    assert sandbox.create(name="a").status == 503


def test_a_reset_forgets_everything(sandbox: Sandbox) -> None:
    sandbox.reset(firstId=500, latency=0.01)
    sandbox.create(name="a")
    sandbox.faults({"on": "create", "do": "status", "status": 503})

    sandbox.reset()

    assert sandbox.listing() == []
    assert sandbox.bill()["posts"] == 0
    assert sandbox.create(name="a").body["idInstance"] == 1101728000


def test_another_account_has_other_ids_and_tokens(sandbox: Sandbox) -> None:
    one = sandbox.create(name="a").body

    sandbox.reset(firstId=2000000000)

    other = sandbox.create(name="a").body
    assert other["idInstance"] == 2000000000
    assert other["apiTokenInstance"] != one["apiTokenInstance"]


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("POST", "/sandbox/reset", {"speed": 1}, 400),
        ("POST", "/sandbox/reset", [], 400),
        ("POST", "/sandbox/settings", {"speed": 1}, 400),
        ("POST", "/sandbox/faults", {}, 400),
        ("POST", "/sandbox/instances", {}, 400),
        ("POST", "/sandbox/instances", {"name": "a", "count": 0}, 400),
        ("POST", "/sandbox/instances", {"name": "a", "deleted": "yes"}, 400),
        ("POST", "/sandbox/instances/1", {"name": "a"}, 404),
        ("POST", "/sandbox/instances/1101728000", {}, 400),
        ("DELETE", "/sandbox/instances/1", None, 404),
        ("GET", "/sandbox/nothing", None, 404),
        ("DELETE", "/sandbox/bill", None, 404),
        ("GET", "/", None, 404),
    ],
)
def test_a_mistake_is_told(
    sandbox: Sandbox, verb: str, path: str, body: object, status: int
) -> None:
    sandbox.create(name="a")

    assert sandbox.call(verb, path, body).status == status
    assert sandbox.bill()["total"] == 1


@pytest.mark.parametrize("daysOld", [-1, "1", 1e9], ids=str)
def test_an_age_is_a_number_of_days(sandbox: Sandbox, daysOld: object) -> None:  # noqa: N803
    answer = sandbox.call("POST", "/sandbox/instances", {"name": "a", "daysOld": daysOld})

    assert answer.status == 400


def test_settings_change_behind_everybodys_back(sandbox: Sandbox) -> None:
    id_instance = sandbox.create(name="a", incomingWebhook="yes").body["idInstance"]

    sandbox.edit(id_instance, settings={"incomingWebhook": "no"})

    [row] = sandbox.instances()
    assert (row["parameters"], row["reboots"]) == ({"incomingWebhook": "no"}, 0)
