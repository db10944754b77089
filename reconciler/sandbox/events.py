"""What happens to the account, as frozen values that a file can keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from reconciler.model import Scalar


@dataclass(frozen=True, slots=True)
class Tariff:
    """The plan that an instance is on, as getInstances tells it."""

    tariff: str = "PARTNER"
    is_free: bool = False
    is_partner: bool = True
    is_expired: bool = False


PARTNER: Final = Tariff()


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """One instance.

    *sent_name* is the name its createInstance carried, None when a person made it in the console
    (nobody is billed for it). It is being born, or restarts (*rebooted*), until *ready_at*; it is
    listed from listing number *listed_from* on, and not before *listed_at*. *phone* is linked to
    it; one that was scanned and waits for its *password* is not yet. *state* is the word that it
    answers whatever else holds, such as `suspended`. A logout that was asked for is over at
    *logged_out_at*. Until *shown_at*, getSettings shows the *old_parameters*.
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
    plan: Tariff = PARTNER
    phone: str | None = None
    password: str | None = field(default=None, repr=False)
    state: str | None = None
    logged_out_at: datetime | None = None
    old_parameters: Mapping[str, Scalar] = field(default_factory=dict, repr=False)
    shown_at: datetime | None = None
    reboots: int = 0
    rotations: int = 0


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
    """setSettings: it has *parameters* now, shown from *shown_at* on, and restarts until
    *ready_at*."""

    id_instance: int
    parameters: Mapping[str, Scalar] = field(repr=False)
    ready_at: datetime
    shown_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InstanceEdited:
    """Its settings became *parameters* without anybody's setSettings, and without a restart."""

    id_instance: int
    parameters: Mapping[str, Scalar] = field(repr=False)


@dataclass(frozen=True, slots=True)
class InstanceRestarted:
    id_instance: int
    ready_at: datetime


@dataclass(frozen=True, slots=True)
class PhoneLinked:
    """Somebody linked a phone; while a *password* is asked for, it is not linked yet."""

    id_instance: int
    phone: str
    at: datetime
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PhoneUnlinked:
    """The phone is gone, after a logout that goes on until *over_at*, or without one (None)."""

    id_instance: int
    at: datetime
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StateForced:
    """It answers this *state* from now on; None: what holds otherwise."""

    id_instance: int
    state: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TokenRotated:
    """The old token died in favour of a new one."""

    id_instance: int
    token: str = field(repr=False)


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
    | InstanceEdited
    | InstanceRestarted
    | PhoneLinked
    | PhoneUnlinked
    | StateForced
    | TokenRotated
    | InstanceDeleted
    | AccountCleared
)
