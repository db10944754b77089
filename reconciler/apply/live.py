"""Asks instances for their own settings, many at a time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event as Flag
from typing import Final

from reconciler.apply.asking import ask_all
from reconciler.apply.ports import PartnerApi
from reconciler.apply.reach import NoWay
from reconciler.evidence.settings import LiveSettings, Told
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import InstanceAccess, InstanceCall
from reconciler.partner.methods import GET_SETTINGS

_TRIES: Final = 3  # what passes is asked again; the rest is no information


def read_live(
    ways: Mapping[int, InstanceAccess | NoWay],
    api: PartnerApi,
    *,
    concurrency: int,
    stopping: Flag,
    now: Callable[[], datetime],
) -> LiveSettings:
    """Return what instances tell of their settings, and why the others tell nothing; *ways* says
    how each is asked, by its id."""
    at = now()  # before the first of them: an older answer is rather doubted than trusted
    told: dict[int, Told] = {}
    silent = {number: way.reason for number, way in ways.items() if isinstance(way, NoWay)}
    reached = {number: way for number, way in ways.items() if isinstance(way, InstanceAccess)}

    def ask(access: InstanceAccess) -> Told | str:
        call = InstanceCall(access)
        answer = api.read(GET_SETTINGS, call, tries=_TRIES, stopping=stopping)
        return answer.reason if isinstance(answer, Unreadable) else answer.values

    for number, answer in ask_all(reached, ask, concurrency=concurrency, stopping=stopping):
        if isinstance(answer, str):
            silent[number] = answer
        else:
            told[number] = answer
    return LiveSettings(at, told, silent)
