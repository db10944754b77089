"""createInstance, getInstances and deleteInstanceAccount over real HTTP."""

import re
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.sandbox.server import Answer, Sandbox


def test_a_create_answers_id_token_and_type(sandbox: Sandbox) -> None:
    answer = sandbox.create(name="support-eu", incomingWebhook="yes")

    assert answer.status == 200
    assert answer.body["idInstance"] == 1101728000
    assert re.fullmatch("[0-9a-f]{50}", answer.body["apiTokenInstance"])
    assert answer.body["typeInstance"] == "whatsapp"


def test_the_same_create_again_is_another_instance(sandbox: Sandbox) -> None:
    ids = [sandbox.create(name="support-eu").body["idInstance"] for _ in range(2)]

    assert ids == [1101728000, 1101728001]
    assert sandbox.bill()["creates"] == {"support-eu": 2}


def test_a_listing_is_an_array_with_times_that_name_no_zone(sandbox: Sandbox) -> None:
    created = sandbox.create(name="support-eu").body

    [row] = sandbox.listing()

    time = row.pop("timeCreated")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", time)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", row.pop("expirationDate"))
    assert row == {
        **created,
        "name": "support-eu",
        "timeDeleted": "0001-01-01T00:00:00",
        "deleted": False,
        "tariff": "PARTNER",
        "isFree": False,
        "isPartner": True,
        "isExpired": False,
    }


def test_a_deleted_instance_stays_listed(sandbox: Sandbox) -> None:
    created = sandbox.create(name="support-eu").body

    answer = _delete(sandbox, created["idInstance"])

    [row] = sandbox.listing()
    assert answer == Answer(200, {"deleteInstanceAccount": True})
    assert row["deleted"] is True
    assert row["timeDeleted"] != "0001-01-01T00:00:00"


def test_a_deleted_instance_stays_on_the_bill(sandbox: Sandbox) -> None:
    created = sandbox.create(name="support-eu").body

    _delete(sandbox, created["idInstance"])

    bill = sandbox.bill()
    assert (bill["creates"], bill["live"], bill["deleted"]) == ({"support-eu": 1}, 0, 1)


@pytest.mark.parametrize("unknown", [1101728001, 1, 1101728000], ids=["next", "small", "deleted"])
def test_deleting_what_is_not_there_fails_with_status_200(sandbox: Sandbox, unknown: int) -> None:
    _delete(sandbox, sandbox.create(name="support-eu").body["idInstance"])

    answer = _delete(sandbox, unknown)

    assert answer == Answer(200, {"code": 404, "description": "Not found"})


@pytest.mark.parametrize(
    ("verb", "method"),
    [("POST", "createInstance"), ("GET", "getInstances"), ("POST", "deleteInstanceAccount")],
)
@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_wrong_token_is_answered_as_the_deployment_does(
    sandbox: Sandbox, verb: str, method: str, status: int
) -> None:
    sandbox.reset(unauthorized=status)

    answer = sandbox.partner(verb, method, {"name": "a"} if verb == "POST" else None, token="x")

    assert answer == Answer(status, {"code": 401, "description": "Unauthorized"})
    assert sandbox.bill()["total"] == 0


@pytest.mark.parametrize(
    ("verb", "method"),
    [("GET", "createInstance"), ("POST", "getInstances"), ("GET", "deleteInstanceAccount")],
)
def test_a_wrong_verb_is_not_found(sandbox: Sandbox, verb: str, method: str) -> None:
    assert sandbox.partner(verb, method).status == 404


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "the body must be a JSON object"),
        ({}, "at least one parameter must be given"),
        ({"incomingWebhook": True}, 'incomingWebhook must be the string "yes" or "no"'),
        ({"incomingWebhook": "on"}, 'incomingWebhook must be the string "yes" or "no"'),
        ({"name": None}, "name must be a string"),
        ({"delaySendMessagesMilliseconds": "500"}, "must be an integer"),
        (
            {"delaySendMessagesMilliseconds": 499},
            "must be an integer, at least 500, at most 600000",
        ),
        (
            {"delaySendMessagesMilliseconds": 600001},
            "must be an integer, at least 500, at most 600000",
        ),
        ({"name": "a", "nmae": "b"}, "unknown parameter 'nmae'"),
        ({"name": "a", "linkPreview": "yes"}, "unknown parameter 'linkPreview'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_body_makes_nothing(sandbox: Sandbox, body: Any, reason: str) -> None:
    answer = sandbox.partner("POST", "createInstance", body)

    assert answer.status == 400
    assert reason in answer.body["description"]
    bill = sandbox.bill()
    assert (bill["total"], bill["posts"]) == (0, 1)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"name=a", b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "cut", "form", "bytes", "nested"],
)
def test_a_body_that_is_not_json_is_a_bad_one(sandbox: Sandbox, body: bytes) -> None:
    connection = HTTPConnection(sandbox.url.removeprefix("http://"), timeout=30)

    connection.request("POST", f"/partner/createInstance/{sandbox.token}", body)
    status = connection.getresponse().status
    connection.close()

    assert status == 400
    assert sandbox.bill()["posts"] == 1


