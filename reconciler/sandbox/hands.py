"""What somebody else does to the account: in the vendor's console, on a phone, at the vendor's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, assert_never

from reconciler.model import Scalar
from reconciler.sandbox.events import (
    Event,
    InstanceDeleted,
    InstanceEdited,
    InstanceRenamed,
    InstanceRow,
    PhoneLinked,
    PhoneUnlinked,
    StateForced,
)

PHONE: Final = "15550100000"  # a number that nobody has


@dataclass(frozen=True, slots=True)
class MakeByHand:
    """Somebody makes an instance in the vendor's console; nobody is billed for it here."""

    name: str


@dataclass(frozen=True, slots=True)
class RenameByHand:
    """Somebody renames the live instances called *name*."""

    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class DeleteByHand:
    """Somebody deletes the live instances called *name*."""

    name: str


@dataclass(frozen=True, slots=True)
class LinkByHand:
    """Somebody links *phone* to the live instances called *name*.

    The vendor then sets some of their *settings* as it pleases. With a *password*, the phone is
    linked once the password was sent.
    """

    name: str
    phone: str = PHONE
    settings: Mapping[str, Scalar] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class UnlinkByHand:
    """Somebody removes the linked device on the phone of the live instances called *name*."""

    name: str


@dataclass(frozen=True, slots=True)
class SetByHand:
    """The *settings* of the live instances called *name* change without anybody's request."""

    name: str
    settings: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class StateByHand:
    """The live instances called *name* are in this *state* from now on, None: in their own."""

    name: str
    state: str | None


ByHand = (
    MakeByHand | RenameByHand | DeleteByHand | LinkByHand | UnlinkByHand | SetByHand | StateByHand
)


def handled(hand: ByHand, row: InstanceRow, now: datetime) -> Iterator[Event]:
    """Yield what *hand* does to *row*, an instance of its name."""
    match hand:
        case MakeByHand():
            return
        case RenameByHand(_, new_name):
            yield InstanceRenamed(row.id_instance, new_name)
        case DeleteByHand():
            yield InstanceDeleted(row.id_instance, now)
        case LinkByHand(_, phone, settings, password):
            yield PhoneLinked(row.id_instance, phone, now, password)
            if settings:
                yield InstanceEdited(row.id_instance, {**row.parameters, **settings})
        case UnlinkByHand():
            yield PhoneUnlinked(row.id_instance, now)
        case SetByHand(_, settings):
            yield InstanceEdited(row.id_instance, {**row.parameters, **settings})
        case StateByHand(_, state):
            yield StateForced(row.id_instance, state, now)
        case _:
            assert_never(hand)
