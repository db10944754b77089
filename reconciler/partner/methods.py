"""The methods of the API, one row each; the client sends any of them.

To add one, write its row: the path with the places of its fields, what is made of what it is asked
for (fields, body, host), and the judge that turns its answer into a value.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Any, Final, Generic, TypeVar
from urllib.parse import quote

from reconciler.model import (
    Account,
    Attempt,
    Created,
    Desired,
    Refused,
    Rejected,
    Scalar,
    Throttled,
    Unknown,
)
from reconciler.partner import instances as told
from reconciler.partner.answer import Answer, Known, Unreadable
from reconciler.partner.classify import classify
from reconciler.partner.instances import Done, InstanceCall, NewToken, PairingCode, PasswordTold
from reconciler.partner.listing import read_account
from reconciler.secrets import MASK, Secret

Asked = TypeVar("Asked")
Told = TypeVar("Told", covariant=True)  # noqa: PLC0105 - as the other rooms call it

Body = Mapping[str, Scalar | Secret]
Fields = Mapping[str, Secret | str]


@dataclass(frozen=True, slots=True)
class Method(Generic[Asked, Told]):
    """One row. *path* says by the names of its fields whose token the method takes: the partner's,
    which the client knows, and those that *fields* makes of what is asked.

    A method that is not *repeatable* is sent once, whatever becomes of its answer. *host* is the
    URL that it is asked at where that is not the account's. *brings* are the secrets in what it
    told. After *silence* seconds without a byte of the answer nobody waits any longer. Two requests
    with the same fields leave at least *every* so many seconds apart.
    """

    verb: str
    path: str
    judge: Callable[[Answer, Known], Told]
    repeatable: bool
    body: Callable[[Asked], Body | None] = lambda _: None
    fields: Callable[[Asked], Fields] = lambda _: {}
    host: Callable[[Asked], str | None] = lambda _: None
    brings: Callable[[Any], Iterable[Secret | None]] = lambda _: ()  # of a Told
    silence: float = inf
    every: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)

    def target(self, fields: Fields) -> str:
        """Return the path with *fields* in it, for the wire."""
        return self.path.format_map({name: _segment(value) for name, value in fields.items()})

    def shown(self, fields: Fields) -> str:
        """Return the path as it may be seen."""
        return self.path.format_map(dict.fromkeys(fields, MASK))


def _segment(value: Secret | str) -> str:
    segment = quote(value.reveal() if isinstance(value, Secret) else value, safe="")
    # Dots alone would mean another folder.
    return segment if segment.strip(".") else segment.replace(".", "%2E")


# --- what the partner's token opens ----------------------------------------------------------

CREATE_INSTANCE: Final[Method[Desired, Attempt]] = Method(
    "POST",
    "/partner/createInstance/{partnerToken}",
    judge=lambda answer, known: classify(answer, now=known.now, hide=known.hide),
    repeatable=False,
    body=lambda desired: {"name": desired.name, **desired.parameters},
    brings=lambda attempt: (
        [attempt.token]
        if isinstance(attempt, Created) and isinstance(attempt.token, Secret)
        else []
    ),
)
GET_INSTANCES: Final[Method[None, Account | Refused | Unreadable]] = Method(
    "GET",
    "/partner/getInstances/{partnerToken}",
    judge=lambda answer, known: read_account(answer, now=known.now, newest=known.newest),
    repeatable=True,
    brings=lambda seen: (row.token for row in seen.instances) if isinstance(seen, Account) else (),
    silence=60,
    headers={"Cache-Control": "no-cache"},  # what a cache lacks was bought a second time
)
DELETE_INSTANCE_ACCOUNT: Final[Method[int, Done | Rejected | Refused | Throttled | Unknown]] = (
    Method(
        "POST",
        "/partner/deleteInstanceAccount/{partnerToken}",
        judge=partial(told.partner_done, "deleteInstanceAccount"),
        repeatable=False,  # harmless twice, but what became of it is for the listing to say
        body=lambda id_instance: {"idInstance": id_instance},
    )
)

# --- what an instance's own token opens ------------------------------------------------------

_EVERY: Final = 1.2  # seconds; the limit is one a second, and 429 was seen at exactly that
_SILENCE: Final = 30.0


def _instance(
    verb: str,
    name: str,
    judge: Callable[[Answer, Known], Told],
    *,
    repeatable: bool,
    brings: Callable[[Any], Iterable[Secret | None]] = lambda _: (),
) -> Method[InstanceCall, Told]:
    return Method(
        verb,
        "/waInstance{idInstance}/" + name + "/{apiTokenInstance}",
        judge=judge,
        repeatable=repeatable,
        body=lambda call: call.body or None,
        fields=lambda call: {
            "idInstance": str(call.instance.id_instance),
            "apiTokenInstance": call.instance.token,
        },
        host=lambda call: call.instance.url,
        brings=brings,
        silence=_SILENCE,
        every=_EVERY,
        headers={"Cache-Control": "no-cache"} if repeatable else {},
    )


_query = partial(_instance, "GET", repeatable=True)

GET_STATE_INSTANCE: Final = _query("getStateInstance", told.read_state)
GET_STATE_INSTANCE_HISTORY: Final = _query("getStateInstanceHistory", told.read_history)
GET_SETTINGS: Final = _instance(
    "GET",
    "getSettings",
    told.read_settings,
    repeatable=True,
    brings=lambda seen: () if isinstance(seen, Unreadable) else seen.secrets,
)
GET_WA_SETTINGS: Final = _query("getWaSettings", told.read_profile)  # WhatsApp
GET_ACCOUNT_SETTINGS: Final = _query("getAccountSettings", told.read_profile)  # Telegram, MAX
QR: Final = _query("qr", told.read_qr)

_order = partial(_instance, repeatable=False)

# Safe to repeat, but each one reboots the instance: what became of it is read back.
SET_SETTINGS: Final = _order("POST", "setSettings", partial(told.done, "saveSettings"))
REBOOT: Final = _order("GET", "reboot", partial(told.done, "isReboot"))
LOGOUT: Final = _order("GET", "logout", partial(told.done, "isLogout"))
GET_AUTHORIZATION_CODE: Final[
    Method[InstanceCall, PairingCode | Rejected | Throttled | Unknown]
] = _instance(
    "POST",
    "getAuthorizationCode",
    told.pairing_code,
    repeatable=False,
    brings=lambda seen: [seen.code] if isinstance(seen, PairingCode) else [],
)
SEND_AUTHORIZATION_PASSWORD: Final[
    Method[InstanceCall, PasswordTold | Rejected | Throttled | Unknown]
] = _instance("POST", "sendAuthorizationPassword", told.password_told, repeatable=False)
UPDATE_API_TOKEN: Final[Method[InstanceCall, NewToken | Rejected | Throttled | Unknown]] = (
    _instance(
        "GET",  # one that changes state: a proxy or a library that repeats it rotates again
        "updateApiToken",
        told.new_token,
        repeatable=False,
        brings=lambda seen: [seen.token] if isinstance(seen, NewToken) else [],
    )
)
