"""What the methods of one instance answer, as values. Pure.

A read that fails is `Unreadable`, whatever was answered: it says nothing of the instance. A 401
above all has four readings (too young, a new token, deleted long ago, really wrong), so it is never
a verdict here: the account's listing decides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from reconciler.model import Refused, Rejected, Scalar, Throttled, Unknown
from reconciler.partner.answer import (
    UNREADABLE,
    Answer,
    Known,
    Unreadable,
    read_code,
    read_json,
    read_text,
    read_type,
    unreadable,
)
from reconciler.partner.classify import judge_refusal
from reconciler.partner.codes import in_words, is_error, passes
from reconciler.partner.headers import read_retry_after
from reconciler.schemas import annotations
from reconciler.secrets import Secret, clean_foreign

T = TypeVar("T")
_LIMIT: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class InstanceAccess:
    """The way to one instance: *url* is where it is asked, the *token* is part of every path."""

    id_instance: int
    token: Secret
    url: str


@dataclass(frozen=True, slots=True)
class InstanceCall:
    """What a method is asked of an *instance*; *body* is what it is sent, if anything."""

    instance: InstanceAccess
    body: Mapping[str, Scalar | Secret] = field(default_factory=dict)


# --- what is told ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    """The API took the request. It says no more: what was asked for may take its time."""


@dataclass(frozen=True, slots=True)
class StateTold:
    """The state of an instance, in the API's word; the list of words is open."""

    word: str


@dataclass(frozen=True, slots=True)
class StateChange:
    """An instance came into the state *word* at *timestamp* (seconds since 1970)."""

    word: str
    timestamp: int
    phone: str | None


@dataclass(frozen=True, slots=True)
class SettingsTold:
    """The settings of an instance, under the API's own names; secret ones are `Secret`."""

    values: Mapping[str, Scalar | Secret] = field(repr=False)  # a URL may have a secret in it

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return tuple(value for value in self.values.values() if isinstance(value, Secret))


@dataclass(frozen=True, slots=True)
class Profile:
    """The account of the messenger that an instance is linked to; None is what was not told.

    *logging_out*: a logout was asked for and is not over.
    """

    state: str
    phone: str | None
    chat_id: str | None
    suspended_until: str | None
    logging_out: bool


@dataclass(frozen=True, slots=True)
class QrTold:
    """What `qr` answers: *message* is a PNG in base64 where *kind* is `qrCode`, else a text."""

    kind: str
    message: str = field(repr=False)  # whoever sees the picture can link a phone


@dataclass(frozen=True, slots=True)
class PairingCode:
    """What a person types into the phone to link it; good for two minutes and a half."""

    code: Secret


@dataclass(frozen=True, slots=True)
class PasswordTold:
    """What became of a password for the messenger: *taken*, or the API's *reason*."""

    taken: bool
    reason: str


@dataclass(frozen=True, slots=True)
class NewToken:
    """The instance has this *token* now; the one before it is dead."""

    token: Secret


# --- requests that change something ----------------------------------------------------------


def done(name: str, answer: Answer, known: Known) -> Done | Rejected | Throttled | Unknown:
    """Judge an answer that says by the truth of its field *name* whether the request was taken."""
    return _of_instance(partner_done(name, answer, known))


def partner_done(
    name: str, answer: Answer, known: Known
) -> Done | Rejected | Refused | Throttled | Unknown:
    """Judge the same of a method of the partner, whose token may be refused. Some servers say 1
    for true."""

    def taken(fields: Mapping[str, Any]) -> Done | Rejected | None:
        if (said := fields.get(name)) is None:
            return None
        return Done() if said in (True, 1, "true") else Rejected(None, f"the API said no to {name}")

    return _changed(answer, known, name, taken)


def pairing_code(answer: Answer, known: Known) -> PairingCode | Rejected | Throttled | Unknown:
    def read(fields: Mapping[str, Any]) -> PairingCode | None:
        code = read_text(fields.get("code"))
        return PairingCode(Secret(code)) if fields.get("status") is True and code else None

    return _of_instance(_changed(answer, known, "a pairing code", read))


def password_told(answer: Answer, known: Known) -> PasswordTold | Rejected | Throttled | Unknown:
    def read(fields: Mapping[str, Any]) -> PasswordTold | None:
        if not isinstance(fields.get("status"), bool):
            return None
        data = fields.get("data")
        data = data if isinstance(data, dict) else {}
        taken = fields["status"] and data.get("status", True) not in (False, "fail", "error")
        reason = read_text(data.get("reason")) or ""
        return PasswordTold(taken, clean_foreign(known.hide(reason)))

    return _of_instance(_changed(answer, known, "a status", read))


