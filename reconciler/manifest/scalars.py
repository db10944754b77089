"""What scalars mean by the core schema of YAML 1.2, plain or with a tag.

`yes`, `no`, `on`, `off`, `12:30`, `1_000` and dates are strings; `010` is ten.
"""

import re
from typing import Final

Scalar = str | int | float | bool | None

# A plain scalar that begins with none of these is a string, whatever follows. The empty string
# is among them: a value that was left out is null.
_NUMERIC: Final = frozenset("-+.0123456789")
SUSPECT: Final = _NUMERIC | frozenset(["", *"~nNtTfF"])

_WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+\Z")
_BASED: Final = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE: Final = re.compile(r"[-+]?(?:\.inf|\.Inf|\.INF)\Z|(?:\.nan|\.NaN|\.NAN)\Z")
_LONGEST_NUMBER: Final = 300

_CORE: Final = "tag:yaml.org,2002:"
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "null": (type(None),),
}
# Tags of YAML 1.1 that may be named in a message; any other word behind `!` may be a secret.
_OLD: Final = frozenset(["binary", "omap", "pairs", "set", "timestamp", "value", "yaml", "merge"])


class TagError(ValueError):
    """A tag that does not fit, in words that may be shown."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


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
    if _BASED.match(text):
        return int(text, 0)
    return _float(text)


def resolve_tagged(tag: str, text: str) -> Scalar:
    """Return what *text* means under *tag*; raise TagError."""
    name = tag.removeprefix(_CORE)
    if tag == "!" or name == "str" or (name == "merge" and text == "<<"):
        return text
    if name not in _TYPES:
        raise _unknown(tag)
    value = resolve(text)
    if type(value) in _TYPES[name]:
        return float(value) if name == "float" and isinstance(value, int) else value
    raise TagError(f"the tag !!{name} does not fit this value", "leave the tag out")


def check_collection_tag(tag: str, *, is_mapping: bool) -> None:
    """Raise TagError unless *tag* says what the collection is anyway."""
    if tag not in ("!", _CORE + ("map" if is_mapping else "seq")):
        raise _unknown(tag)


def _unknown(tag: str) -> TagError:
    name = tag.removeprefix(_CORE)
    which = f"the tag !!{name} is" if name in {*_OLD, "map", "seq"} else "this tag is"
    return TagError(
        f"{which} not known here", "leave it out; quote a text that begins with an exclamation mark"
    )


def _long(text: str) -> Scalar:
    """Return a number of hundreds of digits as a float: Python refuses to read some thousands."""
    if _BASED.match(text):
        return float("inf")
    return _float(text)


def _float(text: str) -> Scalar:
    if _FLOAT.match(text):
        return float(text)
    if _NOT_FINITE.match(text):
        return float(text.replace(".", "", 1))
    return text
