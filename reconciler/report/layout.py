"""How a line looks on a terminal: its mark, its colour, and where it is folded."""

from dataclasses import dataclass
from enum import StrEnum


class Color(StrEnum):
    """What a colour means here; it always stands beside a symbol and a word that say the same."""

    GOOD = "32"
    NOTE = "33"
    BAD = "31"
    STRONG = "1"
    QUIET = "2"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a line is about: *symbol* and *word* for everybody, *color* for those who see it."""

    symbol: str
    word: str
    color: Color


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
        import textwrap  # most runs have no terminal to fold lines for

        lines = textwrap.wrap(
            text,
            max(self.width, indent + 20),
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return [_tame(line) for line in lines]

    def item(self, mark: Mark, key: str, note: str = "") -> list[str]:
        """One entry: its mark and key, and *note* beside it or, where that is too long, below."""
        plain = f"  {mark.symbol} {mark.word:<10}  {key}"
        head = "  " + self.paint(mark.color, f"{mark.symbol} {mark.word:<10}") + f"  {key}"
        if not note:
            return [head]
        if self.width <= 0 or len(plain) + 2 + len(note) <= self.width:
            return [f"{head}  {note}"]
        return [head, *self.prose(note, indent=6)]


def _tame(line: str) -> str:
    # A folded foreign text could begin a line with a workflow command (`::error::`).
    body = line.lstrip()
    return line[: len(line) - len(body)] + "\\" + body if body.startswith("::") else line
