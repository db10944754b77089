"""The nouns: what is wanted, what is recorded, what the account lists, what became of a create."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar, Final, NamedTuple

from reconciler.secrets import Secret


class Place(NamedTuple):  # one for each entry
    """Where in a manifest something stands; *line* and *column* count from 1."""

    path: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


Scalar = str | int | bool


class Lifecycle(NamedTuple):
    """What is to become of an instance as its entry changes; nothing of it is sent.

    *previously* is the key that the entry had before. What is to be *protected* is never deleted.
    *reset*: a parameter that left the entry is set back, and not left alone.
    """

    previously: str | None = None
    protected: bool = False
    reset: bool = False


class Desired(NamedTuple):  # as many as there are entries
    """One instance that the manifest wants, defaults merged and references resolved.

    *parameters* are the API's own, in the order of the manifest, without `name`. What the schema
    marks as secret, and what a reference brought, is a `Secret`.
    """

    key: str
    name: str
    parameters: Mapping[str, Scalar | Secret]
    place: Place
    lifecycle: Lifecycle = Lifecycle()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A token that is encrypted to the recipients: an armored age file (age-encryption.org/v1)."""

    armored: str = field(repr=False)


Token = Secret | Sealed


@dataclass(frozen=True, slots=True)
class Digest:
    """What the state keeps of a secret parameter: `hmac-sha256:` and hex digits."""

    text: str


Kept = Scalar | Digest
LINKED: Final = "authorized"  # the state of an instance that a phone is linked to


class Origin(StrEnum):
    CREATED = "created"
    ADOPTED = "adopted"  # existed before
    RECOVERED = "recovered"  # created by us, found again after a lost answer


_NO_EXTRA: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class SettingsUpdate:
    """The last setSettings of an instance: *parameters* as the state keeps them, None for those
    that were set back. It was announced at *since* (ISO 8601 in UTC), when the instance was in the
    state *was*. Until it is *confirmed*, nobody knows whether it was done.
    """

    parameters: Mapping[str, Kept | None]
    since: str
    was: str
    confirmed: bool = False


class Recorded(NamedTuple):  # tens of thousands: a tuple is made in half the time
    """One instance as the state holds it. *token* is None while it is unknown.

    *extra* holds what createInstance may answer beyond the documented fields and consumers
    need to reach the instance (`apiUrl`, `mediaUrl`). *created_at* is ISO 8601 in UTC. *deleted*:
    the account once listed it as deleted, and need not list it any more. *reported*: an apply has
    shown that it is no longer wanted. *protected*: its entry said so, and it is never deleted.
    *deletion* is when it was announced that it is deleted (ISO 8601 in UTC): then the account is
    asked whether it is.
    *rotating*: a new token was asked for, and the old one may be dead.
    """

    id_instance: int
    token: Token | None
    type_instance: str | None
    name: str
    parameters: Mapping[str, Kept]
    created_at: str
    origin: Origin
    extra: Mapping[str, str] = _NO_EXTRA
    deleted: bool = False
    reported: bool = False
    protected: bool = False
    update: SettingsUpdate | None = None
    deletion: str | None = None
    rotating: bool = False


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of an instance that the state forgot: nothing picks it up again by itself.

    *at* is ISO 8601 in UTC. *deleted*: the account has shown that it does not exist any more.
    """

    key: str
    name: str
    at: str
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time, as every clock told it that could be read.

    *wall* is ISO 8601 in UTC. *boot* names one start of a machine, and *uptime* counts its seconds,
    those in which it slept included. *server* is the partner API's clock (ISO 8601), the one that
    all machines share.
    """

    wall: str
    boot: str | None = None
    uptime: float = 0.0
    server: str | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A create that was announced and whose outcome is not recorded.

    *since* is ISO 8601 in UTC. *snapshot* names the listing (`State.snapshots`) of what the
    account already had before; None when nobody looked (`--no-remote-check`). Its request leaves
    before *launch_until* (ISO 8601 in UTC) or not at all. *exposed_until* is when it became certain
    that no request of it is on its way any more; None while that is not recorded.
    """

    name: str
    parameters: Mapping[str, Kept]
    since: str
    snapshot: str | None
    launch_until: str | None = None
    exposed_until: Moment | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """One row of getInstances. Times are the server's texts, without a time zone.

    *is_partner* and *is_free* say which plan it is on, None where the listing does not.
    """

    id_instance: int
    name: str
    token: Secret | None
    type_instance: str | None
    time_created: str
    deleted: bool
    is_partner: bool | None = None
    is_free: bool | None = None
    is_expired: bool = False
    expires: str = ""
    time_deleted: str = ""

    @property
    def of_other_plan(self) -> bool:
        """Whether the console shows it, but it is not the partner's to manage."""
        return self.is_partner is False or self.is_free is True


