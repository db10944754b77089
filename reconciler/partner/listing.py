"""What a getInstances answer lists. Pure."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from reconciler.model import Account, Instance, Refused
from reconciler.partner.answer import (
    UNREADABLE,
    Answer,
    Body,
    read_code,
    read_id,
    read_json,
    read_text,
    read_type,
    unreadable,
)
from reconciler.partner.codes import in_words, passes
from reconciler.partner.headers import read_retry_after
from reconciler.secrets import Secret

_LIMIT: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The answer is not the list. *again*: asking once more may help."""

    reason: str
    again: bool
    retry_after: float | None = None


def read_account(answer: Answer, *, now: datetime) -> Account | Refused | Unreadable:
    """Return what a getInstances answer lists.

    A row that can't be read might be the very instance somebody is waiting for, so it makes the
    whole list unreadable: a purchase is never decided on half a list.
    """
    body = answer.body(_LIMIT)
    value = read_json(body.content, strict=False) if body.whole else UNREADABLE
    if answer.status != 200 or not isinstance(value, list):
        return _no_list(answer, body, value if isinstance(value, dict) else {}, now)
    rows: dict[int, Instance] = {}
    for number, raw in enumerate(value, start=1):
        row = _read_row(raw)
        if row is None:
            return Unreadable(f"row {number} of the list of instances is not readable", again=True)
        twin = rows.get(row.id_instance)
        if twin is not None and twin.name != row.name and not (twin.deleted or row.deleted):
            return Unreadable(f"idInstance {row.id_instance} is listed with two names", again=True)
        rows[row.id_instance] = row if twin is None else _merged(twin, row)
    return Account(tuple(rows.values()))


def _no_list(
    answer: Answer, body: Body, value: dict[str, Any], now: datetime
) -> Refused | Unreadable:
    """Tell why there is no list, in our words: theirs might echo what an earlier create sent."""
    code = read_code(value.get("code"))
    refused = next((n for n in (code, answer.status) if n in (401, 403)), None)
    if refused is not None:
        return Refused(refused, in_words(refused))
    if code is not None or answer.status != 200:
        return Unreadable(
            f"the server answered {in_words(code if code is not None else answer.status)}",
            again=passes(answer.status) or (code is not None and passes(code)),
            retry_after=read_retry_after(answer.headers, now=now),
        )
    reason = unreadable(body) if not body.whole else "the answer is not a list of instances"
    return Unreadable(reason, again=True)


def _read_row(raw: object) -> Instance | None:
    if not isinstance(raw, dict):
        return None
    id_instance = read_id(raw.get("idInstance"))
    name = _read_name(raw.get("name"))
    deleted = _read_deleted(raw)
    if id_instance is None or name is None or deleted is None:
        return None
    token = read_text(raw.get("apiTokenInstance"))
    return Instance(
        id_instance=id_instance,
        name=name,
        token=None if token is None else Secret(token),
        type_instance=read_type(raw.get("typeInstance")),
        time_created=_read_time(raw.get("timeCreated")),
        deleted=deleted,
    )


_TIME: Final = re.compile(r"[0-9T :.+Z-]{1,40}", re.ASCII)


def _read_time(value: object) -> str:
    """Return a time, for a person to read; nothing else, for it is shown."""
    return value if isinstance(value, str) and _TIME.fullmatch(value) else ""


def _read_name(value: object) -> str | None:
    """Return the name; an instance without one has an empty name, and is nobody's match."""
    if value is None or value == "":
        return ""
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        return None
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


_TRUTH: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NEVER: Final = "0001-01-01"


def _read_deleted(raw: dict[str, Any]) -> bool | None:
    value = raw.get("deleted")
    if value is True or value is False:
        return value
    if value is None or value == "":  # then the time of the deletion tells
        time = raw.get("timeDeleted")
        return isinstance(time, str) and time != "" and not time.startswith(_NEVER)
    return _TRUTH.get(str(value).strip().lower())


def _merged(one: Instance, other: Instance) -> Instance:
    """Make one of two rows of an id: it is live if either says so, and a known token is kept."""
    first, second = (other, one) if one.deleted else (one, other)
    if first.token is not None:
        return first
    return replace(first, token=second.token)
