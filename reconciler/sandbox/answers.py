"""Answers: the documented failures, and what each fault makes of a usual answer."""

import json
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Final, assert_never

from starlette.responses import Response

from reconciler.sandbox.broken_answers import (
    ConnectionClosed,
    ConnectionReset,
    CutShort,
    Hung,
    Padded,
)
from reconciler.sandbox.faults import (
    Answer,
    Close,
    Cut,
    Hang,
    Huge,
    Redirect,
    Refuse,
    Reply,
    Reset,
    Reshaped,
    Shape,
    Usual,
)

_JSON: Final = "application/json"


def encode(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def usual(body: bytes) -> Response:
    return Response(body, media_type=_JSON)


def failure(status: int, description: str, *, retry_after: int | None = None) -> Response:
    """An HTTP failure whose body says the same again."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    body = encode({"code": status, "description": description})
    return Response(body, status, headers, _JSON)


def soft_failure(code: int, description: str) -> Response:
    """The documented way to fail: HTTP 200 with a code in the body."""
    return usual(encode({"code": code, "description": description}))


def unauthorized(status: int) -> Response:
    body = encode({"code": 401, "description": "Unauthorized"})
    return Response(body, status, media_type=_JSON)


def respond(  # noqa: C901, PLR0911 - one case for each kind of answer
    answer: Answer, body: bytes, *, url: str, unauthorized_status: int, now: datetime
) -> Response:
    """Return what goes out in the place of the usual *body*; *url* is what was asked for."""
    match answer:
        case Usual():
            return usual(body)
        case Close():
            return ConnectionClosed()
        case Reset():
            return ConnectionReset()
        case Hang(seconds):
            return Hung(seconds)
        case Reply():
            return Response(answer.body, answer.status, _retry_after(answer, now), _JSON)
        case Redirect(status, location):
            return Response(b"", status, {"location": location or url})
        case Refuse():
            return unauthorized(unauthorized_status)
        case Cut():
            return CutShort(body, media_type=_JSON)
        case Huge(mebibytes):
            return Padded(body, mebibytes=mebibytes, headers={"content-type": _JSON})
        case Reshaped(shape):
            return usual(encode(_reshaped(shape, json.loads(body), url)))
        case _:
            assert_never(answer)


def _retry_after(reply: Reply, now: datetime) -> dict[str, str]:
    if reply.retry_after_date is not None:
        date = now + timedelta(seconds=reply.retry_after_date)
        return {"retry-after": format_datetime(date, usegmt=True)}
    return {} if reply.retry_after is None else {"retry-after": reply.retry_after}


def _reshaped(shape: Shape, value: Any, url: str) -> Any:
    if isinstance(value, list):
        return [_reshaped(shape, item, url) for item in value]
    if not isinstance(value, dict):
        return value
    match shape:
        case Shape.NO_TOKEN:
            return {name: item for name, item in value.items() if name != "apiTokenInstance"}
        case Shape.STRING_ID:
            return {n: str(item) if n == "idInstance" else item for n, item in value.items()}
        case Shape.EXTRA_FIELDS:
            host = "/".join(url.split("/")[:3])
            more = {"apiUrl": host, "mediaUrl": host, "someday": {"nested": [1, None, True]}}
            return {**value, **more}
        case _:
            assert_never(shape)
