"""age identities, as a person has them: files, and the public halves to give away."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

age_program = pytest.mark.skipif(
    shutil.which("age") is None,
    reason="THE REAL age PROGRAM WAS NOT ASKED: it is missing (Debian: apt-get install age)",
)


@dataclass(frozen=True, slots=True)
class Key:
    """The identity file, and the recipient that it belongs to."""

    file: Path
    recipient: str


def new_key(file: Path) -> Key:
    """Make an identity in *file*, written as age-keygen does."""
    pyrage = pytest.importorskip("pyrage")
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    file.write_text(f"# created: 2026-11-22\n# public key: {recipient}\n{identity}\n")
    file.chmod(0o600)
    return Key(file, recipient)
