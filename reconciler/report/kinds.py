"""The kinds of actions and of results: the word, sign and advice of each, and how it is counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from reconciler.model import (
    Adopted,
    Created,
    Deleted,
    NotSent,
    Recovered,
    Rejected,
    Renamed,
    Spared,
    Unconfirmed,
    Unknown,
    Updated,
    Word,
)
from reconciler.plan import (
    Changed,
    Conflict,
    Create,
    Delete,
    Drifted,
    Gone,
    Keep,
    Lookalike,
    Missing,
    Orphan,
    Rename,
    Unresolved,
    Update,
)
from reconciler.report.words import counted

NO_FREE_INSTANCE: Final = 100  # the API's code for it; it is temporary


class Tone(Enum):
    """How a row is meant: renderers choose colours and levels by it."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of action or result: *word* for programs, *sign* and *tone* for people.

    *phrase* follows a number in a headline (*phrases* any other number than one), *advice* stands
    once below all of the kind. *lister* is the command that lists all of the kind, where a text
    shows only some.
    """

    word: str
    sign: str
    tone: Tone
    phrase: str
    phrases: str = ""
    advice: str = ""
    lister: str = "plan"

    @property
    def title(self) -> str:
        return self.word.replace("_", " ")

    def counted(self, number: int) -> str:
        return counted(number, self.phrase, self.phrases or self.phrase)


ACTIONS: Final[Mapping[type, Kind]] = {  # what costs money comes first
    Create: Kind("create", "+", Tone.GOOD, "new billed instance", "new billed instances"),
    Delete: Kind(
        "delete",
        "-",
        Tone.BAD,
        "instance to delete",
        "instances to delete",
        advice="Delete: apply asks each instance first. One that a phone is linked to is kept,"
        " unless --even-linked; one that can't be logged out, unless --even-unlinkable.",
    ),
    Conflict: Kind("conflict", "!", Tone.BAD, "name conflict", "name conflicts"),
    Lookalike: Kind("lookalike", "!", Tone.BAD, "like a renamed entry", "like renamed entries"),
    Unresolved: Kind(
        "unresolved",
        "!",
        Tone.BAD,
        "unresolved",
        advice="Unresolved: apply first asks the account what became of these creates.",
    ),
    Rename: Kind("rename", ">", Tone.GOOD, "record to move", "records to move"),
    Update: Kind(
        "update",
        "~",
        Tone.GOOD,
        "instance to update",
        "instances to update",
        advice="Update: each is set by one request, which restarts the instance, and read back.",
    ),
    Changed: Kind(
        "changed",
        "~",
        Tone.NOTE,
        "changed",
        advice="Changed: apply leaves the settings of an instance that exists alone. `apply"
        " --update` sets them, which restarts the instance; what left the entry (-) stays, unless"
        " `lifecycle: {unset: reset}`, and numbers always do. Or take the entry back to what is"
        " recorded.",
    ),
    Drifted: Kind(
        "drifted",
        "~",
        Tone.NOTE,
        "drifted",
        advice="Drifted: the instance itself has other settings than the manifest, by the console"
        " or by itself. `apply --live --update` sets them, which restarts the instance.",
    ),
    Gone: Kind(
        "gone",
        "x",
        Tone.BAD,
        "gone from the account",
        advice="Gone: deleted in the account; it costs nothing any more, and apply makes no other"
        " in its place. To have one again: `reconciler apply --recreate`.",
    ),
    Missing: Kind(
        "missing",
        "?",
        Tone.BAD,
        "not listed by the account",
        advice="Missing: while a recorded instance is not listed, what else is not listed proves"
        " nothing. If it was deleted, `reconciler state rm KEY` forgets it.",
    ),
    Orphan: Kind(
        "orphan",
        "?",
        Tone.NOTE,
        "no longer wanted",
        advice="Orphan: an instance whose entry left the manifest. It is billed until it is"
        " deleted: `reconciler apply --prune`, or in the console. Renamed: `lifecycle: {previously:"
        " OLD}`, or `reconciler state mv OLD NEW`; not ours any more: `reconciler state rm KEY`.",
    ),
    Keep: Kind("keep", "=", Tone.GOOD, "kept"),
}
_NOT_SENT: Final = Kind(Word.NOT_SENT, "x", Tone.BAD, "not sent")
RESULTS: Final[Mapping[type, Kind]] = {
    Created: Kind(Word.CREATED, "+", Tone.GOOD, "created", lister="status"),
    Recovered: Kind(Word.RECOVERED, "+", Tone.GOOD, "recovered", lister="status"),
    Adopted: Kind(Word.ADOPTED, "=", Tone.GOOD, "adopted", lister="status"),
    Renamed: Kind(Word.RENAMED, ">", Tone.GOOD, "renamed", lister="status"),
    Updated: Kind(Word.UPDATED, "~", Tone.GOOD, "updated", lister="status"),
    Deleted: Kind(Word.DELETED, "-", Tone.GOOD, "deleted", lister="status"),
    Rejected: Kind(Word.REJECTED, "x", Tone.BAD, "rejected"),
    NotSent: _NOT_SENT,
    Spared: _NOT_SENT,
    Unconfirmed: Kind(Word.NOT_CONFIRMED, "?", Tone.BAD, "not confirmed", lister="status"),
    Unknown: Kind(Word.UNRESOLVED, "!", Tone.BAD, "unresolved", lister="status"),
}
LEFT_ALONE: Final = (
    Changed,
    Drifted,
    Gone,
    Missing,
    Orphan,
)  # reported, and nothing is done about it
