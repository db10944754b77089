"""Notices that tokens in plain text are about to be committed."""

import re
from pathlib import Path

from reconciler.state.location import exposed_in_git


def exposure(path: Path) -> str | None:
    """Return a warning if git would take the state at *path*, None if it would not."""
    if not exposed_in_git(path):
        return None
    name = path.resolve().name
    return (
        f"{path}: its tokens are in plain text, and git does not ignore it\n"
        f"hint: add the line {ignore_line(name)} to .gitignore"
        " (and `git rm --cached` what git has already),"
        " or seal the tokens: reconciler state seal --recipient age1..."
    )


def ignore_line(name: str) -> str:
    """Return the line of a .gitignore for the file *name* and its companions."""
    escaped = re.sub(r"([\\*?\[])", r"\\\1", name)
    return ("\\" if escaped[:1] in "#!" else "") + escaped + "*"
