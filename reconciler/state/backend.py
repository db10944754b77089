"""What keeps a state: the door that another place than a folder comes in by.

The store above it knows the formats, when to fold, what to seal and what to do with an answer that
can't be written; a backend knows one place. `reconciler.state.file` is the one for folders. One for
an object store would put each journal line under the next number that is free, and the state only
over the version that it read.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import NewType, Protocol

from reconciler.errors import StateError

Version = NewType("Version", str)


class JournalLost(StateError):
    """What this run appended to the journal was taken away, and can't be put back."""


class Backend(Protocol):
    """One place with one state and its journal; for one thread at a time.

    Every method raises StateError, in words that name the place, when it can't do what it is for.
    """

    @property
    def name(self) -> str:
        """What messages call the state."""

    @property
    def journal_name(self) -> str:
        """What messages call its journal."""

    def hold(
        self, timeout: float, *, now: Callable[[], datetime], warn: Callable[[str], None]
    ) -> None:
        """Take the place for this run, within *timeout* seconds; raise StateLocked."""

    def release(self) -> None:
        """Give it back; do nothing when it is not held."""

    def read(self) -> tuple[bytes, Version] | None:
        """Return the state's text, and what tells this text from any other; None without one."""

    def journal(self) -> bytes | None:
        """Return the journal's text; None when there is none."""

    def protect(self) -> str | None:
        """Take from others what they could read; return what to warn of, if it was anything."""

    def check(self, version: Version | None) -> None:
        """Raise StateError unless the place is still this run's, and holds *version*.

        Raises JournalLost, as `append` does, when the journal is not there any more.
        """

    def append(self, lines: bytes) -> None:
        """Make *lines* durable in the journal; if that fails, nothing of them counts.

        The first ones since the state was read or replaced begin a new journal.
        """

    def replace(self, data: bytes, *, expected: Version | None) -> Version:
        """Put *data* in the place of the version that is *expected*, durably; drop the journal."""


def digest_of(data: bytes) -> str:
    """Return what tells this content from any other."""
    return hashlib.sha256(data).hexdigest()
