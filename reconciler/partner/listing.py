"""What a getInstances answer lists. Pure."""

import re
from codecs import BOM_UTF8
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any, Final

from reconciler.model import Account, Instance, Refused
from reconciler.partner.answer import (
    UNREADABLE,
    Answer,
    BrokenOff,
    Unreadable,
    read_code,
    read_id,
    read_json,
    read_text,
    read_type,
    unreadable,
)
from reconciler.partner.codes import TOKEN_REFUSED, in_words, passes
from reconciler.partner.headers import read_date, read_doubts, read_retry_after
from reconciler.partner.rows import read_rows
from reconciler.secrets import Secret

_LIMIT: Final = 1024 * 1024  # bytes of an answer that is no list


def read_account(
    answer: Answer, *, now: datetime, newest: datetime | None = None
) -> Account | Refused | Unreadable:
    """Return what a getInstances answer lists; *newest* is the latest `Date` seen before it.

    A row that can't be read might be the very instance somebody is waiting for, so it makes the
    whole list unreadable: a purchase is never decided on half a list.
    """
    begins, answer = _beginning(answer)
    if answer.status != 200 or begins != b"[":
        return _no_list(answer, begins, now)
    rows: dict[int, Instance] = {}
    try:
        for raw in read_rows(answer.chunks):
            row = _read_row(raw)
            twin = rows.get(row.id_instance)
            rows[row.id_instance] = row if twin is None else _merged(twin, row)
    except BrokenOff:
        return Unreadable("the answer was cut", again=True)
    except ValueError as error:
        reason = f"the list of instances is not readable after {len(rows)} rows: {error}"
        return Unreadable(reason, again=True)
    date = read_date(answer.headers)
    return Account(
        tuple(rows.values()),
        doubts=read_doubts(answer.headers, newest=newest),
        date=None if date is None else f"{date:%Y-%m-%dT%H:%M:%SZ}",
    )


_BEFORE: Final = BOM_UTF8 + b" \t\r\n"


def _beginning(answer: Answer) -> tuple[bytes, Answer]:
    """Return the first byte that is no blank, and *answer* with all that it had."""
    chunks, start = iter(answer.chunks), b""
    with suppress(BrokenOff):
        while len(start) < _LIMIT and (chunk := next(chunks, None)) is not None:
            start += chunk
            if begins := start.lstrip(_BEFORE):
                return begins[:1], replace(answer, chunks=chain([start], chunks))
    return b"", replace(answer, chunks=[start])


def _no_list(answer: Answer, begins: bytes, now: datetime) -> Refused | Unreadable:
    """Tell why there is no list, in our words: theirs might echo what an earlier create sent."""
    body, status = answer.body(_LIMIT), answer.status
    value = read_json(body.content) if body.whole else UNREADABLE
    code = read_code(value.get("code")) if isinstance(value, dict) else None
    refused = next((n for n in (code, status) if n in TOKEN_REFUSED), None)
    if refused is not None and isinstance(value, dict):
        return Refused(refused, in_words(refused))
    if begins == b"<" and status in {200, 404, 405}:
        said = "a web page" if status == 200 else f"{in_words(status)}, with a web page"
        return Unreadable(f"the server answered {said}", again=False, elsewhere=True)
    if code is not None or status != 200:
        return Unreadable(
            f"the server answered {in_words(code if code is not None else status)}",
            # A firewall's refusal, without the API's words, may pass; the API's own does not.
            again=passes(status) or (code is not None and passes(code)) or refused is not None,
            retry_after=read_retry_after(answer.headers, now=now),
        )
    reason = unreadable(body) if not body.whole else "the answer is not a list of instances"
    return Unreadable(reason, again=True)


def _read_row(raw: dict[str, Any]) -> Instance:
    id_instance = read_id(raw.get("idInstance"))
    name = _read_name(raw.get("name"))
    deleted = _read_deleted(raw)
    if id_instance is None or name is None or deleted is None:
        raise ValueError("no id, no name, or not clear whether it is deleted")
    token = read_text(raw.get("apiTokenInstance"))
    return Instance(
        id_instance=id_instance,
        name=name,
        token=None if token is None else Secret(token),
        type_instance=read_type(raw.get("typeInstance")),
        time_created=_read_time(raw.get("timeCreated")),
        deleted=deleted,
        is_partner=_read_truth(raw.get("isPartner")),
        is_free=_read_truth(raw.get("isFree")),
        is_expired=_read_truth(raw.get("isExpired")) is True,
        expires=_read_time(raw.get("expirationDate")),
        time_deleted=_read_time(raw.get("timeDeleted")),
    )


_TIME: Final = re.compile(r"[0-9T :.+Z-]{1,40}", re.ASCII)


def _read_time(value: object) -> str:
    """Return a time, for a person to read; nothing else, for it is shown."""
    if not isinstance(value, str) or value.startswith(_NEVER):
        return ""
    return value if _TIME.fullmatch(value) else ""


def _read_truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else _TRUTH.get(str(value).strip().lower())


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
    if value is None or value == "":  # then the time of the deletion tells
        time = raw.get("timeDeleted")
        return isinstance(time, str) and time != "" and not time.startswith(_NEVER)
    return _read_truth(value)


def _merged(one: Instance, other: Instance) -> Instance:
    """Make one of two rows of an id: it is live if either says so, and a known token is kept."""
    if one.name != other.name and not (one.deleted or other.deleted):
        raise ValueError(f"idInstance {one.id_instance} has two names")
    first, second = (other, one) if one.deleted else (one, other)
    if first.token is not None:
        return first
    return replace(first, token=second.token)
