"""The vendor's own client works against the sandbox, unchanged: it speaks the real protocol."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.server import Sandbox

api = pytest.importorskip("whatsapp_api_client_python.API")


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Any]:
    client = api.GreenApiPartner(sandbox.token, host=sandbox.url)
    yield client
    client.session.close()


def test_the_official_client_creates_lists_and_deletes(sandbox: Sandbox, client: Any) -> None:
    created = client.partner.createInstance({"name": "support-eu", "incomingWebhook": "yes"})
    listed = client.partner.getInstances()
    deleted = client.partner.deleteInstanceAccount(created.data["idInstance"])
    again = client.partner.deleteInstanceAccount(created.data["idInstance"])

    bill = sandbox.bill()
    assert created.code == 200
    assert set(created.data) == {"idInstance", "apiTokenInstance", "typeInstance"}
    assert [row["name"] for row in listed.data] == ["support-eu"]
    assert deleted.data == {"deleteInstanceAccount": True}
    assert again.data == {"code": 404, "description": "Not found"}
    assert (bill["creates"], bill["live"], bill["deleted"]) == ({"support-eu": 1}, 0, 1)


def test_the_official_client_reads_state_and_settings(sandbox: Sandbox, client: Any) -> None:
    created = client.partner.createInstance({"name": "support-eu"}).data
    instance = api.GreenApi(
        str(created["idInstance"]), created["apiTokenInstance"], host=sandbox.url
    )

    try:
        state = instance.account.getStateInstance()
        saved = instance.account.setSettings({"stateWebhook": "yes"})
        settings = instance.account.getSettings()
    finally:
        instance.session.close()

    assert state.data == {"stateInstance": "notAuthorized"}
    assert saved.data == {"saveSettings": True}
    assert settings.data["stateWebhook"] == "yes"


def test_the_official_client_uses_every_method_of_an_instance(
    sandbox: Sandbox, client: Any
) -> None:
    created = client.partner.createInstance({"name": "support-eu"}).data
    instance = api.GreenApi(
        str(created["idInstance"]), created["apiTokenInstance"], host=sandbox.url
    )

    try:
        account = instance.account
        answers = {
            "qr": account.qr().data,
            "code": account.getAuthorizationCode(15550100000).data,
            "reboot": account.reboot().data,
            "history": account.getStateInstanceHistory(1).data,
        }
        sandbox.link(created["idInstance"])
        answers["account"] = account.getWaSettings().data
        answers["logout"] = account.logout().data
        answers["rotate"] = account.updateApiToken().data
    finally:
        instance.session.close()

    assert answers["qr"]["type"] == "qrCode"
    assert answers["code"]["status"] is True
    assert answers["reboot"] == {"isReboot": True}
    assert [line["stateInstance"] for line in answers["history"]] == ["notAuthorized"]
    assert answers["account"]["stateInstance"] == "authorized"
    assert answers["logout"] == {"isLogout": True}
    assert answers["rotate"]["apiTokenInstance"] != created["apiTokenInstance"]


def test_the_official_client_takes_a_refused_token_for_success(sandbox: Sandbox) -> None:
    client = api.GreenApiPartner("wrong", host=sandbox.url)

    answer = client.partner.createInstance({"name": "support-eu"})
    client.session.close()

    assert answer.code == 200
    assert answer.error is None
    assert answer.data == {"code": 401, "description": "Unauthorized"}
    assert json.dumps(sandbox.bill()["creates"]) == "{}"
