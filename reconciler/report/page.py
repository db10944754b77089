"""A terminal, a log or a file to write on: its width, its colours, and where lines are folded."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from reconciler.report.kinds import Kind, Tone
from reconciler.report.rows import Detail, Way


class Color(StrEnum):
    """What a colour means here; it always stands beside a symbol and a word that say the same."""

    GOOD = "32"
    NOTE = "33"
    BAD = "31"
    STRONG = "1"
    QUIET = "2"


COLORS: Final = {Tone.GOOD: Color.GOOD, Tone.NOTE: Color.NOTE, Tone.BAD: Color.BAD}


@dataclass(frozen=True, slots=True)
class Page:
    """A place to write on. A *width* of 0 means that lines are never folded (a log, a file)."""

    color: bool
    width: int

    def paint(self, color: Color, text: str) -> str:
        return f"\x1b[{color.value}m{text}\x1b[0m" if self.color else text

    def title(self, text: str) -> list[str]:
        return [self.paint(Color.STRONG, line) for line in self.prose(text)]

    def prose(self, text: str, *, indent: int = 0) -> list[str]:
        """Fold *text*; a word that is longer than the line (a URL, an id) stays whole."""
        margin = " " * indent
        if self.width <= 0:
            return [margin + text]
        lines = textwrap.wrap(
            text,
            max(self.width, indent + 20),
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [_tame(line) for line in lines]

    def item(self, kind: Kind, key: str, note: str = "") -> list[str]:
        """One entry: its kind and key, and *note* beside it or, where that is too long, below."""
        mark = f"{kind.sign} {kind.title:<10}"
        plain = f"  {mark}  {key}"
        head = f"  {self.paint(COLORS[kind.tone], mark)}  {key}"
        if not note:
            return [head]
        if self.width <= 0 or len(plain) + 2 + len(note) <= self.width:
            return [f"{head}  {note}"]
        return [head, *self.prose(note, indent=6)]

    def detail(self, detail: Detail, *, indent: int) -> list[str]:
        """A line below an entry; values that don't fit beside its text stand below that."""
        if not detail.values:
            return self.prose(detail.text, indent=indent)
        first, *others = detail.values
        values = [first, *(f"-> {value}" for value in others)]
        line = " " * indent + " ".join([detail.text, *values])
        if 0 < self.width < len(line):
            return [" " * indent + detail.text, *(" " * (indent + 4) + each for each in values)]
        return [line]

    def ways(self, ways: Iterable[Way], *, indent: int = 0) -> list[str]:
        """What to do next; commands are never folded, so that they can be copied."""
        lines = []
        for way in ways:
            lines += self.prose(way.text, indent=indent)
            lines += [" " * (indent + 2) + command for command in way.commands]
        return lines


def _tame(line: str) -> str:
    # A folded foreign text could begin a line with a workflow command (`::error::`).
    body = line.lstrip()
    return line[: len(line) - len(body)] + "\\" + body if body.startswith("::") else line
