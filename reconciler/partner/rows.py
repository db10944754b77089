"""Reads a JSON array row by row as it arrives: an account of any size takes the memory of a row."""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from json import JSONDecodeError
from typing import Any, Final

from reconciler.partner.answer import LENIENT

_LONGEST_ROW: Final = 1024 * 1024  # characters
_LONGEST: Final = 8 * 1024**3  # bytes; ten million rows
_BLANKS: Final = re.compile(r"[ \t\r\n]*")


def read_rows(chunks: Iterable[bytes]) -> Iterator[Any]:
    """Yield the elements of the one array that *chunks* are, and raise ValueError where they are
    not: also after the last element, so nothing is known before the end.

    Broken UTF-8 in one text must not hide the ids beside it, so it is replaced, not refused.
    """
    text = _Text(chunks)
    if text.next() != "[":
        raise ValueError("not an array")
    text.skip()
    if text.next() == "]":
        text.skip()
    else:
        while True:
            yield text.value()
            sign = text.next()
            text.skip()
            if sign == "]":
                break
            if sign != ",":
                raise ValueError("neither a comma nor the end")
    if text.next():
        raise ValueError("more than an array")


class _Text:
    """What has arrived and is not read yet."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._decoder = getincrementaldecoder("utf-8-sig")("replace")
        self._text, self._at = "", 0
        self._arrived = 0

    def next(self) -> str:
        """Return the next sign that is no blank, and stay before it; an empty one at the end."""
        while True:
            if blanks := _BLANKS.match(self._text, self._at):
                self._at = blanks.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def skip(self) -> None:
        """Go past the sign that `next` returned."""
        self._at += 1

    def value(self) -> Any:
        """Read one value, however many chunks it takes."""
        if self.next() != "{":  # an object ends with its brace, a number could go on
            raise ValueError("not an object")
        while True:
            try:
                value, self._at = LENIENT.raw_decode(self._text, self._at)
            except JSONDecodeError:
                if len(self._text) - self._at > _LONGEST_ROW or not self._more():
                    raise
            except RecursionError:
                raise ValueError("nested too deeply") from None
            else:
                return value

    def _more(self) -> bool:
        """Take the next chunk in; False if there is none."""
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self._arrived += len(chunk)
        if self._arrived > _LONGEST:
            raise ValueError("longer than any account")
        self._text = self._text[self._at :] + self._decoder.decode(chunk)
        self._at = 0
        return True
