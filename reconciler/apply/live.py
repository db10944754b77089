"""Asks recorded instances for their own settings, many at a time."""

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event as Flag
from typing import Final

from reconciler.apply.asking import ask_all
from reconciler.apply.ports import PartnerApi
from reconciler.apply.reach import NoWay
from reconciler.evidence.settings import LiveSettings, Told
from reconciler.model import Recorded
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import InstanceAccess, InstanceCall
from reconciler.partner.methods import GET_SETTINGS

_TRIES: Final = 3  # what passes is asked again; the rest is no information


def read_live(
    records: Mapping[str, Recorded],
    ways: Mapping[str, InstanceAccess | NoWay],
    api: PartnerApi,
    *,
    concurrency: int,
    stopping: Flag,
    now: Callable[[], datetime],
) -> LiveSettings:
    """Return what each of *records* tells of its settings, and why the others tell nothing."""
    at = now()  # before the first of them: an older answer is rather doubted than trusted
    told: dict[int, Told] = {}
    silent: dict[int, str] = {}
    reached = {}
    for key, recorded in records.items():
        match ways[key]:
            case NoWay(reason):
                silent[recorded.id_instance] = reason
            case access:
                reached[key] = access

    def ask(access: InstanceAccess) -> Told | str:
        call = InstanceCall(access)
        answer = api.read(GET_SETTINGS, call, tries=_TRIES, stopping=stopping)
        return answer.reason if isinstance(answer, Unreadable) else answer.values

    for key, answer in ask_all(reached, ask, concurrency=concurrency, stopping=stopping):
        if isinstance(answer, str):
            silent[records[key].id_instance] = answer
        else:
            told[records[key].id_instance] = answer
    return LiveSettings(at, told, silent)
