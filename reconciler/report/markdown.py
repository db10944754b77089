"""Tables for pages that render GitHub's or GitLab's Markdown; every cell is text, never markup."""

from collections.abc import Iterable, Sequence
from typing import Final

from reconciler.report.printable import printable

_BREAK: Final = "<!-- -->"  # shows nothing, and keeps a mention or a link from being made
_SHOWN: Final = str.maketrans(
    {char: "\\" + char for char in "\\`*_[]|~$"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "@" + _BREAK, "#": "#" + _BREAK}
)


def cell(text: str) -> str:
    """Return *text* so that it shows as itself: no markup, no link, nobody mentioned."""
    return printable(text).translate(_SHOWN).replace("://", f":{_BREAK}//")


def code(text: str) -> str:
    """Return *text* as code, to be copied."""
    return f"<code>{cell(text)}</code>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table; the cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return ["", *(f"| {' | '.join(line)} |" for line in lines), ""]


def folded(summary: str, lines: Sequence[str]) -> list[str]:
    """Return *lines* behind a click."""
    return ["<details>", f"<summary>{cell(summary)}</summary>", *lines, "</details>", ""]
