"""The state as a value, what can happen to it, and its one transition.

An event is one line of the journal. To add one: its class here and in `Event`, its effect in
`State.after`; in `schema/state.schema.json` a definition under `events`, by the word that the
line has; in `reconciler.state.codec` one line that writes it and one that reads it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from reconciler.model import Pending, Recorded, Token, Word

CLOSING: Final = (Word.REJECTED, Word.NOT_SENT, Word.NOT_CREATED)


@dataclass(frozen=True, slots=True)
class Listed:
    """What the account had before the creates that name this *snapshot*: ids nobody records."""

    snapshot: str
    ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Intent:
    """A create is about to be sent: on disk before the request leaves."""

    key: str
    pending: Pending


@dataclass(frozen=True, slots=True)
class Record:
    """The instance of *key* is known: created, recovered or adopted, as its origin says."""

    key: str
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Closed:
    """The announced create of *key* made no instance: *word* is one of `CLOSING`.

    *reason* is for the reader of the journal.
    """

    key: str
    word: Word
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TokenFound:
    """The token of a recorded instance, which its create's answer had left out, was listed."""

    key: str
    token: Token = field(repr=False)


@dataclass(frozen=True, slots=True)
class Addressed:
    """The account of this state answers at *api_url*."""

    api_url: str


Event = Listed | Intent | Record | Closed | TokenFound | Addressed


@dataclass(frozen=True, slots=True)
class State:
    """What is recorded, and what was announced without an outcome.

    *lineage* is drawn once for each state file and keys its digests. *serial* counts the events
    that ever happened to it, so a journal's line can tell whether the file already holds it.
    *snapshots* are those that a pending create refers to, and one that the next will.
    """

    lineage: str
    serial: int = 0
    api_url: str | None = None
    instances: Mapping[str, Recorded] = field(default_factory=dict)
    pending: Mapping[str, Pending] = field(default_factory=dict)
    snapshots: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def after(self, events: Iterable[Event], *, keep: str | None = None) -> "State":
        """Return the state once *events* have happened, in their order; linear in both sizes.

        Snapshots that no pending create refers to are dropped, except the one to *keep*.

        Every event stands for itself: one whose forerunner is missing still counts, because a
        token that was read back from a damaged journal must not be thrown away.
        """
        instances, pending = dict(self.instances), dict(self.pending)
        snapshots, api_url, serial = dict(self.snapshots), self.api_url, self.serial
        for event in events:
            serial += 1
            match event:
                case Listed(snapshot, ids):
                    snapshots[snapshot] = ids
                case Intent(key, announced):
                    pending[key] = announced
                case Record(key, recorded):
                    instances[key] = recorded
                    pending.pop(key, None)
                case Closed(key):
                    pending.pop(key, None)
                case TokenFound(key, token):
                    if key in instances:
                        instances[key] = instances[key]._replace(token=token)
                case Addressed(url):
                    api_url = url
                case _:
                    assert_never(event)
        wanted = {keep} | {announced.snapshot for announced in pending.values()}
        snapshots = {name: ids for name, ids in snapshots.items() if name in wanted}
        return State(self.lineage, serial, api_url, instances, pending, snapshots)
