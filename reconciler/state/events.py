"""What can happen to a state: the journal's vocabulary. One event is one line of the journal."""

from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model import Pending, Recorded, Token


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


class Verdict(StrEnum):
    REJECTED = "rejected"  # the API said no
    NOT_SENT = "not_sent"  # the request never left, or was throttled
    NOT_CREATED = "not_created"  # old enough and not listed, or a person said so


@dataclass(frozen=True, slots=True)
class Closed:
    """The announced create of *key* made no instance. *reason* is for the reader of the journal."""

    key: str
    verdict: Verdict
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
