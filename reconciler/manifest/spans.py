"""How far a scalar goes on its line: for carets, and to quote it as it was typed."""

import re
from typing import Final

_QUOTED: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\'\'|[^\'\n])*\'')
_PLAIN: Final = re.compile(r"[^\n\r]*?(?=[ \t]+#|:(?:\s|\Z)|[ \t]*(?:[\n\r]|\Z))")
_FLOW: Final = re.compile(r"[,\[\]{}]")
_LONGEST: Final = 500  # characters; nobody reads more of a scalar


def token(text: str, mark: int) -> str:
    """Return the scalar at *mark*, as far as it goes on this line."""
    rest = text[mark : mark + _LONGEST]
    quoted = _QUOTED.match(rest)
    if quoted:
        return quoted.group()
    plain = _PLAIN.match(rest)
    word = plain.group() if plain else ""
    before = text[text.rfind("\n", 0, mark) + 1 : mark]
    return _FLOW.split(word)[0] if word and _FLOW.search(before) else word
