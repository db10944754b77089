"""The operation that deletes an instance: logout, deleteInstanceAccount, and the listing's word."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import repeat
from threading import Event as Flag
from typing import ClassVar, Final, assert_never

from reconciler.apply.looks import looks
from reconciler.apply.ports import PartnerApi
from reconciler.apply.reach import NoWay
from reconciler.model import (
    LINKED,
    Attempt,
    Created,
    Moment,
    NotSent,
    Recorded,
    Refused,
    Rejected,
    Spared,
    Throttled,
    Unconfirmed,
    Unknown,
)
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import Done, InstanceAccess, InstanceCall, StateTold
from reconciler.partner.methods import (
    DELETE_INSTANCE_ACCOUNT,
    GET_ACCOUNT_SETTINGS,
    GET_STATE_INSTANCE,
    GET_WA_SETTINGS,
    LOGOUT,
)
from reconciler.state.changes import DeleteAnnounced, DeleteClosed
from reconciler.state.model import Event

_LOGOUT_TAKES: Final = 60.0  # seconds, at the most
_POLL: Final = 5.0  # seconds between two looks at an instance's state
_NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class DeleteInstance:
    """Deletes the instance of *recorded*, for ever: its phone is logged out first, for it would
    stay linked to a dead instance.

    Whatever is answered, only the account's listing shows that it is deleted. *access* is the way
    to the instance, if there is one.
    """

    verb: ClassVar[str] = "delete"
    repeatable: ClassVar[bool] = False
    key: str
    recorded: Recorded
    access: InstanceAccess | NoWay
    interrupted: Flag
    monotonic: Callable[[], float]
    even_linked: bool = False
    even_unlinkable: bool = False

    @property
    def name(self) -> str:
        return self.recorded.name

    def intent(self, now: str, until: str) -> Event:
        del until  # its request may leave late: the listing is asked, however long after
        return DeleteAnnounced(self.key, self.recorded.id_instance, now)

    def send(self, api: PartnerApi) -> Attempt:
        if (obstacle := self._unlink(api)) is not None:
            return obstacle
        match api.send(DELETE_INSTANCE_ACCOUNT, self.recorded.id_instance):
            case Done():
                return Unconfirmed("the API took it")
            case Rejected(code) if code == _NOT_FOUND:
                return Unconfirmed("the API knows no such instance")
            case Throttled():
                return Unconfirmed("too many requests (429)")
            case Unknown(reason):
                return Unconfirmed(reason)
            case refused:
                return refused

    def settled(self, attempt: Attempt, now: Moment) -> Event:
        known, before = self.recorded.id_instance, self.recorded.deletion
        match attempt:
            case NotSent() | Spared() | Rejected() | Refused() if before is not None:
                # an earlier run may have sent it: only the listing closes that
                return DeleteAnnounced(self.key, known, before)
            case NotSent(reason) | Spared(reason):
                return DeleteClosed(self.key, known, reason)
            case Rejected(code) | Refused(code):
                return DeleteClosed(self.key, known, f"{code}")
            case Created() | Throttled() | Unknown() | Unconfirmed():  # it stays announced
                return DeleteAnnounced(self.key, known, now.wall)
            case _:
                assert_never(attempt)

    def _unlink(self, api: PartnerApi) -> NotSent | Spared | None:
        """Log the phone out; return what is against deleting, None where nothing is."""
        if isinstance(self.access, NoWay):
            return self._unlinkable(f"no phone can be logged out: {self.access.reason}")
        state = self._state(api, self.access)
        if isinstance(state, Unreadable):
            return self._unlinkable(f"its state can't be read: {state.reason}")
        if state.word == LINKED and not self.even_linked:
            return Spared("a phone is linked to it; --even-linked deletes it all the same")
        told = api.send(LOGOUT, InstanceCall(self.access))
        seconds = 0.0 if isinstance(told, Rejected) else _LOGOUT_TAKES
        for _ in looks(self.monotonic, self.interrupted, repeat(_POLL), seconds=seconds):
            if self._is_free(api, self.access):
                return None
        if self.interrupted.is_set():
            return NotSent("stopped while its phone was logged out")
        return self._unlinkable("it can't be logged out from its phone")

    def _unlinkable(self, why: str) -> Spared | None:
        return None if self.even_unlinkable else Spared(f"{why}; --even-unlinkable insists")

    def _state(self, api: PartnerApi, access: InstanceAccess) -> StateTold | Unreadable:
        return api.read(
            GET_STATE_INSTANCE, InstanceCall(access), tries=3, stopping=self.interrupted
        )

    def _is_free(self, api: PartnerApi, access: InstanceAccess) -> bool:
        """Whether no phone is linked any more, and the logout is over."""
        state = self._state(api, access)
        if isinstance(state, Unreadable) or state.word != "notAuthorized":
            return False
        whatsapp = self.recorded.type_instance in (None, "whatsapp")
        method = GET_WA_SETTINGS if whatsapp else GET_ACCOUNT_SETTINGS
        profile = api.read(method, InstanceCall(access), tries=1, stopping=self.interrupted)
        return isinstance(profile, Unreadable) or not profile.logging_out
