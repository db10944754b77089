"""What an answer of the partner API means. Pure: the only place that judges answers.

Success is judged by shape, never by a code: an older scheme used body code 200 for an error.
Whatever could mean that an instance was made is `Unknown`; the account then decides.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from reconciler.model import (
    Attempt,
    Created,
    Refused,
    Rejected,
    Throttled,
    Unknown,
)
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
from reconciler.partner.codes import NO_FREE_INSTANCES, in_words, may_exist
from reconciler.partner.headers import read_retry_after
from reconciler.secrets import Secret, clean_foreign

Hide = Callable[[str], str]

_LIMIT: Final = 1024 * 1024
_NO_EXTRA: Final[Mapping[str, str]] = {}  # one for all: a large account has many records


def classify(answer: Answer, *, now: datetime, hide: Hide = str) -> Attempt:
    """Return what became of a create. *hide* masks known secrets in texts of the API."""
    body = answer.body(_LIMIT)
    value = read_json(body.content) if body.whole else UNREADABLE
    if isinstance(value, dict):
        id_instance = read_id(value.get("idInstance"))
        if id_instance is not None:
            return _created(id_instance, value)
        if value.get("idInstance"):
            return Unknown("the answer has an idInstance that is not an id")
        return _without_id(answer, body, value, now, hide)
    if b"idInstance" in body.content:
        return Unknown(unreadable(body))
    return _without_id(answer, body, {}, now, hide)


def _created(id_instance: int, value: dict[str, Any]) -> Created:
    token = read_text(value.get("apiTokenInstance"))
    return Created(
        id_instance=id_instance,
        token=None if token is None else Secret(token),
        type_instance=read_type(value.get("typeInstance")),
        extra={
            key: value[key] for key in ("apiUrl", "mediaUrl") if _is_address(value.get(key), token)
        }
        or _NO_EXTRA,
    )


_ADDRESS: Final = re.compile(r"https?://[!-~]{1,500}", re.ASCII)


def _is_address(value: object, token: str | None) -> bool:
    """Tell whether *value* may stand in the open in the state: a URL without the token in it."""
    is_url = isinstance(value, str) and _ADDRESS.fullmatch(value) is not None
    return is_url and not (token is not None and token in str(value))


def _without_id(
    answer: Answer, body: Body, value: dict[str, Any], now: datetime, hide: Hide
) -> Attempt:
    status = answer.status
    code = read_code(value.get("code"))
    if may_exist(status) or not 200 <= status < 500 or 300 <= status < 400:
        return Unknown(f"the server answered {in_words(status)}")
    if code is not None and (may_exist(code) or code == 200):
        return Unknown(f"the server answered code {code} without an idInstance")
    spoken = code if code is not None else status
    if code == 429 or status == 429:
        return Throttled(read_retry_after(answer.headers, now=now))
    if code != NO_FREE_INSTANCES:
        refused = next((n for n in (code, status) if n in (401, 403)), None)
        if refused is not None:
            return Refused(refused, _description(value, refused, hide))
        if status < 300 and not code:  # no code, or 0, which is nobody's error
            return Unknown(_unexplained(body, value))
    return Rejected(spoken, _description(value, spoken, hide))


def _unexplained(body: Body, value: dict[str, Any]) -> str:
    return "the answer has neither an idInstance nor a code" if value else unreadable(body)


def _description(value: dict[str, Any], code: int, hide: Hide) -> str:
    said = (value.get(key) for key in ("description", "message"))
    text = next((text for text in said if isinstance(text, str) and text.strip()), None)
    return clean_foreign(hide(text)) if text is not None else in_words(code)
