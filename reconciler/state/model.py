"""The state as a value, and what can happen to it.

An event is one line of the journal. To add one: its class, with its effect on a draft of the next
state, here and in `Event`, or in `.changes` what a run does to an instance that is there; in
`schema/state.schema.json` a definition under `events`, by the word that the line has; one line in
`reconciler.state.encoding` that writes it, and one in `.codec` that reads it. What a journal may
tell of a state that was replaced meanwhile, `.joining` says.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.model import (
    Moment,
    Pending,
    Recorded,
    Token,
    Tombstone,
    Word,
)
from reconciler.state.changes import Change
from reconciler.state.draft import Draft

CLOSING: Final = (Word.REJECTED, Word.NOT_SENT, Word.NOT_CREATED)


@dataclass(frozen=True, slots=True)
class Listed:
    """What the account had before the creates that name this *snapshot*: ids nobody records."""

    snapshot: str
    ids: frozenset[int]

    def happen(self, draft: Draft) -> None:
        draft.snapshots[self.snapshot] = self.ids


@dataclass(frozen=True, slots=True)
class Intent:
    """A create is about to be sent: on disk before the request leaves."""

    key: str
    pending: Pending

    def happen(self, draft: Draft) -> None:
        draft.pending[self.key] = self.pending


@dataclass(frozen=True, slots=True)
class Record:
    """The instance of *key* is known: created, recovered or adopted, as its origin says."""

    key: str
    recorded: Recorded

    def happen(self, draft: Draft) -> None:
        before = draft.instances.get(self.key)
        if before is not None and before.id_instance != self.recorded.id_instance:
            stone = Tombstone(self.key, before.name, self.recorded.created_at, before.deleted)
            draft.tombstones[before.id_instance] = stone  # it was gone, and was bought anew
        draft.instances[self.key] = self.recorded
        draft.pending.pop(self.key, None)
        draft.tombstones.pop(self.recorded.id_instance, None)


@dataclass(frozen=True, slots=True)
class Closed:
    """The announced create of *key* made no instance: *word* is one of `CLOSING`.

    *reason* is for the reader of the journal.
    """

    key: str
    word: Word
    reason: str = ""

    def happen(self, draft: Draft) -> None:
        draft.pending.pop(self.key, None)


@dataclass(frozen=True, slots=True)
class ExposureEnded:
    """No request of the announced create of *key* is on its way any more, since *moment*.

    Its answer was given up, or its run has died; *reason* says which, for the journal's reader.
    """

    key: str
    moment: Moment
    reason: str = ""

    def happen(self, draft: Draft) -> None:
        if self.key in draft.pending:
            announced = draft.pending[self.key]
            draft.pending[self.key] = replace(announced, exposed_until=self.moment)


@dataclass(frozen=True, slots=True)
class TokenFound:
    """The token of a recorded instance: its create's answer had left it out, or it is new."""

    key: str
    token: Token = field(repr=False)
    id_instance: int | None = None  # in journals of earlier versions

    def happen(self, draft: Draft) -> None:
        if draft.has(self.key, self.id_instance):
            held = draft.instances[self.key]
            draft.instances[self.key] = held._replace(token=self.token, rotating=False)


@dataclass(frozen=True, slots=True)
class Rotation:
    """A new token is about to be asked for, or (not *under_way*) none was made.

    One that was made is a `TokenFound`.
    """

    key: str
    under_way: bool
    id_instance: int | None = None

    def happen(self, draft: Draft) -> None:
        if draft.has(self.key, self.id_instance):
            held = draft.instances[self.key]
            draft.instances[self.key] = held._replace(rotating=self.under_way)


@dataclass(frozen=True, slots=True)
class Addressed:
    """The account of this state answers at *api_url*."""

    api_url: str

    def happen(self, draft: Draft) -> None:
        draft.api_url = self.api_url


