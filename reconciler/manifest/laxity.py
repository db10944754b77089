"""Where libyaml takes more than YAML 1.2 allows: what it must not let pass.

One of these cases bills: a quoted text that goes on at a lesser indentation swallows the entries
below it, and the manifest stays "valid". The places are those that the public yaml-test-suite
knows (its names are in the tests).
"""

import re
from collections import deque
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from yaml.events import ScalarEvent

_BREAK: Final = re.compile(r"\r\n|\r|\n")
_LINE: Final = re.compile(r"(?:\r\n|\r|\n)( *)([^\r\n]*)")
_PROPERTIES: Final = re.compile(r"(?:[&!]\S*(?:\s+|\Z)|#[^\r\n]*|\s+)*")
_ANCHOR: Final = re.compile(r"(?:!\S*\s+)?&[A-Za-z0-9_-]++(?=[^\s,\]}])")
_HEADER: Final = re.compile(r"[|>][-+0-9]*(#)?")
_ONLY_CLOSERS: Final = re.compile(r"[ \t]*[\]}][\]},\s]*(?:#.*)?\Z")
_GLUED_HASH: Final = re.compile(r"#(?<=\S#)")
_GLUED_MARK: Final = re.compile(r"\?(?<=[\s\[{,]\?)[^\s\[\]{},]")


class Laxity(NamedTuple):
    """Something that libyaml let pass: where, what it is, and what to type instead."""

    mark: int
    message: str
    hint: str


def quoted_text(text: str, event: Any, parent: int) -> Laxity | None:
    """Look at a quoted scalar that may go over lines; *parent* is the column of what holds it."""
    if event.end_mark.line == event.start_mark.line:
        return None
    start, end = event.start_mark.index, event.end_mark.index
    if _shallow_line(text, start, end, parent) is None:
        return None
    return Laxity(
        start,
        "a quote is opened here, but not closed on deeper lines",
        "close it; a quoted text that goes on must be indented more than its key",
    )


def block_text(text: str, event: Any) -> Laxity | None:
    """Look at a literal or folded scalar."""
    start, end = after_properties(text, event.start_mark.index), event.end_mark.index
    header = _HEADER.match(text, start)
    if header is not None and header.group(1):
        return Laxity(header.end() - 1, "a comment needs a space before its #", "type a space")
    first, *lines = _BREAK.split(text[start:end])
    rest = lines[-1] if end == len(text) and lines else text[end:] if len(text) - end < 100 else ""
    if rest and not rest.strip(" "):
        return Laxity(
            start, "the file ends within this text", "end its last line with a line break"
        )
    blank = 0
    for line in [*lines, _BREAK.split(text[end : end + 1000])[0]]:
        if line.strip(" "):
            deep = len(line) - len(line.lstrip(" "))
            if blank > deep and not re.search(r"[1-9]", first.split("#")[0]):
                return Laxity(
                    start, "the blank lines above this text are deeper than its first line",
                    "empty the blank lines",
                )  # fmt: skip
            return None
        blank = max(blank, len(line))
    return None


def flow_collection(text: str, start: int, end: int, parent: int) -> Laxity | None:
    """Look at the lines of an outermost `{…}` or `[…]`."""
    index = _shallow_line(text, start, end, parent, closers_may=True)
    if index is None:
        return None
    return Laxity(
        index,
        "this line belongs to the bracket above, and is not indented more than its key",
        "indent it with spaces; or close the bracket",
    )


def anchor(text: str, index: int) -> Laxity | None:
    """Look at the anchor at *index*: libyaml ends its name before a colon, YAML 1.2 does not."""
    found = _ANCHOR.match(text, index)
    if found is None:
        return None
    return Laxity(
        index,
        "the name of an anchor has letters, digits, - and _ only",
        "quote a text that begins with &",
    )


def alias(text: str, start: int, end: int) -> Laxity | None:
    """Look at what follows an alias."""
    if end >= len(text) or text[end] not in "?:%@`.":
        return None
    return Laxity(
        start,
        "the name of an alias has letters, digits, - and _ only",
        "quote a text that begins with *; put a space between an alias and a colon",
    )


def may_be_glued(text: str) -> bool:
    """Whether the text holds a # or ? that only stands apart from its neighbour by libyaml."""
    return bool(_GLUED_HASH.search(text) or _GLUED_MARK.search(text))


def glued(text: str, events: Iterable[Any]) -> Laxity | None:
    """Return the first # (or ?) outside of scalars that touches what stands beside it."""
    found = [*_GLUED_HASH.finditer(text), *_GLUED_MARK.finditer(text)]
    candidates = deque(sorted(each.end() - 1 for each in found))
    before = 0
    for event in events:
        start, is_scalar = event.start_mark.index, isinstance(event, ScalarEvent)
        end = event.end_mark.index if is_scalar else start
        while candidates and candidates[0] < max(end, start + 1):
            index = candidates.popleft()
            marked = index == start and text[index - 1] == "?"
            if (index < start or marked) and (wrong := _in_gap(text, before, index)):
                return wrong
        before = max(before, end)
    return None


def _in_gap(text: str, before: int, index: int) -> Laxity | None:
    line = text[max(before, text.rfind("\n", 0, index) + 1) : index]
    if "#" in line:  # in a comment
        return None
    if text[index] == "#":
        return Laxity(
            index, "a comment needs a space before its #", "type a space, or quote the text"
        )
    return Laxity(
        index - 1, "a text within brackets can't begin with ?", "quote a text that begins with ?"
    )


def after_properties(text: str, index: int) -> int:
    """Return where the node at *index* begins, its anchor and tag passed."""
    found = _PROPERTIES.match(text, index)
    return found.end() if found and text[index : index + 1] in "&!" else index


def _shallow_line(
    text: str, start: int, end: int, parent: int, *, closers_may: bool = False
) -> int | None:
    """Return where the first line after *start* begins that is not deeper than *parent*."""
    for found in _LINE.finditer(text, start, end):
        deep, line = len(found.group(1)), found.group(2)
        if deep > parent or not line.strip() or (closers_may and line.lstrip().startswith("#")):
            continue
        if not (closers_may and deep == parent and _ONLY_CLOSERS.match(line)):
            return found.start(2)
    return None
