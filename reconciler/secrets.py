"""Values that must never be shown, and the sieve that stops those that slip through."""

import json
import re
from collections.abc import Iterable
from typing import Final, NoReturn
from urllib.parse import quote, quote_plus

MASK: Final = "***"


class Secret:
    """A string that does not print, pickle or format itself; `reveal` is the only way in.

    It lives outside of `str` on purpose: an f-string, a `repr` of a frozen value around it, a
    debugger's or a pretty traceback's locals all show the mask.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself, for the wire, the state file and `export`; nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


_OPAQUE: Final = re.compile(r"[A-Za-z0-9]{24,}")


class Sieve:
    """Replaces every secret it has been told of in a text that is about to leave the program.

    The backstop behind `Secret`: texts of libraries and of the API pass through it. Tokens, of
    which there may be tens of thousands, are looked up by hash; only the few secrets with other
    characters in them are searched for one by one.
    """

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        self._opaque: set[str] = set()
        self._lengths: frozenset[int] = frozenset()
        self._needles: set[str] = set()
        for secret in secrets:
            self.add(secret)

    def add(self, secret: Secret) -> None:
        """Hide *secret* from now on: raw, percent-encoded and JSON-escaped."""
        value = secret.reveal()
        if len(value) < 6:  # hiding "yes" or "eu" everywhere would only mangle messages
            return
        if _OPAQUE.fullmatch(value):
            self._opaque.add(value)
            self._lengths = self._lengths | {len(value)}
            return
        escaped = json.dumps(value)[1:-1]
        self._needles |= {value, escaped, quote(value, safe=""), quote(value), quote_plus(value)}

    def clean(self, text: str) -> str:
        """Return *text* with every known secret masked."""
        for needle in sorted(self._needles, key=len, reverse=True):
            if needle in text:
                text = text.replace(needle, MASK)
        return _OPAQUE.sub(self._mask_run, text) if self._opaque else text

    def _mask_run(self, match: re.Match[str]) -> str:
        run = match.group()
        windows = (run[i : i + n] for n in self._lengths for i in range(len(run) - n + 1))
        return MASK if any(window in self._opaque for window in windows) else run


def clean_foreign(text: str, *, limit: int = 200) -> str:
    """Make a text of the API fit to show: one line, bounded, and without anything like a token.

    Whatever a server puts into an error may echo a token that this program has never seen, so
    every run of 24 or more letters and digits is masked (an `apiTokenInstance` has about 50).
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * limit]).split())
    line = _OPAQUE.sub(MASK, line)
    return line if len(line) <= limit else line[: limit - 1] + "…"
