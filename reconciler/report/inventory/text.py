"""An inventory for a terminal, and for pages that render Markdown."""

from typing import Final

from reconciler.report.inventory.items import Group, Inventory, Item
from reconciler.report.inventory.words import Chapter, chapters, doubts, headline, note, unasked
from reconciler.report.markdown import cell, code, folded, table
from reconciler.report.page import Page
from reconciler.report.words import NO_CALL, Call, counted, printable, quoted

_LISTED: Final = 50  # instances of each kind; -o json and the page have them all
_OPEN: Final = 20  # rows of a table that are shown without a click


def inventory_text(inventory: Inventory, *, color: bool, width: int, call: Call = NO_CALL) -> str:
    """Return *inventory* for a terminal of *width* columns."""
    page = Page(color, width)
    lines = page.title(headline(inventory))
    lines += page.prose(call.where) if call.where else []
    for doubt in doubts(inventory):
        lines += page.prose(printable(doubt))
    for chapter in chapters(inventory, call):
        lines += ["", *_chapter(chapter, page)]
    if inventory.unread:
        number = counted(inventory.unread, "instance")
        lines += [
            "",
            *page.prose(f"{number} did not tell their settings: of drift nothing is known."),
        ]
    if hint := unasked(inventory):
        lines += ["", *page.prose(hint)]
    return "\n".join(lines) + "\n"


def _chapter(chapter: Chapter, page: Page) -> list[str]:
    cost = f" ({chapter.cost})" if chapter.cost else ""
    lines = page.title(f"{chapter.title}: {len(chapter.items)}{cost}")
    if chapter.kind is Group.MANAGED:
        return lines
    for item in chapter.items[:_LISTED]:
        lines += page.prose("  ".join(part for part in _cells(item) if part), indent=2)
    if (rest := len(chapter.items) - _LISTED) > 0:
        lines += page.prose(f"... and {rest} more (-o json shows all)", indent=2)
    if chapter.way is not None:
        lines += page.ways([chapter.way], indent=2)
    return lines


def _cells(item: Item) -> tuple[str, str, str]:
    named = "" if item.key == item.name else quoted(item.name, limit=80)
    who = " ".join(part for part in (printable(item.key or ""), named) if part)
    return str(item.id_instance), who, printable(note(item))


def inventory_markdown(inventory: Inventory, *, call: Call = NO_CALL) -> str:
    """Return *inventory* as GitHub-flavoured Markdown."""
    lines = [f"### {cell(headline(inventory))}", ""]
    lines += [cell(call.where) + ".", ""] if call.where else []
    for doubt in doubts(inventory):
        lines += [cell(doubt), ""]
    for chapter in chapters(inventory, call):
        rows = [[*map(cell, _cells(item))] for item in chapter.items[:_LISTED]]
        body = table(["instance", "entry", "details"], rows)
        title = f"{chapter.title}: {len(chapter.items)}"
        if chapter.kind is Group.MANAGED or len(chapter.items) > _OPEN:
            lines += folded(cell(title), body)
        else:
            lines += [f"**{cell(title)}**", *body]
        lines += [f"… and {len(chapter.items) - _LISTED} more.", ""] * (
            len(chapter.items) > _LISTED
        )
        if chapter.way is not None:
            commands = " or ".join(map(code, chapter.way.commands))
            lines += [f"{cell(chapter.way.text)} {commands}".rstrip(), ""]
    return "\n".join(lines).rstrip("\n") + "\n"
