"""Asks instances for their states, many at a time, and one for all that it tells of itself."""

from collections.abc import Iterator, Mapping
from threading import Event as Flag
from typing import Final, TypeVar

from reconciler.apply.asking import ask_all
from reconciler.apply.ports import PartnerApi
from reconciler.apply.reach import NoWay
from reconciler.evidence.states import LiveStates, Portrait, Sighting, since
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import InstanceAccess, InstanceCall, StateTold
from reconciler.partner.methods import (
    GET_ACCOUNT_SETTINGS,
    GET_STATE_INSTANCE,
    GET_STATE_INSTANCE_HISTORY,
    GET_WA_SETTINGS,
)

Key = TypeVar("Key")

_TRIES: Final = 2
_WHATSAPP: Final = "whatsapp"


def ask_states(
    instances: Mapping[Key, InstanceAccess],
    api: PartnerApi,
    *,
    concurrency: int,
    stopping: Flag,
) -> Iterator[tuple[Key, StateTold | Unreadable]]:
    """Yield what each of *instances* tells of its state, as the answers come."""

    def ask(access: InstanceAccess) -> StateTold | Unreadable:
        call = InstanceCall(access)
        return api.read(GET_STATE_INSTANCE, call, tries=_TRIES, stopping=stopping)

    return ask_all(instances, ask, concurrency=concurrency, stopping=stopping)


def read_states(
    ways: Mapping[int, InstanceAccess | NoWay],
    api: PartnerApi,
    *,
    concurrency: int,
    stopping: Flag,
) -> LiveStates:
    """Return the states of the instances that tell theirs; since when, of those without a phone."""

    def ask(access: InstanceAccess) -> Sighting | str:
        call = InstanceCall(access)
        told = api.read(GET_STATE_INSTANCE, call, tries=_TRIES, stopping=stopping)
        if isinstance(told, Unreadable):
            return told.reason
        if told.word != "notAuthorized":
            return Sighting(told.word)
        past = api.read(GET_STATE_INSTANCE_HISTORY, call, tries=_TRIES, stopping=stopping)
        return Sighting(told.word, None if isinstance(past, Unreadable) else since(told.word, past))

    reached = {number: way for number, way in ways.items() if isinstance(way, InstanceAccess)}
    told: dict[int, Sighting] = {}
    silent = {number: way.reason for number, way in ways.items() if isinstance(way, NoWay)}
    for number, answer in ask_all(reached, ask, concurrency=concurrency, stopping=stopping):
        if isinstance(answer, str):
            silent[number] = answer
        else:
            told[number] = answer
    return LiveStates(told, silent)


def read_portrait(
    instance: InstanceAccess, messenger: str | None, api: PartnerApi, *, stopping: Flag
) -> Portrait:
    """Ask one *instance* of a *messenger* for its past and its account."""
    account = GET_WA_SETTINGS if messenger == _WHATSAPP else GET_ACCOUNT_SETTINGS
    call = InstanceCall(instance)
    past = api.read(GET_STATE_INSTANCE_HISTORY, call, tries=_TRIES, stopping=stopping)
    profile = api.read(account, call, tries=_TRIES, stopping=stopping)
    return Portrait(
        () if isinstance(past, Unreadable) else past,
        None if isinstance(profile, Unreadable) else profile,
    )
