"""What answers of instance methods mean: a read that fails is no information, and a request that
changes something is refused only where it is certain that nothing was done."""

import json
from typing import Any

import pytest

from reconciler.model import Refused, Rejected, Throttled, Unknown
from reconciler.partner.answer import Answer, Known, Unreadable
from reconciler.partner.instances import (
    Done,
    InstanceAccess,
    InstanceCall,
    NewToken,
    PairingCode,
    PasswordTold,
    Profile,
    QrTold,
    SettingsTold,
    StateChange,
    StateTold,
)
from reconciler.partner.methods import (
    DELETE_INSTANCE_ACCOUNT,
    GET_AUTHORIZATION_CODE,
    GET_SETTINGS,
    GET_STATE_INSTANCE,
    GET_STATE_INSTANCE_HISTORY,
    GET_WA_SETTINGS,
    LOGOUT,
    QR,
    REBOOT,
    SEND_AUTHORIZATION_PASSWORD,
    SET_SETTINGS,
    UPDATE_API_TOKEN,
    Method,
)
from reconciler.secrets import Secret
from tests.partner.answers import answer
from tests.partner.conftest import NOW
from tests.partner.server import TOKEN

KNOWN = Known(NOW)
READS = [GET_STATE_INSTANCE, GET_SETTINGS, GET_WA_SETTINGS, QR]
ALL_WELL = {
    **dict.fromkeys(("saveSettings", "isReboot", "isLogout", "status"), True),
    **{"apiTokenInstance": TOKEN, "code": "12345678"},
}
ORDERS = [SET_SETTINGS, REBOOT, LOGOUT, UPDATE_API_TOKEN, GET_AUTHORIZATION_CODE]


def name(method: Method[Any, Any]) -> str:
    return method.path.split("/")[2]


def says(value: object) -> Answer:
    return answer(json.dumps(value).encode())


@pytest.mark.parametrize("method", READS, ids=name)
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(b"", 401, 401, id="401, empty: too young"),
        pytest.param(b'{"code": 401, "description": "Unauthorized"}', 200, 401, id="body code 401"),
        pytest.param(b'{"code": 401}', 401, 401, id="401"),
        pytest.param(b"null", 200, None, id="null"),
        pytest.param(b'{"stateInstance": null}', 200, None, id="a null in it"),
        pytest.param(b"", 200, None, id="empty"),
        pytest.param(b"{}", 200, None, id="an empty object"),
        pytest.param(b"[]", 200, None, id="an empty list"),
        pytest.param(b"<html>blocked</html>", 200, None, id="a firewall's page"),
        pytest.param(b"<html>blocked</html>", 403, 403, id="a firewall's 403"),
        pytest.param(b"instance is starting or not authorized", 400, 400, id="starting"),
        pytest.param(b"", 404, 404, id="deleted"),
        pytest.param(b'{"invokeStatus": {}}', 466, 466, id="a quota"),
        pytest.param(b"", 429, 429, id="429"),
        pytest.param(b'{"stateInstance": "authorized"}', 502, 502, id="502, whatever it says"),
        pytest.param(b'{"stateInstance": "authorized"}', 300, 300, id="300, whatever it says"),
        pytest.param(b"{", 200, None, id="broken"),
    ],
)
def test_a_read_that_fails_is_no_information(
    method: Method[Any, Any], body: bytes, status: int, code: int | None
) -> None:
    told = method.judge(answer(body, status=status), KNOWN)

    assert isinstance(told, Unreadable)
    assert told.code == code


@pytest.mark.parametrize(
    ("code", "again"),
    [(401, False), (404, False), (400, False), (429, True), (502, True), (499, True)],
)
def test_what_time_may_mend_is_asked_again(code: int, again: bool) -> None:
    told = GET_SETTINGS.judge(answer(b"", status=code, retry_after="7"), KNOWN)

    assert isinstance(told, Unreadable)
    assert (told.again, told.retry_after) == (again, 7)