@pytest.mark.parametrize("id_instance", ["1101728000", True, None, 1.5], ids=repr)
def test_a_delete_needs_an_integer(sandbox: Sandbox, id_instance: Any) -> None:
    sandbox.create(name="a")

    answer = _delete(sandbox, id_instance)

    assert answer.status == 400
    assert sandbox.bill()["live"] == 1


def test_a_tolerant_sandbox_ignores_unknown_parameters(sandbox: Sandbox) -> None:
    sandbox.reset(tolerant=True)

    answer = sandbox.create(name="a", someday="yes")

    assert answer.status == 200
    assert sandbox.instances()[0]["parameters"] == {}


def test_more_than_the_limit_is_too_many(sandbox: Sandbox) -> None:
    sandbox.reset(limit=0.001)

    statuses = [sandbox.create(name="a").status for _ in range(2)]

    assert statuses == [200, 429]
    assert sandbox.bill()["creates"] == {"a": 1}


def test_a_listing_may_hide_tokens(sandbox: Sandbox) -> None:
    sandbox.reset(listTokens=False)
    sandbox.create(name="a")

    [row] = sandbox.listing()

    assert "apiTokenInstance" not in row
    assert row["idInstance"] == 1101728000


def test_rows_of_other_plans_say_so(sandbox: Sandbox) -> None:
    sandbox.create_by_hand("trial", isFree=True, isPartner=False, tariff="DEVELOPER")
    sandbox.create_by_hand("old", isExpired=True, daysOld=40)

    trial, old = sandbox.listing()

    assert (trial["isFree"], trial["isPartner"], trial["tariff"]) == (True, False, "DEVELOPER")
    assert (old["isExpired"], old["isPartner"]) == (True, True)
    assert old["timeCreated"] < trial["timeCreated"]


@pytest.mark.parametrize(
    ("rule", "answer", "live"),
    [
        ({"do": "status", "status": 200, "body": '{"deleteInstanceAccount": 1}'}, 1, 0),
        ({"do": "code", "code": 404, "when": "after"}, None, 0),
        ({"do": "code", "code": 404}, None, 1),
    ],
    ids=["1", "404 after", "404 before"],
)
def test_a_delete_is_answered_in_several_ways(
    sandbox: Sandbox, rule: dict[str, Any], answer: object, live: int
) -> None:
    made = sandbox.create(name="a").body
    sandbox.faults({"on": "delete", **rule})

    said = _delete(sandbox, made["idInstance"])

    assert (said.status, said.body.get("deleteInstanceAccount")) == (200, answer)
    assert sandbox.bill()["live"] == live


def test_ids_may_have_twelve_digits(sandbox: Sandbox) -> None:
    sandbox.reset(firstId=110100000001)
    made = sandbox.create(name="a").body

    path = f"/waInstance{made['idInstance']}/getStateInstance/{made['apiTokenInstance']}"

    assert made["idInstance"] == 110100000001
    assert sandbox.call("GET", path).status == 200


def test_a_nameless_instance_is_named_after_its_id(sandbox: Sandbox) -> None:
    sandbox.create(incomingWebhook="yes")

    assert sandbox.listing()[0]["name"] == "Instance 1101728000"


def _delete(sandbox: Sandbox, id_instance: int) -> Answer:
    return sandbox.partner("POST", "deleteInstanceAccount", {"idInstance": id_instance})
