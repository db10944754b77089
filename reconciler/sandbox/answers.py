"""Answers: what a fault script may put in the place of the usual one, and how each goes out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from typing import Any, Final, assert_never

from starlette.responses import Response

from reconciler.sandbox.broken_answers import (
    ConnectionClosed,
    ConnectionReset,
    CutShort,
    Hung,
    Padded,
    SaidTwice,
)

_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Usual:
    """The answer that would have been given anyway, under another *status* if need be."""

    status: int = 200


@dataclass(frozen=True, slots=True)
class Close:
    """The connection is closed without an answer."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset (TCP RST) without an answer."""


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer; after *seconds*, if the client is still there, the connection is closed."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class Reply:
    """A fixed answer. *retry_after_date* is given in seconds from the moment of the answer."""

    status: int
    body: bytes
    media_type: str = _JSON
    retry_after: str | None = None
    retry_after_date: float | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect; *location* None means to the very address that was asked."""

    status: int
    location: str | None


@dataclass(frozen=True, slots=True)
class Refuse:
    """What a wrong token is answered."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Half of the usual body under a Content-Length that promises all of it."""


@dataclass(frozen=True, slots=True)
class Huge:
    """The usual answer behind so many MiB of blanks: valid JSON, for whoever reads it all."""

    mebibytes: int


@dataclass(frozen=True, slots=True)
class Again:
    """What the create before this one was answered: an id and a token that belong to another."""


@dataclass(frozen=True, slots=True)
class Twice:
    """The usual answer, and once more behind it on the same connection, where nobody asked."""


class Shape(StrEnum):
    """Which fields of the usual answer are otherwise, by the words of the fault script."""

    NO_TOKEN = "no-token"  # noqa: S105 - a word of the fault script
    STRING_ID = "string-id"
    EXTRA_FIELDS = "extra-fields"


@dataclass(frozen=True, slots=True)
class Reshaped:
    """The usual answer with other or more fields in it."""

    shape: Shape


Answer = (
    Usual | Close | Reset | Hang | Reply | Redirect | Refuse | Cut | Huge | Again | Twice | Reshaped
)


def encode(value: object) -> bytes:
    """Write JSON as the API does: without blanks, and letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def usual(body: bytes, status: int = 200) -> Response:
    """Return JSON that says what was done."""
    return Response(body, status, media_type=_JSON)


def failure(status: int, description: str, *, retry_after: int | None = None) -> Response:
    """Return an HTTP failure whose body says the same again."""
    headers = {} if retry_after is None else {"retry-after": str(retry_after)}
    body = encode({"code": status, "description": description})
    return Response(body, status, headers, _JSON)


def soft_failure(code: int, description: str) -> Response:
    """Return the documented way to fail: HTTP 200 with a code in the body."""
    return usual(encode({"code": code, "description": description}))


def unauthorized(status: int) -> Response:
    """Return what a wrong token is answered, under the HTTP *status* of this deployment."""
    return usual(encode({"code": 401, "description": "Unauthorized"}), status)


def respond(  # noqa: C901, PLR0911, PLR0912 - one case for each kind of answer
    answer: Answer,
    body: bytes,
    *,
    url: str,
    unauthorized_status: int,
    now: datetime,
    before: bytes = b"",
) -> Response:
    """Return what goes out in the place of the usual *body*.

    *before* is the body that the create before was answered, *url* is what was asked for.
    """
    match answer:
        case Usual(status):
            return usual(body, status)
        case Close():
            return ConnectionClosed()
        case Reset():
            return ConnectionReset()
        case Hang(seconds):
            return Hung(seconds)
        case Reply():
            retry = _retry_after(answer, now)
            return Response(answer.body, answer.status, retry, answer.media_type)
        case Redirect(status, location):
            return Response(b"", status, {"location": location or url})
        case Refuse():
            return unauthorized(unauthorized_status)
        case Cut():
            return CutShort(body, media_type=_JSON)
        case Huge(mebibytes):
            return Padded(body, mebibytes=mebibytes, headers={"content-type": _JSON})
        case Again():
            return usual(before or body)
        case Twice():
            return SaidTwice(body, media_type=_JSON)
        case Reshaped(shape):
            return usual(encode(_reshaped(shape, json.loads(body), url)))
        case _:
            assert_never(answer)


def dress(response: Response, headers: Mapping[str, str], *, date: datetime | None) -> Response:
    """Put *headers* on *response*, in the place of its own, and a Date of one's choice."""
    response.headers.update(headers)
    if date is not None:
        response.headers["date"] = format_datetime(date, usegmt=True)
    return response


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
