"""What an answer of the partner API means. Pure: the only place that judges answers.

Success is judged by shape, never by a code: an older scheme used body code 200 for an error.
Whatever could mean that an instance was made is `Unknown`; the account then decides.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from sys import intern
from typing import Any, Final

from reconciler.model import (
    Account,
    Attempt,
    Created,
    Instance,
    Refused,
    Rejected,
    Throttled,
    Unknown,
)
from reconciler.partner.answer import UNREADABLE, Answer, read_code, read_id, read_json, read_text
from reconciler.secrets import Secret, clean_foreign

Hide = Callable[[str], str]

_NO_FREE_INSTANCES: Final = 100
_NO_EXTRA: Final[Mapping[str, str]] = {}  # one for all: a large account has many records
_CLIENT_GAVE_UP: Final = 499  # the upstream may have gone on


def classify(answer: Answer, *, now: datetime, hide: Hide = str) -> Attempt:
    """Return what became of a create. *hide* masks known secrets in texts of the API."""
    value = read_json(answer.body) if answer.whole else UNREADABLE
    if isinstance(value, dict):
        id_instance = read_id(value.get("idInstance"))
        if id_instance is not None:
            return _created(id_instance, value)
        if value.get("idInstance"):
            return Unknown("the answer has an idInstance that is not an id")
        return _without_id(answer, value, now, hide)
    if b"idInstance" in answer.body:
        return Unknown(_unreadable(answer))
    return _without_id(answer, {}, now, hide)


def _created(id_instance: int, value: dict[str, Any]) -> Created:
    token = read_text(value.get("apiTokenInstance"))
    return Created(
        id_instance=id_instance,
        token=None if token is None else Secret(token),
        type_instance=_read_type(value),
        extra={
            key: value[key] for key in ("apiUrl", "mediaUrl") if _is_address(value.get(key), token)
        }
        or _NO_EXTRA,
    )


_WORD: Final = re.compile(r"[!-~]{1,23}", re.ASCII)  # shown in the open: no token is that short


def _read_type(value: dict[str, Any]) -> str | None:
    word = value.get("typeInstance")
    return intern(word) if isinstance(word, str) and _WORD.fullmatch(word) else None


_ADDRESS: Final = re.compile(r"https?://[!-~]{1,500}", re.ASCII)


def _is_address(value: object, token: str | None) -> bool:
    """Tell whether *value* may stand in the open in the state: a URL without the token in it."""
    is_url = isinstance(value, str) and _ADDRESS.fullmatch(value) is not None
    return is_url and not (token is not None and token in str(value))


def _without_id(answer: Answer, value: dict[str, Any], now: datetime, hide: Hide) -> Attempt:
    status = answer.status
    code = read_code(value.get("code"))
    if _may_exist(status) or not 200 <= status < 500 or 300 <= status < 400:
        return Unknown(f"the server answered {_in_words(status)}")
    if code is not None and (_may_exist(code) or code == 200):
        return Unknown(f"the server answered code {code} without an idInstance")
    spoken = code if code is not None else status
    if code == 429 or status == 429:
        return Throttled(_retry_after(answer.headers.get("retry-after"), now))
    if code != _NO_FREE_INSTANCES:
        refused = next((n for n in (code, status) if n in (401, 403)), None)
        if refused is not None:
            return Refused(refused, _description(value, refused, hide))
        if status < 300 and not code:  # no code, or 0, which is nobody's error
            return Unknown(_unexplained(answer, value))
    return Rejected(spoken, _description(value, spoken, hide))


def _may_exist(code: int) -> bool:
    return code == _CLIENT_GAVE_UP or 500 <= code < 600


def _unexplained(answer: Answer, value: dict[str, Any]) -> str:
    return "the answer has neither an idInstance nor a code" if value else _unreadable(answer)


_BEGINNING: Final = re.compile(rb'\s*\{\s*"idInstance"\s*:\s*"?([1-9][0-9]{0,17})"?\s*,')


def _unreadable(answer: Answer) -> str:
    """Say why the body tells nothing; an id at its beginning helps the person who looks."""
    if answer.whole:
        return "the answer is empty" if not answer.body.strip() else "the answer is not readable"
    begins = _BEGINNING.match(answer.body)
    seen = f" after idInstance {int(begins.group(1))}" if begins else ""
    return f"the answer was cut{seen}"


def _description(value: dict[str, Any], code: int, hide: Hide) -> str:
    said = (value.get(key) for key in ("description", "message"))
    text = next((text for text in said if isinstance(text, str) and text.strip()), None)
    return clean_foreign(hide(text)) if text is not None else _in_words(code)


def _in_words(code: int) -> str:
    if code == _NO_FREE_INSTANCES:
        return "temporarily no free instances"
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


_SECONDS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_A_DAY: Final = 86_400.0  # no server's clock or whim stops a run for longer


def _retry_after(header: str | None, now: datetime) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds, or a date."""
    if header is None:
        return None
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), _A_DAY)
    try:
        until = parsedate_to_datetime(text)
        aware = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        return min(max((aware - now).total_seconds(), 0.0), _A_DAY)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


# --- the list of instances -----------------------------------------------------------------


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
    value = read_json(answer.body, strict=False) if answer.whole else UNREADABLE
    if answer.status != 200 or not isinstance(value, list):
        return _no_list(answer, value if isinstance(value, dict) else {}, now)
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


def _no_list(answer: Answer, value: dict[str, Any], now: datetime) -> Refused | Unreadable:
    """Tell why there is no list, in our words: theirs might echo what an earlier create sent."""
    code = read_code(value.get("code"))
    refused = next((n for n in (code, answer.status) if n in (401, 403)), None)
    if refused is not None:
        return Refused(refused, _in_words(refused))
    if code is not None or answer.status != 200:
        return Unreadable(
            f"the server answered {_in_words(code if code is not None else answer.status)}",
            again=_passes(answer.status) or (code is not None and _passes(code)),
            retry_after=_retry_after(answer.headers.get("retry-after"), now),
        )
    reason = _unreadable(answer) if not answer.whole else "the answer is not a list of instances"
    return Unreadable(reason, again=True)


def _passes(code: int) -> bool:
    """Tell whether *code* speaks of a trouble that time may mend."""
    return _may_exist(code) or code in (408, 425, 429)


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
        type_instance=_read_type(raw),
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
