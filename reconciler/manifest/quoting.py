"""What a message may quote: only what is certainly no secret. The rest is kind and length.

A message is often made before anybody knows what is secret: a token without the blank after its
colon is part of a key, one that begins with `*` is an alias, a misspelt key hides what follows it.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

from reconciler.secrets import SHORTEST

_LONGEST: Final = 60
_MISTYPED: Final = 3  # characters of a word that its meant name does not have
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]*\Z")


def sized(kind: str, text: str) -> str:
    """Call *text* by its *kind* and its length: "a text of 12 characters"."""
    return f"{kind} of {len(text)} character{'' if len(text) == 1 else 's'}"


def show(value: Any) -> str:
    """Return *value* as it may stand in a message; a text only if it is too short for a secret."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str) and len(value) >= SHORTEST:
        return sized("a text", value)
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def is_conventional(variable: str) -> bool:
    """Whether an environment variable is spelt as all are: a password would hardly be."""
    return _VARIABLE.match(variable) is not None


def show_variable(name: str) -> str:
    """Call the environment variable *name*."""
    if is_conventional(name):
        return f"the environment variable {name}"
    return "the environment variable of this name"


def show_reference(text: str) -> str:
    """Call the value that the typed *text* with a reference brings."""
    if text.startswith("${env:") and is_conventional(text[6:-1]):
        return f"the value of {text}"
    return "the value behind the reference"


def is_short(word: str) -> bool:
    """Whether *word* can't be a secret, being too short for one."""
    return len(word) < SHORTEST


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the name that *word* was certainly meant to be: so near that it may be quoted."""
    from difflib import SequenceMatcher, get_close_matches

    if re.search(r"[^\w .-]", word):
        return None
    by_core = {_core(name): name for name in known}
    core = _core(word)
    if core in by_core:
        return by_core[core]
    found = get_close_matches(core, by_core, n=1, cutoff=0.75)
    if not found:
        return None
    same = sum(block.size for block in SequenceMatcher(None, core, found[0]).get_matching_blocks())
    return by_core[found[0]] if len(core) - same <= _MISTYPED else None


def _core(word: str) -> str:
    return re.sub(r"[\W_]", "", word).casefold()
