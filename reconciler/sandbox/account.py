"""The account: which instances exist, what was ever asked for, and what it all costs.

It is the sum of its events, added up in place: copying ten thousand rows for every create would be
most of the sandbox's work.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from reconciler.sandbox.events import (
    AccountCleared,
    CreateArrived,
    Event,
    InstanceConfigured,
    InstanceDeleted,
    InstanceMade,
    InstanceRenamed,
    InstanceRow,
    ListingServed,
)

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


class SandboxAccount:
    """The sum of the events so far."""

    def __init__(self, *, first_id: int = FIRST_ID) -> None:
        self._clear(first_id)

    def apply(self, event: Event) -> None:
        match event:
            case CreateArrived(name):
                self._posts[name or ""] += 1
            case ListingServed():
                self.listings += 1
            case InstanceMade(row):
                self._rows[row.id_instance] = row
                self.next_id = row.id_instance + 1
            case InstanceRenamed(id_instance, name):
                self._change(id_instance, name=name)
            case InstanceConfigured(id_instance, parameters, ready_at):
                self._change(id_instance, parameters=parameters, ready_at=ready_at, rebooted=True)
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
        self._posts: Counter[str] = Counter()
        self.listings = 0
        self.next_id = first_id

    def _change(self, id_instance: int, **changes: Any) -> None:
        self._rows[id_instance] = replace(self._rows[id_instance], **changes)