@pytest.mark.parametrize(
    ("method", "value", "expected"),
    [
        pytest.param(
            GET_STATE_INSTANCE, {"stateInstance": "authorized"}, StateTold("authorized"), id="state"
        ),
        pytest.param(
            GET_STATE_INSTANCE,
            {"stateInstance": "hypnotised"},
            StateTold("hypnotised"),
            id="new word",
        ),
        pytest.param(
            GET_SETTINGS,
            {
                "webhookUrlToken": "hush-hush",
                "webhookUrl": "",
                "delaySendMessagesMilliseconds": 500,
                "x": [1],
            },
            SettingsTold(
                {
                    "webhookUrlToken": Secret("hush-hush"),
                    "webhookUrl": "",
                    "delaySendMessagesMilliseconds": 500,
                }
            ),
            id="settings",
        ),
        pytest.param(
            GET_WA_SETTINGS,
            {
                "stateInstance": "suspended",
                "phone": 4915123,
                "suspendedUntil": "",
                "logoutProcess": True,
            },
            Profile("suspended", "4915123", None, None, logging_out=True),
            id="profile",
        ),
        pytest.param(
            GET_WA_SETTINGS,
            {"stateInstance": "authorized", "logoutProcess": False},
            Profile("authorized", None, None, None, logging_out=False),
            id="no logout under way",
        ),
        pytest.param(
            QR, {"type": "qrCode", "message": "iVBOR"}, QrTold("qrCode", "iVBOR"), id="qr"
        ),
        pytest.param(
            QR, {"type": "alreadyLogged"}, QrTold("alreadyLogged", ""), id="linked already"
        ),
        pytest.param(
            QR,
            {"type": "error", "message": f"a\x1b[2J {TOKEN}"},
            QrTold("error", "a [2J ***"),
            id="error",
        ),
        pytest.param(
            GET_STATE_INSTANCE_HISTORY,
            [{"stateInstance": "blocked", "timestamp": 5, "phoneNumber": ""}, {"timestamp": 6}, 7],
            (StateChange("blocked", 5, None),),
            id="history",
        ),
        pytest.param(SET_SETTINGS, {"saveSettings": True}, Done(), id="set"),
        pytest.param(REBOOT, {"isReboot": True}, Done(), id="reboot"),
        pytest.param(
            LOGOUT,
            {"isLogout": False},
            Rejected(None, "the API said no to isLogout"),
            id="no logout",
        ),
        pytest.param(
            GET_AUTHORIZATION_CODE,
            {"status": True, "code": "12345678"},
            PairingCode(Secret("12345678")),
            id="code",
        ),
        pytest.param(
            SEND_AUTHORIZATION_PASSWORD,
            {"status": False, "data": {"status": "fail", "reason": "PASSWORD_HASH_INVALID"}},
            PasswordTold(taken=False, reason="PASSWORD_HASH_INVALID"),
            id="wrong password",
        ),
        pytest.param(
            SEND_AUTHORIZATION_PASSWORD,
            {"status": True},
            PasswordTold(taken=True, reason=""),
            id="right password",
        ),
        pytest.param(
            SEND_AUTHORIZATION_PASSWORD,
            {"status": True, "data": {"status": False}},
            PasswordTold(taken=False, reason=""),
            id="wrong password within",
        ),
        pytest.param(
            SEND_AUTHORIZATION_PASSWORD,
            {"status": False},
            PasswordTold(taken=False, reason=""),
            id="wrong password without a reason",
        ),
        pytest.param(
            GET_AUTHORIZATION_CODE,
            {"status": False, "code": "12345678"},
            Rejected(12345678, "12345678"),
            id="a code that is none",
        ),
        pytest.param(
            UPDATE_API_TOKEN, {"apiTokenInstance": TOKEN}, NewToken(Secret(TOKEN)), id="new token"
        ),
        pytest.param(
            DELETE_INSTANCE_ACCOUNT, {"deleteInstanceAccount": 1}, Done(), id="deleted: 1"
        ),
        pytest.param(
            DELETE_INSTANCE_ACCOUNT,
            {"code": 404, "description": "Not found"},
            Rejected(404, "Not found"),
            id="twice",
        ),
        pytest.param(
            DELETE_INSTANCE_ACCOUNT,
            {"code": 401, "description": "No"},
            Refused(401, "No"),
            id="partner token",
        ),
    ],
)
def test_an_answer_is_one_value(method: Method[Any, Any], value: object, expected: object) -> None:
    assert method.judge(says(value), KNOWN) == expected


@pytest.mark.parametrize("method", ORDERS, ids=name)
@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        pytest.param(b"{}", 200, Unknown, id="says nothing"),
        pytest.param(b"", 200, Unknown, id="empty"),
        pytest.param(b"null", 200, Unknown, id="null"),
        pytest.param(b"<html>", 200, Unknown, id="a page"),
        pytest.param(b"", 401, Unknown, id="401 of nobody"),
        pytest.param(b"", 502, Unknown, id="502"),
        pytest.param(b"", 499, Unknown, id="499"),
        pytest.param(b"", 302, Unknown, id="redirect"),
        pytest.param(json.dumps(ALL_WELL).encode(), 300, Unknown, id="300, whatever it says"),
        pytest.param(b"{}", 401, Rejected, id="401 of the API"),
        pytest.param(b'{"code": 401}', 200, Rejected, id="body code 401"),
        pytest.param(b"instance is starting", 400, Rejected, id="400"),
        pytest.param(b"", 404, Rejected, id="404"),
        pytest.param(b"", 429, Throttled, id="429"),
    ],
)
def test_an_order_is_refused_only_where_it_is_certain(
    method: Method[Any, Any], body: bytes, status: int, expected: type
) -> None:
    assert type(method.judge(answer(body, status=status), KNOWN)) is expected


@pytest.mark.parametrize(
    ("body", "again"),
    [
        (b"null", False),
        (b'{"stateInstance": null}', False),
        (b'{"x": 1}', True),
        (b"{}", True),
        (b"[null]", True),
        (b"{", True),
    ],
)
def test_an_instance_that_is_being_created_is_not_asked_again_at_once(
    body: bytes, again: bool
) -> None:
    told = GET_STATE_INSTANCE.judge(answer(body), KNOWN)

    assert isinstance(told, Unreadable)
    assert (told.again, "null" in told.reason) == (again, not again)


@pytest.mark.parametrize("method", READS, ids=name)
def test_what_was_cut_is_asked_again(method: Method[Any, Any]) -> None:
    told = method.judge(answer(b'{"stateInstance"', whole=False), KNOWN)

    assert isinstance(told, Unreadable)
    assert told.again


def test_nothing_that_was_told_shows_a_secret() -> None:
    settings = GET_SETTINGS.judge(
        says({"webhookUrlToken": "hush", "webhookUrl": "u?t=hush"}), KNOWN
    )
    told = [
        settings,
        QrTold("qrCode", "hush"),
        PairingCode(Secret("hush")),
        NewToken(Secret("hush")),
    ]
    call = InstanceCall(
        InstanceAccess(1, Secret("hush"), "https://a"), {"password": Secret("hush")}
    )

    assert "hush" not in repr([*told, call])
