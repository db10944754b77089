"""What the answer to a request that must not be repeated means for money. Pure.

Success is judged by shape, never by a code: an older scheme used body code 200 for an error.
Whatever could mean that an instance was made is `Unknown`; the account then decides.
"""

import re
from collections.abc import Mapping
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
    Hide,
    read_code,
    read_id,
    read_json,
    read_text,
    read_type,
    unreadable,
)
from reconciler.partner.codes import (
    DECLINED,
    NO_FREE_INSTANCES,
    THROTTLED,
    TOKEN_REFUSED,
    in_words,
    is_error,
)
from reconciler.partner.headers import read_retry_after
from reconciler.secrets import Secret, clean_foreign

_LIMIT: Final = 1024 * 1024
_NO_EXTRA: Final[Mapping[str, str]] = {}  # one for all: a large account has many records


def classify(answer: Answer, *, now: datetime, hide: Hide = str) -> Attempt:
    """Return what became of a create. *hide* masks known secrets in texts of the API."""
    body = answer.body(_LIMIT)
    value = read_json(body.content) if body.whole else UNREADABLE
    if isinstance(value, dict) and value.get("idInstance"):
        return _with_id(answer.status, value)
    if not isinstance(value, dict) and b"idInstance" in body.content:
        return Unknown(unreadable(body))
    fields = value if isinstance(value, dict) else None
    return judge_refusal(answer, body, fields, now=now, hide=hide, lacks="an idInstance")


def _with_id(status: int, value: dict[str, Any]) -> Created | Unknown:
    id_instance = read_id(value["idInstance"])
    if id_instance is None:
        return Unknown("the answer has an idInstance that is not an id")
    if 400 <= status < 500:  # a refusal that speaks of an instance, perhaps of another one
        return Unknown(f"the server answered {in_words(status)} with idInstance {id_instance}")
    return _created(id_instance, value)


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


def judge_refusal(
    answer: Answer,
    body: Body,
    value: Mapping[str, Any] | None,
    *,
    now: datetime,
    hide: Hide,
    lacks: str,
) -> Throttled | Refused | Rejected | Unknown:
    """Return what an answer means that *lacks* what tells of success; *value* is its JSON object.

    It is a refusal only where it is certain that nothing was done.
    """
    status, fields = answer.status, value or {}
    code = read_code(fields.get("code")) or None  # 0 is nobody's error
    if (why := _unclear(status, code, body, value, lacks)) is not None:
        return Unknown(why)
    if THROTTLED in (code, status):
        return Throttled(read_retry_after(answer.headers, now=now))
    refused = next((n for n in (code, status) if n in TOKEN_REFUSED), None)
    if refused is not None and code != NO_FREE_INSTANCES:
        return Refused(refused, _description(fields, refused, hide))
    spoken = status if code is None else code
    return Rejected(spoken, _description(fields, spoken, hide))


def _unclear(
    status: int, code: int | None, body: Body, value: Mapping[str, Any] | None, lacks: str
) -> str | None:
    """Say why it may be done for all that was answered; None after a clear refusal."""
    if not body.whole:
        return unreadable(body)
    if not (200 <= status < 300 or status in DECLINED or status == THROTTLED):
        return f"the server answered {in_words(status)}"
    if code is not None and _proves_nothing(code):
        return f"the server answered code {code} without {lacks}"
    if status in TOKEN_REFUSED and value is None:  # a firewall's page
        return f"{in_words(status)}, and not in the words of the API"
    if code is None and not is_error(status):
        return f"the answer has neither {lacks} nor a code" if value else unreadable(body)
    return None


def _proves_nothing(code: int) -> bool:
    unclear = is_error(code) and code not in DECLINED and code != THROTTLED
    return unclear or 200 <= code < 300


def _description(value: Mapping[str, Any], code: int, hide: Hide) -> str:
    said = (value.get(key) for key in ("description", "message"))
    text = next((text for text in said if isinstance(text, str) and text.strip()), None)
    return clean_foreign(hide(text)) if text is not None else in_words(code)
