"""What libyaml refuses though YAML 1.2 allows it, where the meaning is certain.

The text is mended without changing its length, so that every place stays what it was.
"""

import re
from typing import Final

from yaml.error import MarkedYAMLError, YAMLError

_BLANK_LINES: Final = re.compile(r"^[ \t]*\t[ \t]*$", re.MULTILINE)
_NOTHING: Final = re.compile(
    r"---[ \t]*(?:#[^\r\n]*)?(?:\r\n?|\n|\Z)(?:\s*(?:#[^\r\n]*|\.\.\.))*\s*\Z"
)

# JSON writes characters beyond the first plane as two escapes. libyaml takes neither half, so
# each is read as a character of the private range U+E000 to U+E7FF, and joined afterwards.
_PAIR: Final = re.compile(r"\\u([dD])([89aAbB])([0-9a-fA-F]{2})\\u([dD])([c-fC-F])([0-9a-fA-F]{2})")
_STAND_IN: Final = re.compile(r"\\u[eE][0-7][0-9a-fA-F]{2}|[\ue000-\ue7ff]")
_STAND_IN_PAIR: Final = re.compile(r"([\ue000-\ue3ff])([\ue400-\ue7ff])")
_TYPED_PAIR: Final = re.compile(r"\\u([eE])([0-3])([0-9a-fA-F]{2})\\u([eE])([4-7])([0-9a-fA-F]{2})")


def mended(text: str, error: YAMLError) -> str | None:
    """Return *text* as libyaml takes it, or None where *error* stands for good reason."""
    mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
    said = (error.problem or "") if isinstance(error, MarkedYAMLError) else ""
    if mark is None:
        return None
    if "escape code" in said and not _STAND_IN.search(text):
        better = _PAIR.sub(_stand_ins, text)
        return better if better != text else None
    if "cannot start any token" in said or "violates indentation" in said:
        return _without_tab(text, min(mark.index, len(text)))
    return None


def unescaped(value: str, style: str | None, *, mended: bool) -> str:
    """Return what a scalar of a *mended* text says."""
    if not mended:
        return value
    if style == '"':
        return _STAND_IN_PAIR.sub(_joined, value)
    return _TYPED_PAIR.sub(_as_typed, value)


def says_nothing(text: str, index: int) -> bool:
    """Whether from the document marker at *index* on nothing stands but comments."""
    return _NOTHING.match(text, index) is not None


def _without_tab(text: str, index: int) -> str | None:
    """Replace the tabs of the blank line at *index* by spaces."""
    start = text.rfind("\n", 0, index) + 1
    line = _BLANK_LINES.match(text, start)
    if line is None:
        return None
    return text[:start] + " " * len(line.group()) + text[line.end() :]


def _stand_ins(pair: re.Match[str]) -> str:
    return _shifted(pair, {"d": "e", "D": "E"}, -8)


def _joined(pair: re.Match[str]) -> str:
    high, low = ord(pair.group(1)) - 0xE000, ord(pair.group(2)) - 0xE400
    return chr(0x10000 + (high << 10) + low)


def _as_typed(pair: re.Match[str]) -> str:
    return _shifted(pair, {"e": "d", "E": "D"}, 8)


def _shifted(pair: re.Match[str], letters: dict[str, str], by: int) -> str:
    """Write both halves of *pair* with another first letter, their second digit moved *by*."""
    written = ""
    for first, second, rest in (pair.groups()[:3], pair.groups()[3:]):
        digit = f"{int(second, 16) + by:x}"
        written += f"\\u{letters[first]}{digit.upper() if first.isupper() else digit}{rest}"
    return written
