"""The marks between which GitLab folds a part of a job's log. Escape codes are its protocol."""

import re

_CLEAR = "\x1b[0K"


def section_start(name: str, title: str, *, at: int, collapsed: bool = False) -> str:
    """Return the line that opens the section *name*; *at* is in whole seconds since 1970."""
    options = "[collapsed=true]" if collapsed else ""
    return f"{_CLEAR}section_start:{at}:{_safe(name)}{options}\r{_CLEAR}{title}"


def section_end(name: str, *, at: int) -> str:
    """Return the line that closes the section *name*."""
    return f"{_CLEAR}section_end:{at}:{_safe(name)}\r{_CLEAR}"


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)
