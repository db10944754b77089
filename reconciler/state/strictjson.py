"""JSON as a file that people edit needs it: strict about doubles, exact about places, silent
about values. It is the home of everything that the state's formats ask of JSON."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from reconciler.errors import StateError

RESTORE: Final = (
    "restore it from git or a backup; if there is none, move it away and run "
    "`reconciler adopt --all`, which records the live instances again"
)


class UnparsableError(StateError):
    """The text is no JSON at all, as when it was cut; *reason* is without the place."""

    def __init__(self, source: str, reason: str, hint: str) -> None:
        super().__init__(f"{source}: {reason}", hint=hint)
        self.reason = reason


def parse(text: str, *, source: str) -> object:
    """Return what *text* holds; raise `UnparsableError` where it is cut, broken or too deep."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place, reason = f"{source}:{error.lineno}:{error.colno}", f"not valid JSON: {_said(error)}"
    except _RefusedError as error:
        place, reason = source, str(error)
    except RecursionError:
        place, reason = source, "nested too deeply"
    except ValueError:  # the interpreter's own limit on digits
        place, reason = source, "holds a number with thousands of digits"
    # Raised out here, so that no exception with the whole text in it hangs on this one.
    raise UnparsableError(place, reason, _hint(text))


class _RefusedError(Exception):
    """Valid JSON that says two things at once, or a thing that JSON has no word for."""


def _unique(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        (double, _), *_rest = Counter(name for name, _ in pairs).most_common()
        raise _RefusedError(f"{shown(double)} stands twice in the same object")
    return made


def _constant(name: str) -> object:
    raise _RefusedError(f"{name} is not a value that JSON has")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_constant)

# Texts, which `re` compiles when they are needed: for what is refused.
_WORD: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"
_OPAQUE: Final = r"[0-9a-f]{24,}|.*[A-Za-z0-9]{40}"


def shown(name: str) -> str:
    """Return a key as a message may show it; one that could be a misplaced token is not shown."""
    return name if re.fullmatch(_WORD, name) and not re.match(_OPAQUE, name) else "…"


def _said(error: json.JSONDecodeError) -> str:
    said = error.msg.split(":")[0]
    return said[0].lower() + said[1:]


def _hint(text: str) -> str:
    if re.search(r"^(<<<<<<<|>>>>>>>) ", text, re.MULTILINE):
        return (
            "it holds an unresolved merge: keep the instances of both sides and the higher serial"
        )
    return RESTORE
