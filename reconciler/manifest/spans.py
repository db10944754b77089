"""How far a scalar goes on its line: for carets, and to quote it as it was typed."""

import re
from typing import Final

# Texts, which `re` compiles when they are needed: only where something is wrong.
_QUOTED: Final = r'"(?:\\.|[^"\\\n])*"|\'(?:\'\'|[^\'\n])*\''
_PLAIN: Final = r"[^\n\r]*?(?=[ \t]+#|:(?:\s|\Z)|[ \t]*(?:[\n\r]|\Z))"
_FLOW: Final = r"[,\[\]{}]"
_LONGEST: Final = 500  # characters; nobody reads more of a scalar


def token(text: str, mark: int) -> str:
    """Return the scalar at *mark*, as far as it goes on this line."""
    rest = text[mark : mark + _LONGEST]
    quoted = re.match(_QUOTED, rest)
    if quoted:
        return quoted.group()
    plain = re.match(_PLAIN, rest)
    word = plain.group() if plain else ""
    before = text[text.rfind("\n", 0, mark) + 1 : mark]
    return re.split(_FLOW, word)[0] if word and re.search(_FLOW, before) else word