@dataclass(frozen=True, slots=True)
class Account:
    """What getInstances listed, deleted rows included.

    *doubts* says why the listing may be old or partial, in words that follow "the listing". What a
    doubtful listing has counts; what it lacks counts for nothing. *date* is the server's clock (ISO
    8601 in UTC), if it was told: the one clock that all runs share.
    """

    instances: tuple[Instance, ...]
    doubts: tuple[str, ...] = ()
    date: str | None = None

    @property
    def live(self) -> tuple[Instance, ...]:
        """The instances that exist, and cost money."""
        return tuple(row for row in self.instances if not row.deleted)

    @property
    def ids(self) -> frozenset[int]:
        """Every id that was listed; a deleted one, too, proves that this is its account."""
        return frozenset(row.id_instance for row in self.instances)


# --- what becomes of an operation ------------------------------------------------------------


class Word(StrEnum):
    """How the state, the reports and their counts call what became of an operation."""

    CREATED = "created"
    RECOVERED = "recovered"
    ADOPTED = "adopted"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNRESOLVED = "unresolved"
    RENAMED = "renamed"
    UPDATED = "updated"
    DELETED = "deleted"
    NOT_CONFIRMED = "not_confirmed"
    NOT_CREATED = "not_created"  # announced by an earlier run, and settled since


@dataclass(frozen=True, slots=True)
class Created:
    """The instance was made just now. *token* is None while no answer and no listing has it.

    *extra* holds what else the answer said of how to reach it.
    """

    word: ClassVar = Word.CREATED
    id_instance: int
    token: Token | None = field(repr=False)
    type_instance: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recovered:
    """The instance was made by us, its answer was lost, and it was found in the account."""

    word: ClassVar = Word.RECOVERED
    id_instance: int
    token: Token | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Adopted:
    """The instance existed before, and is recorded from now on."""

    word: ClassVar = Word.ADOPTED
    id_instance: int
    token: Token | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Renamed:
    """The record goes by the entry's key now, and no longer by that of *previously*."""

    word: ClassVar = Word.RENAMED
    previously: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The API refused this entry; nothing was done. *code* is the API's, as status or in the
    body."""

    word: ClassVar = Word.REJECTED
    code: int | None
    description: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request never reached the API: nothing was done, and it may be sent again."""

    word: ClassVar = Word.NOT_SENT
    reason: str


@dataclass(frozen=True, slots=True)
class Spared:
    """It was not sent, on purpose: *reason* says what is against it."""

    word: ClassVar = Word.NOT_SENT
    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been done: never send it again, ask the account.

    *since* says when it was announced (ISO 8601; empty where only the answer is known), and
    *candidates* are the live instances that could be it.
    """

    word: ClassVar = Word.UNRESOLVED
    reason: str
    since: str = ""
    candidates: tuple[Instance, ...] = ()


@dataclass(frozen=True, slots=True)
class Updated:
    """The instance has the *parameters* that were wanted: it was asked, and said so."""

    word: ClassVar = Word.UPDATED
    id_instance: int
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deleted:
    """The account has shown that the instance does not exist any more."""

    word: ClassVar = Word.DELETED
    id_instance: int


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """It was sent, and does not show yet: it is looked at again, and nothing concluded before.

    *unlinked*: it was linked to a phone before, and is not any more.
    """

    word: ClassVar = Word.NOT_CONFIRMED
    reason: str
    unlinked: bool = False


Outcome = (
    Created
    | Recovered
    | Adopted
    | Renamed
    | Updated
    | Deleted
    | Rejected
    | NotSent
    | Spared
    | Unknown
    | Unconfirmed
)


@dataclass(frozen=True, slots=True)
class Refused:
    """The API refused the partner token: nothing was done, and it would refuse all the others."""

    code: int
    description: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """Too many requests (429): ask later. *retry_after* is in seconds, if it was said.

    It proves nothing: a gateway may say it of a request that it has passed on. What can't be
    repeated is sent again only after a listing has shown that it was not done.
    """

    retry_after: float | None


# What one request ends with; it may concern the whole run.
Attempt = Created | Rejected | Refused | NotSent | Spared | Throttled | Unknown | Unconfirmed
