"""Plain scalars by the core schema of YAML 1.2.

`yes`, `no`, `on`, `off`, `12:30`, `1_000` and dates are strings; `010` is ten.
"""

import re
from typing import Final

Scalar = str | int | float | bool | None

# A plain scalar that begins with none of these is a string, whatever follows. The empty string
# is among them (a value that was left out is null), and so is the `<` of the merge key.
_NUMERIC: Final = frozenset("-+.0123456789")
SUSPECT: Final = _NUMERIC | frozenset(["", *"~nNtTfF<"])

_WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+\Z")
# Texts, which `re` compiles when they are needed: few manifests hold anything but whole numbers.
_BASED: Final = r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z"
_FLOAT: Final = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"
_NOT_FINITE: Final = r"[-+]?(?:\.inf|\.Inf|\.INF)\Z|(?:\.nan|\.NaN|\.NAN)\Z"
_LONGEST_NUMBER: Final = 300


def resolve(text: str) -> Scalar:
    """Return what the plain scalar *text* means."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if len(text) > _LONGEST_NUMBER:
        return _long(text)
    if _INTEGER.match(text):
        return int(text)
    if re.match(_BASED, text):
        return int(text, 0)
    return _float(text)


def _long(text: str) -> Scalar:
    """Return a number of hundreds of digits as a float: Python refuses to read some thousands."""
    if re.match(_BASED, text):
        return float("inf")
    return _float(text)


def _float(text: str) -> Scalar:
    if re.match(_FLOAT, text):
        return float(text)
    if re.match(_NOT_FINITE, text):
        return float(text.replace(".", "", 1))
    return text
