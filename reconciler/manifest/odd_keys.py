"""Words for keys that are no text, and for `<<` with nothing to merge."""

from typing import Any, Final

from reconciler.secrets import SHORTEST

MERGE: Final = "<<"


def not_a_key(value: Any, text: str, mark: int) -> tuple[str, str | None]:
    """Say what is wrong with a key that is not a string, and how it would become one."""
    if isinstance(value, dict) and text.startswith("{{", mark - 1):
        return "this is a template that was not rendered", "render it first; or quote the text"
    if isinstance(value, dict | list):
        return "a key must be a text, not a mapping or a list", None
    typed = text[mark : mark + 64].split(":", maxsplit=1)[0].split("\n", maxsplit=1)[0].strip()
    if not typed:
        return "a key is missing before the colon", None
    kind = {bool: "a boolean", type(None): "null"}.get(type(value), "a number")
    if len(typed) >= SHORTEST:
        return f"a key must be a text, not {kind}", "put it in quotes"
    return f"a key must be a text, and {typed} is {kind}", f'quote it: "{typed}"'


def not_to_merge(value: Any, anchor: str | None = None) -> tuple[str, str]:
    """Say what is wrong with *value* behind `<<`, which an alias of *anchor* may have brought."""
    if value is None and anchor is not None:
        return (
            f"*{anchor} is empty here: nothing stands below &{anchor}",
            "write the parameters below the anchor, indented; or take this line out",
        )
    if value is None:
        return "<< has nothing to merge", "write *name behind it, or take the line out"
    return "<< takes a mapping or a list of mappings", "write *name"
