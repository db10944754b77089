"""The account: which instances exist, what was ever asked for, and what it all costs.

It is the sum of its events, added up in place: copying ten thousand rows for every create would be
most of the sandbox's work.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from reconciler.model import Scalar
from reconciler.sandbox.events import (
    AccountCleared,
    CreateArrived,
    Event,
    InstanceConfigured,
    InstanceDeleted,
    InstanceEdited,
    InstanceMade,
    InstanceRenamed,
    InstanceRestarted,
    InstanceRow,
    ListingServed,
    PhoneLinked,
    PhoneUnlinked,
    StateForced,
    TokenRotated,
)
from reconciler.sandbox.states import settled_state

FIRST_ID: Final = 1_101_728_000
_KEPT_LISTED: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Bill:
    """What the account was charged for, and what it was asked for.

    *creates* counts the instances that createInstance made, by the name it was sent (an instance
    without a name counts under ""); *posts* counts its requests, answered or not.
    """

    creates: Mapping[str, int]
    total: int
    live: int
    deleted: int
    by_hand: int
    posts: int
    posts_by_name: Mapping[str, int]
    listings: int


@dataclass(frozen=True, slots=True)
class Past:
    """A line of an instance's history."""

    at: datetime
    state: str
    phone: str | None


class SandboxAccount:
    """The sum of the events so far."""

    def __init__(self, *, first_id: int = FIRST_ID) -> None:
        self._clear(first_id)

    def apply(self, event: Event) -> None:  # noqa: C901, PLR0912 - one case for each event
        match event:
            case CreateArrived(name):
                self._posts[name or ""] += 1
            case ListingServed():
                self.listings += 1
            case InstanceMade(row):
                self._rows[row.id_instance] = row
                self.next_id = row.id_instance + 1
                self._note(row.id_instance, row.created_at)
            case InstanceRenamed(id_instance, name):
                self._change(id_instance, name=name)
            case InstanceConfigured(id_instance, parameters, ready_at, shown_at):
                self._configure(self._rows[id_instance], parameters, shown_at)
                self._restart(id_instance, ready_at)
            case InstanceEdited(id_instance, parameters):
                self._change(id_instance, parameters=parameters, shown_at=None)
            case InstanceRestarted(id_instance, ready_at):
                self._restart(id_instance, ready_at)
            case PhoneLinked(id_instance, phone, at, password):
                self._change(id_instance, phone=phone, password=password, logged_out_at=None)
                self._note(id_instance, at)
            case PhoneUnlinked(id_instance, at, over_at):
                self._change(id_instance, phone=None, password=None, logged_out_at=over_at)
                self._note(id_instance, at)
            case StateForced(id_instance, state, at):
                self._change(id_instance, state=state)
                self._note(id_instance, at)
            case TokenRotated(id_instance, token):
                rotations = self._rows[id_instance].rotations + 1
                self._change(id_instance, token=token, rotations=rotations)
            case InstanceDeleted(id_instance, at):
                self._change(id_instance, deleted_at=at)
            case AccountCleared(first_id):
                self._clear(first_id)
            case _:
                assert_never(event)

    def __iter__(self) -> Iterator[InstanceRow]:
        return iter(self._rows.values())

    def row(self, id_instance: int) -> InstanceRow | None:
        """Return the instance, deleted or not; None when there never was one of this id."""
        return self._rows.get(id_instance)

    def history(self, id_instance: int) -> "list[Past]":
        """Return the states that the instance has had, the newest first."""
        return self._history.get(id_instance, [])[::-1]

    def listing(self, at: datetime) -> list[InstanceRow]:
        """Return what getInstances shows at the time *at*, which may lie in the past.

        Deleted rows stay for three months; those that lag behind are not there yet.
        """
        count, oldest = self.listings, at - _KEPT_LISTED
        return [
            row if row.deleted_at is None or row.deleted_at <= at else replace(row, deleted_at=None)
            for row in self
            if row.listed_from <= count
            and row.listed_at <= at
            and (row.deleted_at is None or row.deleted_at > oldest)
        ]

    def live(self, name: str) -> list[InstanceRow]:
        """Return the instances of this very name that are not deleted."""
        return [row for row in self if row.name == name and row.deleted_at is None]

    def bill(self) -> Bill:
        creates = Counter(row.sent_name for row in self if row.sent_name is not None)
        deleted = sum(row.deleted_at is not None for row in self)
        return Bill(
            creates=creates,
            total=creates.total(),
            live=len(self._rows) - deleted,
            deleted=deleted,
            by_hand=len(self._rows) - creates.total(),
            posts=self._posts.total(),
            posts_by_name=dict(self._posts),
            listings=self.listings,
        )

    def _clear(self, first_id: int) -> None:
        self._rows: dict[int, InstanceRow] = {}
        self._history: dict[int, list[Past]] = {}
        self._posts: Counter[str] = Counter()
        self.listings = 0
        self.next_id = first_id

    def _change(self, id_instance: int, **changes: Any) -> None:
        self._rows[id_instance] = replace(self._rows[id_instance], **changes)

    def _configure(
        self, row: InstanceRow, parameters: Mapping[str, Scalar], shown_at: datetime | None
    ) -> None:
        old = {} if shown_at is None else row.parameters
        self._change(row.id_instance, parameters=parameters, old_parameters=old, shown_at=shown_at)

    def _restart(self, id_instance: int, ready_at: datetime) -> None:
        reboots = self._rows[id_instance].reboots + 1
        self._change(id_instance, ready_at=ready_at, rebooted=True, reboots=reboots)

    def _note(self, id_instance: int, at: datetime) -> None:
        row = self._rows[id_instance]
        self._history.setdefault(id_instance, []).append(Past(at, settled_state(row), row.phone))
