"""Texts from elsewhere made fit to show: no name can move the cursor or fake a line."""

import json

HIDDEN = "(secret)"  # stands for a value that must not be shown


def printable(text: str) -> str:
    """Return *text* on one line, with everything that a terminal could act on escaped."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else _escaped(c) for c in text)
    return text.replace("##[", "##\\[")  # some CI logs obey commands that begin so, anywhere


def quoted(text: str, *, limit: int = 200) -> str:
    """Return *text* in quotes, cut to *limit* characters."""
    cut = text if len(text) <= limit else text[: limit - 3] + "..."
    return printable(json.dumps(cut, ensure_ascii=False))


def _escaped(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
