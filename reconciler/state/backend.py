"""What keeps a state: the door that another place than a folder comes in by.

The store above it knows the formats, when to fold, what to seal and what to do with an answer that
can't be written; a backend knows one place. `reconciler.state.file` is the one for folders,
`reconciler.state.objects` the one for buckets.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NewType, Protocol

from reconciler.errors import StateError

Version = NewType("Version", str)


class JournalLost(StateError):
    """What this run appended to the journal was taken away, and can't be put back."""


class Overtaken(StateError):
    """Another run has taken the state over: this one may send nothing more."""

    exit_code = 7


@dataclass(frozen=True, slots=True)
class Look:
    """What stands in a place at one moment: the state's text, with what tells this text from any
    other (None without one), and the pieces of its journal in order, each with its name."""

    text: tuple[bytes, Version] | None
    journal: tuple[tuple[str, bytes], ...]


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

    @property
    def outlived(self) -> bool:
        """Whether a run that left a journal here must be dead, once this one holds the place."""

    @property
    def far(self) -> bool:
        """Whether every step takes a round trip over the network."""

    def hold(
        self, timeout: float, *, now: Callable[[], datetime], warn: Callable[[str], None]
    ) -> None:
        """Take the place for this run, within *timeout* seconds; raise StateLocked."""

    def release(self) -> None:
        """Give it back; do nothing when it is not held."""

    def look(self) -> Look:
        """Return what is there; while another run is at work, as of one moment."""

    def protect(self) -> str | None:
        """Take from others what they could read; return what to warn of, if it was anything."""

    def get_ready(self) -> None:
        """Do what the first write would do before anything else; it does what is not done yet."""

    def check(self, version: Version | None) -> None:
        """Raise StateError unless the place is still this run's, and holds *version*.

        Raises JournalLost, as `append` does, when the journal is not there any more.
        """

    def append(self, lines: bytes, *, header: bytes, answers: bool) -> None:
        """Make *lines* durable in the journal; if that fails, nothing of them counts.

        The first ones since the state was read or replaced begin a new journal, with *header*.
        Nothing but *answers* is written once another run has taken the state over.
        """

    def replace(self, data: bytes, *, expected: Version | None) -> Version:
        """Put *data* in the place of the version that is *expected*, durably; drop the journal."""


def digest_of(data: bytes) -> str:
    """Return what tells this content from any other."""
    return hashlib.sha256(data).hexdigest()
