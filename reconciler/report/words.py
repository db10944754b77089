"""The small words of every report: counts, lengths of time, quoted names, commands to type next."""

import json
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from reconciler.model import Instance

HIDDEN: Final = "(secret)"  # stands for a value that must not be shown


@dataclass(frozen=True, slots=True)
class Call:
    """What a report says of the call it answers: where the account is, and which file holds the
    state. *options* are those that the commands it names need as well (`--state`, `--manifest`).
    """

    api_url: str | None = None
    state: str | None = None
    options: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """Account and state in words, as far as they are known."""
        parts = [f"at {printable(self.api_url)}"] if self.api_url else []
        return ", ".join([*parts, *([f"state {printable(self.state)}"] if self.state else [])])


NO_CALL: Final = Call()


def printable(text: str) -> str:
    """Return *text* on one line, with everything that a terminal could act on escaped.

    Names come from the account and the manifest: none can move the cursor or fake a line.
    """
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _escaped(char) for char in text)
    return text.replace("##[", "##\\[")  # some CI logs obey commands that begin so, anywhere


def quoted(text: str, *, limit: int = 200) -> str:
    """Return *text* in quotes, cut to *limit* characters."""
    cut = text if len(text) <= limit else text[: limit - 3] + "..."
    return printable(json.dumps(cut, ensure_ascii=False))


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return `1 instance` or `2 instances`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def listed(names: Collection[str], *, limit: int) -> str:
    """Return `a, b and 3 more`: at most *limit* names, made printable."""
    first = ", ".join(map(printable, list(names)[:limit]))
    return first if len(names) <= limit else f"{first} and {len(names) - limit} more"


def lasted(seconds: float) -> str:
    """Return a length of time as a person says it: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 03 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left:02} min" if hours else f"{minutes} min {rest:02} s"


def command(verb: str, *words: str, options: Sequence[str] = ()) -> str:
    """Return a `reconciler` call, quoted for a shell.

    *options* are those of this run that the next one needs as well (`--state`, `--manifest`).
    """
    return printable(shlex.join(["reconciler", verb, *words, *options]))


def candidate(row: Instance, expected: str) -> str:
    """Return a live instance as a person finds it in the console: id, time, and its name where
    it is not the *expected* one."""
    created = printable(row.time_created[:40]) or "an unknown time"
    text = f"{row.id_instance}  created {created}"
    return text if row.name == expected else f"{text}  named {quoted(row.name, limit=80)}"


def _escaped(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def money(amount: Decimal) -> str:
    """Return *amount* with two decimals, or with more where a price has more."""
    shown = amount.quantize(Decimal("0.01"))
    return f"{shown if shown == amount else amount.normalize():f}"
