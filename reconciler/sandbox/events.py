"""What happens to the account, as frozen values that a file can keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.model import Scalar


@dataclass(frozen=True, slots=True)
class InstanceRow:
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
class CreateArrived:
    """A createInstance request came in, whatever became of it."""

    name: str | None


@dataclass(frozen=True, slots=True)
class ListingServed:
    """A listing was put together, whether or not its answer arrived."""


@dataclass(frozen=True, slots=True)
class InstanceMade:
    """An instance came to be, by a create or by a person's hand."""

    row: InstanceRow


@dataclass(frozen=True, slots=True)
class InstanceRenamed:
    id_instance: int
    name: str


@dataclass(frozen=True, slots=True)
class InstanceConfigured:
    """setSettings: *parameters* were merged in, and the instance restarts until *ready_at*."""

    id_instance: int
    parameters: Mapping[str, Scalar] = field(repr=False)
    ready_at: datetime


@dataclass(frozen=True, slots=True)
class InstanceDeleted:
    id_instance: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AccountCleared:
    """Everything is forgotten; the next instance gets *first_id*."""

    first_id: int


Event = (
    CreateArrived
    | ListingServed
    | InstanceMade
    | InstanceRenamed
    | InstanceConfigured
    | InstanceDeleted
    | AccountCleared
)