def new_token(answer: Answer, known: Known) -> NewToken | Rejected | Throttled | Unknown:
    def read(fields: Mapping[str, Any]) -> NewToken | None:
        token = read_text(fields.get("apiTokenInstance"))
        return NewToken(Secret(token)) if token else None

    return _of_instance(_changed(answer, known, "a token", read))


def _changed(
    answer: Answer, known: Known, lacks: str, read: Callable[[Mapping[str, Any]], T | None]
) -> T | Rejected | Refused | Throttled | Unknown:
    body = answer.body(_LIMIT)
    value = read_json(body.content) if body.whole else UNREADABLE
    fields = value if isinstance(value, dict) else None
    if fields is not None and 200 <= answer.status < 300 and (told := read(fields)) is not None:
        return told
    return judge_refusal(answer, body, fields, now=known.now, hide=known.hide, lacks=lacks)


def _of_instance(told: T | Refused) -> T | Rejected:
    """A refused token of one instance says nothing about the others, nor about the partner's."""
    return Rejected(told.code, told.description) if isinstance(told, Refused) else told


# --- reads -----------------------------------------------------------------------------------


def read_state(answer: Answer, known: Known) -> StateTold | Unreadable:
    def read(value: Any) -> StateTold | None:
        word = read_type(value.get("stateInstance")) if isinstance(value, dict) else None
        return StateTold(word) if word else None

    return _told(answer, known, read)


def read_settings(answer: Answer, known: Known) -> SettingsTold | Unreadable:
    def read(value: Any) -> SettingsTold | None:
        if not isinstance(value, dict):
            return None
        secret = annotations("secret")
        scalars = {
            name: Secret(each) if name in secret and each != "" else each
            for name, each in value.items()
            if isinstance(each, str | int)
        }
        return SettingsTold(scalars) if scalars else None

    return _told(answer, known, read)


def read_profile(answer: Answer, known: Known) -> Profile | Unreadable:
    def read(value: Any) -> Profile | None:
        word = read_type(value.get("stateInstance")) if isinstance(value, dict) else None
        if word is None:
            return None
        return Profile(
            word,
            _word(value.get("phone")),
            _word(value.get("chatId")),
            _word(value.get("suspendedUntil")),
            value.get("logoutProcess") in (True, 1, "true", "yes"),
        )

    return _told(answer, known, read)


def read_history(answer: Answer, known: Known) -> tuple[StateChange, ...] | Unreadable:
    def read(value: Any) -> tuple[StateChange, ...] | None:
        if not isinstance(value, list):
            return None
        rows = [
            (read_type(row.get("stateInstance")), row.get("timestamp"), row.get("phoneNumber"))
            for row in value
            if isinstance(row, dict)
        ]
        return tuple(
            StateChange(word, time, _word(phone))
            for word, time, phone in rows
            if word and type(time) is int
        )

    return _told(answer, known, read)


def read_qr(answer: Answer, known: Known) -> QrTold | Unreadable:
    def read(value: Any) -> QrTold | None:
        if not isinstance(value, dict) or (kind := read_type(value.get("type"))) is None:
            return None
        message = value.get("message")
        message = message if isinstance(message, str) else ""
        return QrTold(kind, message if kind == "qrCode" else clean_foreign(known.hide(message)))

    return _told(answer, known, read)


def _word(value: object) -> str | None:
    """Return a phone number, an address or a time, for a person to read."""
    text = str(value) if type(value) is int else value
    return clean_foreign(text, limit=60) if isinstance(text, str) and text else None


def _told(answer: Answer, known: Known, read: Callable[[Any], T | None]) -> T | Unreadable:
    body, status = answer.body(_LIMIT), answer.status
    if not body.whole:
        return Unreadable(unreadable(body), again=True)
    value = read_json(body.content)
    code = read_code(value.get("code")) if isinstance(value, dict) else None
    spoken = code if code is not None and is_error(code) else status
    if not 200 <= spoken < 300:
        return Unreadable(
            f"the server answered {in_words(spoken)}",
            again=passes(spoken),
            retry_after=read_retry_after(answer.headers, now=known.now),
            code=spoken,
        )
    if value is not UNREADABLE and (told := read(value)) is not None:
        return told
    if value is None or (isinstance(value, dict) and None in value.values()):
        return Unreadable("the answer is null: the instance is being created", again=False)
    return Unreadable("the answer is not what was asked for", again=True)
