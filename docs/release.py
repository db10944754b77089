"""What `make release` checks and writes: a release is a tag and a section of the changelog.

Run as `python -m docs.release`, from a clean checkout; it prints the notes or stops with what is
missing. It publishes nothing.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from reconciler import __version__

ROOT = Path(__file__).parents[1]
NOBODYS = "your-org"


def main() -> int:
    """Print the release notes of this version, or what stands in the way; return the exit code."""
    missing = list(lacking())
    for line in missing:
        print(f"error: {line}", file=sys.stderr)  # noqa: T201 - a command of its own
    if not missing:
        print(notes(_read("CHANGELOG.md"), __version__))  # noqa: T201
    return 1 if missing else 0


def lacking() -> Iterator[str]:
    """Yield, in words, what must be done before this commit can be released."""
    yield from _uncommitted() if (ROOT / ".git").exists() else ["this is no clone: clone, and tag"]
    changelog = _read("CHANGELOG.md")
    if not notes(changelog, __version__):
        yield f"CHANGELOG.md has no section `## [{__version__}] - YYYY-MM-DD`"
    if notes(changelog, "Unreleased"):
        yield "CHANGELOG.md has entries under Unreleased: move them to the release's section"
    for name in ("setup.cfg", "README.md", "action.yml"):
        if NOBODYS in _read(name):
            yield f"{name} still names {NOBODYS}: write where this project is published"


def _uncommitted() -> Iterator[str]:
    if _git("status", "--porcelain"):
        yield "there are changes that are not committed"
    tag = f"v{__version__}"
    if _git("tag", "--list", tag) and _git("rev-parse", f"{tag}^{{}}") != _git("rev-parse", "HEAD"):
        yield f"{tag} is another commit: raise __version__ in reconciler/__init__.py"


def notes(changelog: str, version: str) -> str:
    """Return what the section of *version* says in *changelog*; empty without one."""
    head = rf"^## \[{re.escape(version)}\]" + (
        "" if version == "Unreleased" else r" - \d{4}-\d\d-\d\d"
    )
    found = re.search(rf"{head}\s*$(.*?)(?=^## \[|\Z)", changelog, re.MULTILINE | re.DOTALL)
    return found.group(1).strip() if found else ""


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _git(*args: str) -> str:
    return subprocess.run(  # noqa: S603 - words of our own
        ["git", *args],  # noqa: S607 - the one on the PATH
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
