"""What an answer of the API is made of, and how its untyped JSON is read."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from sys import intern
from typing import Any, Final, NoReturn

UNREADABLE: Final = object()  # a body that is not one unambiguous JSON value; `null` is None


class BrokenOff(Exception):
    """An answer ended before its body did: by the connection, or because its time was over."""


@dataclass(frozen=True, slots=True)
class Body:
    """What arrived of a body. *whole* is False when it was cut, by the connection or by us."""

    content: bytes = field(repr=False)  # holds tokens
    whole: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer whose body is still arriving.

    The names in *headers* are lower-case. *chunks* can be read once, and raise `BrokenOff`.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    chunks: Iterable[bytes] = field(repr=False)

    def body(self, limit: int) -> Body:
        """Read the body, at most *limit* bytes and a chunk of it."""
        content = bytearray()
        try:
            for chunk in self.chunks:
                content += chunk
                if len(content) > limit:
                    return Body(bytes(content), whole=False)
        except BrokenOff:
            return Body(bytes(content), whole=False)
        return Body(bytes(content), whole=True)


Hide = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Known:
    """What an answer is judged with: the time, what masks secrets in the API's texts, and the
    latest `Date` of the answers before it."""

    now: datetime
    hide: Hide = str
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The answer does not tell what was asked: no information. *again*: asking once more may help.

    *elsewhere*: who answered does not look like the API at all. *code* is what was answered
    instead, as status or in the body.
    """

    reason: str
    again: bool
    retry_after: float | None = None
    elsewhere: bool = False
    code: int | None = None


def read_json(body: bytes) -> Any:
    """Return the value in *body*, or `UNREADABLE`.

    A key given twice makes it unreadable, too: two ids in one answer are none. Broken UTF-8 in one
    text must not hide the id beside it, so it is replaced, not refused.
    """
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        return _STRICT.decode(text)
    except (ValueError, RecursionError):  # ValueError: also an integer of thousands of digits
        return UNREADABLE


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a key is given twice")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_STRICT: Final = json.JSONDecoder(object_pairs_hook=_no_key_twice, parse_constant=_no_constant)
LENIENT: Final = json.JSONDecoder(parse_constant=_no_constant)


_ID: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_LARGEST: Final = 10**18


def read_id(value: object) -> int | None:
    """Return the instance id: a positive integer, or its digits as a string."""
    if type(value) is int:  # a bool is an int, too
        return value if 0 < value < _LARGEST else None
    if isinstance(value, str) and _ID.fullmatch(value):
        return int(value)
    return None


_CODE: Final = re.compile(r"-?[0-9]{1,9}", re.ASCII)


def read_code(value: object) -> int | None:
    """Return an error code: an integer, or its digits as a string."""
    if type(value) is int:
        return value
    if isinstance(value, str) and _CODE.fullmatch(value):
        return int(value)
    return None


def read_text(value: object) -> str | None:
    """Return a text that can be written down as UTF-8 and was not damaged; None for the rest."""
    if not isinstance(value, str) or not value or "\ufffd" in value:
        return None
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        return None
    return value


_WORD: Final = re.compile(r"[!-~]{1,23}", re.ASCII)  # shown in the open: no token is that short


def read_type(value: object) -> str | None:
    """Return a short word that may be shown."""
    return intern(value) if isinstance(value, str) and _WORD.fullmatch(value) else None


_BEGINNING: Final = re.compile(rb'\s*\{\s*"idInstance"\s*:\s*"?([1-9][0-9]{0,17})"?\s*,')


def unreadable(body: Body) -> str:
    """Say why the body tells nothing; an id at its beginning helps the person who looks."""
    if body.whole:
        return "the answer is empty" if not body.content.strip() else "the answer is not readable"
    begins = _BEGINNING.match(body.content)
    seen = f" after idInstance {int(begins.group(1))}" if begins else ""
    return f"the answer was cut{seen}"
