"""A reader for manifests without subtleties, which most are: block mappings of plain scalars.

libyaml's event stream costs most of a run that has nothing to do, so a text that is nothing but
lines of `key: value` is read by one regular expression. It decides nothing: for any text with
more in it than that (anchors, lists, quotes with escapes, a key twice, a value over two lines,
an error) it returns None, and the reader of the events says what there is to say.
"""

import re
from typing import Any, Final

from reconciler.manifest.document import Document
from reconciler.manifest.scalars import SUSPECT, resolve
from reconciler.manifest.source import Source

# Groups: indentation, key, value. A value begins with what begins no other node, and holds
# neither `: ` nor ` #`; one in quotes holds no escape; `{}` is the only collection.
_LINE: Final = re.compile(
    r"""
    ([ ]*)
    (?:
        ([A-Za-z][A-Za-z0-9._-]{0,99}):
        (?:
            [ ]+
            (
                [A-Za-z0-9_/$.] (?: [^\x00-\x20:#\x7f] | :(?![ ]|\Z) | [ ]+(?![ #]|\Z) )*
                | "[^"\\\x00-\x1f]*"
                | '[^'\x00-\x1f]*'
                | \{\}
            )
        )?
    )?
    [ ]* (?: (?<![^ ]) \#.* )?
    """,
    re.VERBOSE,
)
_DEEPEST: Final = 16
_DIGITS: Final = 18  # of a number that can't be one too long to read
_NOTHING: Final = object()
_EMPTY: Final = object()  # stands for `{}`, which is another mapping each time
_BLANK: Final = (-1, "", None, 0)  # or a comment
_Level = tuple[int, dict[str, Any], list[int]]
_Line = tuple[int, str, Any, int]  # indentation, key, value, where the value begins


def read_plain(source: Source) -> Document | None:
    """Return the document of *source* if every line of it is plain."""
    *lines, last = source.text.split("\n")
    if last or "\r" in source.text:
        return None
    reader = _Plain()
    root: dict[str, Any] = {}
    if not reader.fill(lines, root) or not root:
        return None
    first = reader.marks[id(root)][0]
    return Document(source, root, reader.marks, first, (), complete=True, plain=reader.scalars)


class _Plain:
    def __init__(self) -> None:
        self.marks: dict[int, list[int]] = {}
        self.scalars = True  # every one is a string or an integer
        self._names: dict[str, str] = {}
        self._heads: dict[str, _Line] = {}  # what stands before `: ` in lines that were read

    def fill(self, lines: list[str], root: dict[str, Any]) -> bool:  # noqa: C901, PLR0912 - the hot loop
        """Read *lines* into *root*; return whether all of them are plain."""
        known: dict[str, _Line] = {}
        levels: list[_Level] = []
        current, box = 0, root
        own = self.marks[id(root)] = []
        waiting: str | None = None  # the key whose mapping must begin on the next line
        end = 0
        for text in lines:
            start, end = end, end + len(text) + 1
            line = known.get(text)  # most lines of a manifest stand in it many times
            if line is None:
                line = self._line(text)
                if line is None:
                    return False
                if line[2] is not _NOTHING:  # the keys of entries stand in it once
                    known[text] = line
            indent, key, value, value_at = line
            if indent < 0:
                continue
            if indent != current or waiting is not None:
                if waiting is not None:
                    if indent <= current or len(levels) == _DEEPEST:
                        return False
                    own.append(start + indent)
                    levels.append((current, box, own))
                    inner: dict[str, Any] = {}
                    box[waiting] = inner
                    current, box, waiting = indent, inner, None
                    own = self.marks[id(inner)] = []
                while indent < current:
                    current, box, own = levels.pop()
                if indent != current:
                    return False
            if key in box:
                return False
            own.append(start + indent)
            if value is _NOTHING:
                waiting = key
                continue
            own.append(start + value_at)
            if value is _EMPTY:
                value = {}
                self.marks[id(value)] = []
            box[key] = value
        return waiting is None

    def _line(self, text: str) -> _Line | None:
        head, _, typed = text.partition(": ")
        if typed.isdigit() and head in self._heads and typed.isascii() and len(typed) <= _DIGITS:
            seen = self._heads[head]  # most new lines are another number
            return seen[0], seen[1], int(typed), seen[3]
        match = _LINE.fullmatch(text)
        if match is None:
            return None
        indent, key, typed = match.groups()
        if key is None:
            return _BLANK
        if key[0] in SUSPECT and resolve(key) != key:
            return None
        if typed is None:
            return len(indent), key, _NOTHING, 0
        key = self._names.setdefault(key, key)
        line = len(indent), key, self._value(typed), match.start(3)
        if match.start(3) == len(head) + 2:
            self._heads[head] = line
        return line

    def _value(self, typed: str) -> Any:
        if typed == "{}":
            return _EMPTY
        if typed[0] in "\"'":
            return typed[1:-1]
        value = resolve(typed) if typed[0] in SUSPECT else typed
        self.scalars = self.scalars and (value.__class__ is str or value.__class__ is int)
        return value
