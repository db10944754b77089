"""New tokens for instances whose old ones leaked, one instance at a time.

The old token dies at once, and the call that makes the new one changes the instance though it is a
GET: it is never repeated. So the state says before it that the token may be dead, and holds the new
one before anything else is done with it.
"""

from dataclasses import dataclass, field
from typing import assert_never

from reconciler.apply.ports import HeldState, Log, PartnerApi
from reconciler.model import NotSent, Rejected, Throttled, Unknown
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import InstanceAccess, InstanceCall, NewToken
from reconciler.partner.methods import GET_STATE_INSTANCE, UPDATE_API_TOKEN
from reconciler.secrets import Secret
from reconciler.state.model import Rotation, TokenFound

_TRIES = 4  # of a question that decides what became of a rotation


@dataclass(frozen=True, slots=True)
class Rotated:
    """The state holds the new *token*, and it works unless *doubt* says otherwise.

    *found*: the answer that brought it was lost, and the account listed it.
    """

    token: Secret = field(repr=False)
    found: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class NotRotated:
    """The old token is the token still; *reason* says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class RotationUnknown:
    """It was asked for, and neither token is known to work: the state keeps that in mind."""

    reason: str


Rotating = Rotated | NotRotated | RotationUnknown


def rotate(
    key: str, old: InstanceAccess, *, api: PartnerApi, store: HeldState, log: Log
) -> Rotating:
    """Give the instance of *key* a new token, and return it once it is on disk."""
    if store.state().instances[key].rotating:  # an earlier run never learned what became of it
        settled = _settled(key, old, "an earlier run's answer was lost", api=api, store=store)
        if not isinstance(settled, NotRotated):
            return _told(key, settled, log)
    # Before the call: a crash must not forget it.
    store.record(Rotation(key, under_way=True, id_instance=old.id_instance))
    answer = api.send(UPDATE_API_TOKEN, InstanceCall(old))
    match answer:
        case NewToken(token):
            store.record(TokenFound(key, token, old.id_instance))
            return _told(key, _verified(Rotated(token), old, api), log)
        case NotSent(reason):
            store.record(Rotation(key, under_way=False, id_instance=old.id_instance))
            return _told(key, NotRotated(reason), log)
        case Rejected(_, description):
            settled = _settled(key, old, description, api=api, store=store)
            if isinstance(settled, Rotated):  # not by this call, which was refused
                settled = NotRotated("the token on record was dead; the listed one is recorded now")
        case Throttled():  # a gateway may say so of a request that it has passed on
            settled = _settled(key, old, "too many requests (429)", api=api, store=store)
        case Unknown(reason):
            settled = _settled(key, old, reason, api=api, store=store)
        case _:
            assert_never(answer)
    return _told(key, settled, log)


def _settled(
    key: str, old: InstanceAccess, reason: str, *, api: PartnerApi, store: HeldState
) -> Rotating:
    """Find out what became of a rotation: while the *old* token works, nothing has happened."""
    seen = api.read(GET_STATE_INSTANCE, InstanceCall(old), tries=_TRIES)
    if not isinstance(seen, Unreadable):
        store.record(Rotation(key, under_way=False, id_instance=old.id_instance))
        return NotRotated(reason)
    listed = {row.id_instance: row.token for row in api.account().instances}
    token = listed.get(old.id_instance)
    if token is None or token == old.token:
        return RotationUnknown(f"{reason}; and the token that is known: {seen.reason}")
    store.record(TokenFound(key, token, old.id_instance))
    return _verified(Rotated(token, found=True), old, api)


def _verified(rotated: Rotated, old: InstanceAccess, api: PartnerApi) -> Rotated:
    """Return *rotated*, with a doubt where its token does not open the instance."""
    new = InstanceAccess(old.id_instance, rotated.token, old.url)
    seen = api.read(GET_STATE_INSTANCE, InstanceCall(new), tries=_TRIES)
    if not isinstance(seen, Unreadable) or seen.code != _UNAUTHORIZED:
        return rotated
    return Rotated(rotated.token, rotated.found, doubt=seen.reason)


_UNAUTHORIZED = 401


def _told(key: str, became: Rotating, log: Log) -> Rotating:
    match became:
        case Rotated(found=found):
            log.info("token_rotated", key=key, found=found)
        case NotRotated(reason):
            log.error("rotation_not_done", key=key, reason=reason)
        case RotationUnknown(reason):
            log.warning("rotation_unknown", key=key, reason=reason)
        case _:
            assert_never(became)
    return became
