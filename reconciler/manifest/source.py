"""Bytes of a file → the text that the reader gets, and its places."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import Final

from reconciler.manifest.foreign import foreign_bytes, foreign_text, without_late_bom
from reconciler.manifest.problems import Problem, Severity
from reconciler.model import Place

MAX_BYTES: Final = 64 * 1024 * 1024

# Everything that YAML counts as not printable, and three line separators that YAML 1.1 and 1.2
# read differently (NEL, LS, PS). A text, as is every pattern that few manifests need: `re` compiles
# it at its first use, and keeps it.
_FORBIDDEN: Final = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
_PLAIN_BYTES: Final = bytes([9, 10, 13, *range(32, 127), *range(128, 256)])
_BREAK: Final = r"\r\n|\r|\n"

# How far a scalar goes on its line.
_QUOTED: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\'\'|[^\'\n])*\'')
_PLAIN: Final = re.compile(r"[^\n\r]*?(?=[ \t]+#|:(?:\s|\Z)|[ \t]*(?:[\n\r]|\Z))")
_FLOW: Final = re.compile(r"[,\[\]{}]")
_LONGEST_TOKEN: Final = 500  # characters; nobody reads more of a scalar


class Source:
    """The text of one file; *place* turns an index into it into line and column."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    def place(self, index: int) -> Place:
        line = bisect_right(self._starts, index)
        return Place(self.path, line, index - self._starts[line - 1] + 1)

    def token(self, index: int) -> str:
        """Return the scalar that begins at *index*, as far as it goes on this line."""
        text = self.text
        rest = text[index : index + _LONGEST_TOKEN]
        if quoted := _QUOTED.match(rest):
            return quoted.group()
        plain = _PLAIN.match(rest)
        word = plain.group() if plain else ""
        before = text[text.rfind("\n", 0, index) + 1 : index]
        return _FLOW.split(word)[0] if word and _FLOW.search(before) else word

    @cached_property
    def _starts(self) -> Sequence[int]:
        if "\r" in self.text:
            return [0, *(found.end() for found in re.finditer(_BREAK, self.text))]
        lengths = [len(line) + 1 for line in self.text.split("\n")[:-1]]
        return list(accumulate(lengths, initial=0))


def decode(path: str, data: bytes) -> Source | Problem:
    """Return the text of *data*, or the first reason why there is none."""
    if len(data) > MAX_BYTES:
        return _unreadable(
            Place(path, 1, 1),
            "file-size",
            f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB",
            "split it into several files; a folder of them can be given too",
        )
    if (foreign := foreign_bytes(data[:256])) is not None:
        return _unreadable(Place(path, 1, 1), "encoding", *foreign[1:])
    try:
        text = without_late_bom(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return _not_utf8(path, data, error.start)
    source = Source(path, text)
    if (foreign := foreign_text(text)) is not None:
        return _unreadable(source.place(foreign[0]), "foreign", *foreign[1:])
    if text.isascii() and not data.translate(None, _PLAIN_BYTES):
        return source
    found = re.search(_FORBIDDEN, text)
    return source if found is None else _forbidden(source, found.start())


def _not_utf8(path: str, data: bytes, position: int) -> Problem:
    before = Source(path, data[:position].decode("utf-8-sig", errors="replace"))
    return _unreadable(
        before.place(len(before.text)),
        "encoding",
        f"the byte 0x{data[position]:02x} is not valid UTF-8",
        "save the file as UTF-8",
    )


def _forbidden(source: Source, index: int) -> Problem:
    code = ord(source.text[index])
    escape = f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"
    return _unreadable(
        source.place(index),
        "control-character",
        f"the character U+{code:04X} may not stand in a manifest",
        f'remove it, or write "{escape}" within double quotes',
    )


def _unreadable(place: Place, rule: str, message: str, hint: str) -> Problem:
    return Problem(place, Severity.ERROR, "", message, hint, rule)
