"""Characters that nobody sees, and letters that look like others."""

import re
import unicodedata
from typing import Final

# Letters of other scripts that are drawn like Latin ones.
_LOOKS_LIKE: Final = dict(
    zip(
        "аеорсухіѕјһԁӏкмтвнАВЕЅІЈКМНОРСТУХοαιρνυκΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aeopcyxisjhdlkmtbhABESIJKMHOPCTYXoaipvukABEZHIKMNOPTYX",
        strict=True,
    )
)
_LATIN: Final = str.maketrans(_LOOKS_LIKE)
_ALIKE: Final = str.maketrans({"0": "o", "1": "l", "I": "l", "|": "l", "_": "-", ".": "-"})
# Joiners belong into some names: emoji of families, Persian words.
_JOINERS: Final = frozenset("\u200c\u200d\ufe0e\ufe0f")
_KINDS: Final = frozenset(["Cc", "Cf", "Zl", "Zp"])
_STRANGE_BLANK: Final = re.compile(r"[\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]")


def hidden(text: str, *, joiners: bool = False, blanks: bool = False) -> str | None:
    """Name the first character of *text* that can't be seen; with *blanks*, odd blanks too."""
    if text.isascii() and text.isprintable():
        return None
    for char in text:
        odd = unicodedata.category(char) in _KINDS or (blanks and _STRANGE_BLANK.match(char))
        if odd and not (joiners and char in _JOINERS):
            return named(char)
    return None


def strange_blank(text: str) -> str | None:
    """Name a blank in *text* that YAML takes for a letter."""
    found = _STRANGE_BLANK.search(text)
    return named(found.group()) if found else None


def look_alike(name: str) -> tuple[str, str] | None:
    """Return *name* in Latin letters, and the first letter that is none; None if all are."""
    latin = name.translate(_LATIN)
    if latin == name:
        return None
    return latin, next(named(char) for char in name if char in _LOOKS_LIKE)


def named(char: str) -> str:
    """Return the code point of *char* and its name: "U+200B (zero width space)"."""
    name = unicodedata.name(char, "control character").lower()
    return f"U+{ord(char):04X} ({name})"


def folded(text: str) -> str:
    """Return what is left of *text* without case, blanks and the form of its accents."""
    if text.isascii():
        return re.sub(r"\s+", "", text.casefold())
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in plain if not c.isspace() and unicodedata.category(c) not in _KINDS)


def drawn_ascii(lines: str) -> str:
    """Return how ASCII *lines* look, as `drawn` does for each, at once."""
    return lines.translate(_ALIKE).casefold().replace(" ", "")


def drawn(text: str) -> str:
    """Return how *text* looks: equal for texts that are easily taken for each other."""
    return folded(text.translate(_LATIN).translate(_ALIKE))
