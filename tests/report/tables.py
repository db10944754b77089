"""Reads Markdown as GitHub does (tables, inline HTML), to hold ours to what it means."""

from typing import Any


def tokens(text: str) -> list[Any]:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").parse(text)


def tables(text: str) -> list[list[list[str]]]:
    """Return each table as rows of cells, in Markdown."""
    found: list[list[list[str]]] = []
    for before, token in zip([None, *tokens(text)], tokens(text), strict=False):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif before is not None and before.type in ("th_open", "td_open"):
            found[-1][-1].append(token.content)
    return found


def shown(text: str) -> str:
    """Return what a reader sees of one cell: its text, without tags."""
    return "".join(
        child.content
        for token in tokens(text)
        for child in token.children or ()
        if child.type in ("text", "text_special")
    )


def kinds(text: str) -> set[str]:
    """Return the kinds of inline markup in one cell; comments are none."""
    return {
        child.type
        for token in tokens(text)
        for child in token.children or ()
        if child.content != "<!-- -->"
    }
