"""What a run can do to the account: each kind of request, with what it leaves in the state.

The launcher drives any of them. To add one: a class here with the protocol's members, an action of
the plan that asks for it, and what it leaves in the state (`reconciler.state.model`).
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol, assert_never

from reconciler.apply.ports import Log, PartnerApi
from reconciler.evidence.settings import Wanted, sent_as
from reconciler.model import (
    Adopted,
    Attempt,
    Created,
    Deleted,
    Desired,
    Moment,
    NotSent,
    Origin,
    Pending,
    Recorded,
    Recovered,
    Refused,
    Rejected,
    Renamed,
    SettingsUpdate,
    Spared,
    Throttled,
    Unconfirmed,
    Unknown,
    Updated,
    Word,
)
from reconciler.partner.instances import Done, InstanceAccess, InstanceCall
from reconciler.partner.methods import CREATE_INSTANCE, SET_SETTINGS
from reconciler.results import Result
from reconciler.state.changes import UpdateAnnounced, UpdateClosed
from reconciler.state.digest import kept, kept_changes
from reconciler.state.model import Closed, Event, ExposureEnded, Intent, Record


class Operation(Protocol):
    """One request for the entry *key*, announced before it leaves and settled by its answer.

    A *repeatable* request may be sent again when it is unknown whether it arrived; any other may
    not, and the account is asked.
    """

    @property
    def key(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def verb(self) -> str: ...
    @property
    def repeatable(self) -> bool: ...

    def intent(self, now: str, until: str) -> Event:
        """Return what must be on disk before the request leaves, which it does before *until* or
        not at all (both ISO 8601 in UTC)."""

    def send(self, api: PartnerApi) -> Attempt:
        """Send it, once; what the network or the API does is returned, never raised."""

    def settled(self, attempt: Attempt, now: Moment) -> Event | None:
        """Return what *attempt* leaves in the state, if anything."""


@dataclass(frozen=True, slots=True)
class CreateInstance:
    """Buys the instance that *desired* wants: a second request would buy a second one.

    *lineage* keys the digests that the state holds of secrets. *snapshot* names the listing that
    recovery will compare with, None when nobody looked.
    """

    verb: ClassVar[str] = "create"
    repeatable: ClassVar[bool] = False
    desired: Desired
    lineage: str
    snapshot: str | None

    @property
    def key(self) -> str:
        return self.desired.key

    @property
    def name(self) -> str:
        return self.desired.name

    def intent(self, now: str, until: str) -> Event:
        parameters = kept(self.desired, self.lineage)
        return Intent(self.key, Pending(self.name, parameters, now, self.snapshot, until))

    def send(self, api: PartnerApi) -> Attempt:
        return api.send(CREATE_INSTANCE, self.desired)

    def settled(self, attempt: Attempt, now: Moment) -> Event | None:
        match attempt:
            case Created():
                return Record(self.key, self._recorded(attempt, now.wall))
            case Rejected(code) | Refused(code):
                return Closed(self.key, Word.REJECTED, f"{code}")
            case NotSent(reason):
                return Closed(self.key, Word.NOT_SENT, reason)
            case Throttled():
                return ExposureEnded(self.key, now, "429, which proves nothing")
            case Unknown(reason) | Unconfirmed(reason) | Spared(reason):
                # it may exist, and be billed: it stays announced
                return ExposureEnded(self.key, now, reason)
            case _:
                assert_never(attempt)

    def _recorded(self, created: Created, now: str) -> Recorded:
        return Recorded(
            id_instance=created.id_instance,
            token=created.token,
            type_instance=created.type_instance,
            name=self.name,
            parameters=kept(self.desired, self.lineage),
            created_at=now,
            origin=Origin.CREATED,
            extra=created.extra,
            protected=self.desired.lifecycle.protected,
        )


@dataclass(frozen=True, slots=True)
class UpdateInstance:
    """Sets the settings of an instance, which restarts it: what becomes of it is read back.

    *wanted* is all that is sent; None sets a parameter back. *was* is the instance's state before.
    """

    verb: ClassVar[str] = "update"
    repeatable: ClassVar[bool] = False
    key: str
    name: str
    access: InstanceAccess
    wanted: Wanted
    lineage: str
    was: str

    def intent(self, now: str, until: str) -> Event:
        del until
        update = SettingsUpdate(kept_changes(self.wanted, self.lineage), now, self.was)
        return UpdateAnnounced(self.key, self.access.id_instance, update)

    def send(self, api: PartnerApi) -> Attempt:
        attempt = api.send(SET_SETTINGS, InstanceCall(self.access, sent_as(self.wanted)))
        match attempt:
            case Done():
                return Unconfirmed("the API took it")
            case Throttled():
                return Unconfirmed("too many requests (429)")
            case Unknown(reason):
                return Unconfirmed(reason)
            case Rejected() | NotSent():
                return attempt
            case _:
                assert_never(attempt)

    def settled(self, attempt: Attempt, now: Moment) -> Event | None:
        del now
        match attempt:
            case Rejected(code):
                return UpdateClosed(self.key, self.access.id_instance, f"{code}")
            case NotSent(reason):
                return UpdateClosed(self.key, self.access.id_instance, reason)
            case _:  # it may be done: it stays announced, until the instance shows it
                return None


def tell(log: Log, result: Result) -> None:
    """Log what became of an entry."""
    who = {"key": result.key, "name": result.name}
    match result.outcome:
        case Created(id_instance):
            log.info("instance_created", **who, id_instance=id_instance)
        case Recovered(id_instance):
            log.info("instance_recovered", **who, id_instance=id_instance)
        case Adopted(id_instance):
            log.info("instance_adopted", **who, id_instance=id_instance)
        case Renamed() | Deleted():
            pass  # no request ends so: nothing is sent, or the listing shows it
        case Rejected(code, description):
            log.error(f"{result.verb}_rejected", **who, code=code, description=description)
        case NotSent(reason) | Spared(reason):
            log.error(f"{result.verb}_not_sent", **who, reason=reason)
        case Updated(id_instance, parameters):
            names = ", ".join(parameters)
            log.info("instance_updated", **who, id_instance=id_instance, parameters=names)
        case Unconfirmed(reason):
            log.warning("instance_not_confirmed", **who, reason=reason)
        case Unknown(reason):
            log.warning(f"{result.verb}_unknown", **who, reason=reason)
        case _:
            assert_never(result.outcome)