@dataclass(frozen=True, slots=True)
class Moved:
    """What was recorded or announced under *key* goes by the key *to* from now on."""

    key: str
    to: str

    def happen(self, draft: Draft) -> None:
        if self.key in draft.instances:
            draft.instances[self.to] = draft.instances.pop(self.key)
        if self.key in draft.pending:
            draft.pending[self.to] = draft.pending.pop(self.key)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The instance *id_instance* is no longer recorded; the *tombstone* stays in its place."""

    id_instance: int
    tombstone: Tombstone

    def happen(self, draft: Draft) -> None:
        if draft.has(self.tombstone.key, self.id_instance):
            del draft.instances[self.tombstone.key]
        draft.tombstones[self.id_instance] = self.tombstone


@dataclass(frozen=True, slots=True)
class TombstoneDropped:
    """The account does not list the forgotten instance *id_instance* any more: nothing could pick
    it up again."""

    id_instance: int

    def happen(self, draft: Draft) -> None:
        draft.tombstones.pop(self.id_instance, None)


@dataclass(frozen=True, slots=True)
class ListedDeleted:
    """The account listed the recorded instance of *key* as deleted."""

    key: str
    id_instance: int

    def happen(self, draft: Draft) -> None:
        if draft.has(self.key, self.id_instance):
            draft.instances[self.key] = draft.instances[self.key]._replace(deleted=True)


@dataclass(frozen=True, slots=True)
class OrphansReported:
    """An apply has shown that the recorded instances of *keys* are no longer wanted."""

    keys: tuple[str, ...]

    def happen(self, draft: Draft) -> None:
        for key in self.keys:
            if key in draft.instances:
                draft.instances[key] = draft.instances[key]._replace(reported=True)


@dataclass(frozen=True, slots=True)
class ProtectionChanged:
    """The entries of *keys* say by now that their instances are *protected*, or that they are not.

    The state remembers it, since an entry that leaves the manifest takes its own word along.
    """

    keys: tuple[str, ...]
    protected: bool

    def happen(self, draft: Draft) -> None:
        for key in self.keys:
            if key in draft.instances:
                held = draft.instances[key]
                draft.instances[key] = held._replace(protected=self.protected)


Event = (
    Listed
    | Intent
    | Record
    | Closed
    | ExposureEnded
    | TokenFound
    | Rotation
    | Addressed
    | Moved
    | Forgotten
    | TombstoneDropped
    | ListedDeleted
    | OrphansReported
    | ProtectionChanged
    | Change
)


@dataclass(frozen=True, slots=True)
class State:
    """What is recorded, and what was announced without an outcome.

    *lineage* is drawn once for each state file and keys its digests. *serial* counts the events
    that ever happened to it, so a journal's line can tell whether the file already holds it.
    *snapshots* are those that a pending create refers to, and one that the next will. *tombstones*
    are of forgotten instances, by id.
    """

    lineage: str
    serial: int = 0
    api_url: str | None = None
    instances: Mapping[str, Recorded] = field(default_factory=dict)
    pending: Mapping[str, Pending] = field(default_factory=dict)
    snapshots: Mapping[str, frozenset[int]] = field(default_factory=dict)
    tombstones: Mapping[int, Tombstone] = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[int]:
        """The ids of the recorded instances."""
        return frozenset(each.id_instance for each in self.instances.values())

    @property
    def known_ids(self) -> frozenset[int]:
        """The ids of the instances that are recorded, and of those that were."""
        return self.ids.union(self.tombstones)

    def after(self, events: Iterable[Event], *, keep: Collection[str] = ()) -> "State":
        """Return the state once *events* have happened, in their order; linear in both sizes.

        Snapshots that no pending create refers to are dropped, except those to *keep*.

        Every event stands for itself: one whose forerunner is missing still counts, because a
        token that was read back from a damaged journal must not be thrown away.
        """
        draft = Draft(
            self.api_url,
            dict(self.instances),
            dict(self.pending),
            dict(self.snapshots),
            dict(self.tombstones),
        )
        serial = self.serial
        for event in events:
            serial += 1
            event.happen(draft)
        wanted = {*keep} | {announced.snapshot for announced in draft.pending.values()}
        return State(
            self.lineage,
            serial,
            draft.api_url,
            draft.instances,
            draft.pending,
            {name: ids for name, ids in draft.snapshots.items() if name in wanted},
            draft.tombstones,
        )
