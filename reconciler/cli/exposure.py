"""Notices that tokens in plain text are about to be committed, or lie where many may read."""

import re
from pathlib import Path

from reconciler.places import ObjectUrl, Place
from reconciler.state.location import exposed_in_git


def exposure(place: Place, *, in_bucket: bool) -> str | None:
    """Return a warning if git would take the state at *place*, or if that is in a bucket and the
    user has not said that tokens may be *in_bucket*; None if all is well."""
    match place:
        case ObjectUrl():
            return None if in_bucket else _readable(place)
        case path:
            return _committed(path)


def _readable(url: ObjectUrl) -> str:
    return (
        f"{url}: its tokens are in plain text, for everybody who may read the bucket\n"
        "hint: seal them (reconciler state seal --recipient age1...), or say --tokens-in-bucket if"
        " that is the place for them"
    )


def _committed(path: Path) -> str | None:
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
