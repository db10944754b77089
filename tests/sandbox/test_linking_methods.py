"""Linking a phone, seeing the account behind it, and logging it out, over real HTTP."""

import base64
from typing import Any

import pytest

from tests.sandbox.server import Answer, Sandbox


class Made:
    """An instance that was just made."""

    def __init__(self, sandbox: Sandbox) -> None:
        created = sandbox.create(name="a", incomingWebhook="yes").body
        self.id, self._token, self._sandbox = (
            created["idInstance"],
            created["apiTokenInstance"],
            sandbox,
        )

    def get(self, method: str) -> Answer:
        return self._sandbox.call("GET", f"/waInstance{self.id}/{method}/{self._token}")

    def post(self, method: str, body: Any) -> Answer:
        return self._sandbox.call("POST", f"/waInstance{self.id}/{method}/{self._token}", body)

    @property
    def state(self) -> str:
        return str(self.get("getStateInstance").body["stateInstance"])


@pytest.fixture
def made(sandbox: Sandbox) -> Made:
    return Made(sandbox)


def test_a_qr_code_is_a_picture_and_what_it_says_links_a_phone(
    sandbox: Sandbox, made: Made
) -> None:
    answer = made.get("qr").body
    payload = _scanned(base64.b64decode(answer["message"]))

    linked = sandbox.link(made.id, qr=payload, phone="15550100001")

    assert answer["type"] == "qrCode"
    assert linked == Answer(200, {"phone": "15550100001"})
    assert made.state == "authorized"
    assert made.get("qr").body["type"] == "alreadyLogged"


def test_a_qr_code_grows_old(sandbox: Sandbox, made: Made) -> None:
    payload = _scanned(base64.b64decode(made.get("qr").body["message"]))
    sandbox.settings(clockAhead=60)

    assert sandbox.link(made.id, qr=payload).status == 400
    assert made.state == "notAuthorized"


def test_an_instance_that_starts_shows_no_qr_code(sandbox: Sandbox) -> None:
    sandbox.reset(birth=3600)

    answer = Made(sandbox).get("qr")

    assert answer == Answer(200, {"type": "error", "message": "instance is starting"})


def test_a_pairing_code_links_a_phone(sandbox: Sandbox, made: Made) -> None:
    answer = made.post("getAuthorizationCode", {"phoneNumber": 15550100001}).body

    wrong = sandbox.link(made.id, code="wrong")
    right = sandbox.link(made.id, code=answer["code"])

    assert (answer["status"], len(answer["code"])) == (True, 8)
    assert (wrong.status, right.status) == (400, 200)
    assert made.state == "authorized"


@pytest.mark.parametrize("body", [{}, {"phoneNumber": "+1555"}, []], ids=["none", "text", "list"])
def test_a_pairing_code_needs_a_number(made: Made, body: Any) -> None:
    assert made.post("getAuthorizationCode", body).status == 400


def test_a_password_may_be_asked_for(sandbox: Sandbox) -> None:
    sandbox.reset(typeInstance="telegram")
    made = Made(sandbox)
    sandbox.link(made.id, password="hunter2")

    pending = made.state
    wrong = made.post("sendAuthorizationPassword", {"password": "hunter1"}).body
    right = made.post("sendAuthorizationPassword", {"password": "hunter2"}).body

    assert pending == "pendingPassword"
    assert (wrong["status"], wrong["data"]["reason"]) == (False, "wrong password")
    assert (right["status"], right["data"]["status"]) == (True, "authorized")
    assert made.state == "authorized"


def test_the_account_is_shown_once_it_is_linked(sandbox: Sandbox, made: Made) -> None:
    before = made.get("getWaSettings").body
    sandbox.link(made.id, phone="15550100001")
    after = made.get("getAccountSettings").body

    assert (before["phone"], before["stateInstance"]) == ("", "notAuthorized")
    assert (after["phone"], after["chatId"]) == ("15550100001", "15550100001@c.us")
    assert (after["stateInstance"], after["logoutProcess"]) == ("authorized", False)


def test_a_logout_goes_on_after_the_phone_is_gone(sandbox: Sandbox) -> None:
    sandbox.reset(logout=60)
    made = Made(sandbox)
    sandbox.link(made.id)

    answer = made.get("logout")
    during = made.get("getWaSettings").body
    sandbox.settings(clockAhead=61)
    after = made.get("getWaSettings").body

    assert answer == Answer(200, {"isLogout": True})
    assert (during["stateInstance"], during["logoutProcess"]) == ("notAuthorized", True)
    assert (after["stateInstance"], after["logoutProcess"]) == ("notAuthorized", False)


@pytest.mark.parametrize("state", ["notAuthorized", "suspended", "blocked", "starting"])
def test_a_logout_needs_a_linked_phone_that_works(sandbox: Sandbox, made: Made, state: str) -> None:
    sandbox.edit(made.id, state=state)

    answer = made.get("logout")

    assert (answer.status, answer.body["description"]) == (400, f"Bad request: instance is {state}")


def test_somebody_may_unlink_a_phone_or_suspend_an_account(sandbox: Sandbox, made: Made) -> None:
    sandbox.link(made.id)
    sandbox.faults({"on": "state", "handsBefore": [{"unlink": "a"}]})
    unlinked = made.state
    sandbox.faults({"on": "state", "handsBefore": [{"put": "a", "state": "suspended"}]})
    suspended = made.state
    until = made.get("getWaSettings").body["suspendedUntil"]
    sandbox.faults({"on": "state", "handsBefore": [{"put": "a", "state": None}, {"link": "a"}]})

    assert (unlinked, suspended, made.state) == ("notAuthorized", "suspended", "authorized")
    assert isinstance(until, int)


def _scanned(png: bytes) -> str:
    zxing = pytest.importorskip("zxingcpp")
    image = pytest.importorskip("PIL.Image")
    import io

    [found] = zxing.read_barcodes(image.open(io.BytesIO(png)))
    return str(found.text)
