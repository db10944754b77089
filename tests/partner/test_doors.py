"""Any row can be sent: its fields are in the path, and no text of ours shows them."""

import json
from collections.abc import Callable

from reconciler.model import Rejected
from reconciler.partner.client import Partner
from reconciler.partner.instances import Done, InstanceAccess, InstanceCall, SettingsTold
from reconciler.partner.methods import GET_SETTINGS, SET_SETTINGS, UPDATE_API_TOKEN, Body
from reconciler.secrets import Secret, Sieve
from tests.partner.server import TOKEN, Reply, ScriptedServer, http, says

Serve = Callable[..., ScriptedServer]
Connect = Callable[..., Partner]


def at(url: str, number: int = 1101728000) -> InstanceAccess:
    return InstanceAccess(number, Secret(TOKEN), url)


def test_an_order_is_one_request_to_the_instances_own_host(serve: Serve, connect: Connect) -> None:
    account, pool = serve(), serve(says({"saveSettings": True}))
    wanted: Body = {"incomingWebhook": "yes", "webhookUrlToken": Secret("hush-hush-hush")}

    told = connect(account.url).send(SET_SETTINGS, InstanceCall(at(pool.url), wanted))

    assert told == Done()
    assert account.requests == []
    (request,) = pool.requests
    assert (request.method, request.target) == (
        "POST",
        f"/waInstance1101728000/setSettings/{TOKEN}",
    )
    assert json.loads(request.body) == {
        "incomingWebhook": "yes",
        "webhookUrlToken": "hush-hush-hush",
    }


def test_a_read_is_tried_again_and_an_order_is_not(serve: Serve, connect: Connect) -> None:
    server = serve(
        http(502), says({"stateWebhook": "no"}), http(502), says({"apiTokenInstance": "x"})
    )
    partner, call = connect(server.url), InstanceCall(at(server.url))

    settings = partner.read(GET_SETTINGS, call, tries=3)
    rotated = partner.send(UPDATE_API_TOKEN, call)

    assert settings == SettingsTold({"stateWebhook": "no"})
    assert type(rotated).__name__ == "Unknown"
    assert len(server.requests) == 3


def test_requests_of_one_method_and_instance_keep_their_distance(
    serve: Serve, connect: Connect
) -> None:
    replies: list[Reply] = [says({"saveSettings": True})] * 4
    server, paused = serve(*replies), list[float]()
    partner = connect(server.url, paused=paused, monotonic=lambda: 0.0)

    for number in (1, 2, 1, 1):
        partner.send(SET_SETTINGS, InstanceCall(at(server.url, number)))

    assert paused == [1.2, 2.4]


def test_secrets_of_a_call_and_of_its_answer_pass_no_sieve(serve: Serve, connect: Connect) -> None:
    new, hush = "d" * 50, "hush-hush-hush"
    said = {"code": 400, "description": f"bad {hush} for {TOKEN}"}
    server, sieve = serve(says(said, 400), says({"apiTokenInstance": new})), Sieve()
    partner, call = (
        connect(server.url, sieve=sieve),
        InstanceCall(at(server.url), {"a": Secret(hush)}),
    )

    refused = partner.send(SET_SETTINGS, call)
    partner.send(UPDATE_API_TOKEN, InstanceCall(at(server.url)))

    assert refused == Rejected(400, "bad *** for ***")
    assert sieve.clean(f"{TOKEN} {new}") == "*** ***"
