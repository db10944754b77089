"""The account: which instances exist, what was ever asked for, and what it all costs.

What happens is an event, a frozen value that a file can keep; the account is the sum of its
events. It is added up in place: copying ten thousand rows for every create would be most of the
sandbox's work.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from reconciler.model import Scalar

FIRST_ID: Final = 1_101_728_000
_KEPT_LISTED: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Row:
    """One instance.

    *sent_name* is the name its createInstance carried, None when a person made it in the console
    (nobody is billed for it). The instance answers `null` or restarts until *ready_at*; it is
    listed from listing number *listed_from* on, and not before *listed_at*.
    """

    id_instance: int
    name: str
    sent_name: str | None
    token: str = field(repr=False)
    type_instance: str
    parameters: Mapping[str, Scalar] = field(repr=False)
    created_at: datetime
    ready_at: datetime
    listed_at: datetime
    listed_from: int = 0
    rebooted: bool = False
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A createInstance request came in, whatever became of it."""

    name: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A listing was put together, whether or not its answer arrived."""


@dataclass(frozen=True, slots=True)
class Made:
    row: Row


@dataclass(frozen=True, slots=True)
class Renamed:
    id_instance: int
    name: str


@dataclass(frozen=True, slots=True)
class Configured:
    """setSettings: *parameters* were merged in, and the instance restarts until *ready_at*."""

    id_instance: int
    parameters: Mapping[str, Scalar] = field(repr=False)
    ready_at: datetime


@dataclass(frozen=True, slots=True)
class Deleted:
    id_instance: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Cleared:
    """Everything is forgotten; the next instance gets *first_id*."""

    first_id: int


Event = Arrived | Listed | Made | Renamed | Configured | Deleted | Cleared


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


class Account:
    """The sum of the events so far."""

    def __init__(self, *, first_id: int = FIRST_ID) -> None:
        self._clear(first_id)

    def apply(self, event: Event) -> None:
        match event:
            case Arrived(name):
                self._posts[name or ""] += 1
            case Listed():
                self.listings += 1
            case Made(row):
                self._rows[row.id_instance] = row
                self.next_id = row.id_instance + 1
            case Renamed(id_instance, name):
                self._change(id_instance, name=name)
            case Configured(id_instance, parameters, ready_at):
                self._change(id_instance, parameters=parameters, ready_at=ready_at, rebooted=True)
            case Deleted(id_instance, at):
                self._change(id_instance, deleted_at=at)
            case Cleared(first_id):
                self._clear(first_id)
            case _:
                assert_never(event)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def row(self, id_instance: int) -> Row | None:
        """Return the instance, deleted or not; None when there never was one of this id."""
        return self._rows.get(id_instance)

    def listing(self, now: datetime) -> list[Row]:
        """Return what getInstances shows.

        Deleted rows stay for three months; those that lag behind are not there yet.
        """
        count, oldest = self.listings, now - _KEPT_LISTED
        return [
            row
            for row in self
            if row.listed_from <= count
            and row.listed_at <= now
            and (row.deleted_at is None or row.deleted_at > oldest)
        ]

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
        self._rows: dict[int, Row] = {}
        self._posts: Counter[str] = Counter()
        self.listings = 0
        self.next_id = first_id

    def _change(self, id_instance: int, **changes: Any) -> None:
        self._rows[id_instance] = replace(self._rows[id_instance], **changes)
