"""Asks instances for their own settings, many at a time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event as Flag
from types import MappingProxyType
from typing import Final

from reconciler.apply.asking import ask_all
from reconciler.apply.ports import PartnerApi
from reconciler.apply.reach import NoWay
from reconciler.apply.states import ask_states
from reconciler.evidence.settings import LiveSettings, Told
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import InstanceAccess, InstanceCall, StateTold
from reconciler.partner.methods import GET_SETTINGS

_NOBODY: Final[Mapping[int, InstanceAccess | NoWay]] = MappingProxyType({})
_TRIES: Final = 3  # what passes is asked again; the rest is no information


def read_live(
    ways: Mapping[int, InstanceAccess | NoWay],
    api: PartnerApi,
    *,
    unwanted: Mapping[int, InstanceAccess | NoWay] = _NOBODY,
    concurrency: int,
    stopping: Flag,
    now: Callable[[], datetime],
) -> LiveSettings:
    """Return what instances tell of their settings, and why the others tell nothing; *ways* says
    how each is asked, by its id. Those that are *unwanted* are asked for their states alone."""
    at = now()  # before the first of them: an older answer is rather doubted than trusted
    told: dict[int, Told] = {}
    silent = {number: way.reason for number, way in ways.items() if isinstance(way, NoWay)}

    def ask(access: InstanceAccess) -> Told | str:
        call = InstanceCall(access)
        answer = api.read(GET_SETTINGS, call, tries=_TRIES, stopping=stopping)
        return answer.reason if isinstance(answer, Unreadable) else answer.values

    for number, answer in ask_all(_reached(ways), ask, concurrency=concurrency, stopping=stopping):
        if isinstance(answer, str):
            silent[number] = answer
        else:
            told[number] = answer
    states = {
        number: state.word
        for number, state in ask_states(
            _reached(unwanted), api, concurrency=concurrency, stopping=stopping
        )
        if isinstance(state, StateTold)
    }
    return LiveSettings(at, told, silent, states)


def _reached(ways: Mapping[int, InstanceAccess | NoWay]) -> dict[int, InstanceAccess]:
    return {number: way for number, way in ways.items() if isinstance(way, InstanceAccess)}
