"""Which instances a run asks for their settings, what it records of them, and which it sets."""

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.apply.launch import Unwatched
from reconciler.apply.ports import Options
from reconciler.apply.reach import NoWay
from reconciler.apply.settings import InstanceSettings, known_ways
from reconciler.model import Account, Recorded, SettingsUpdate
from reconciler.partner.instances import InstanceAccess
from reconciler.plan import Update, diff
from reconciler.state.changes import SettingsConfirmed
from reconciler.state.model import State
from tests.apply.parts import URL, House, MemoryStore, ScriptedPartner
from tests.values import SINCE, desired, recorded, state

YES, NO = {"incomingWebhook": "yes"}, {"incomingWebhook": "no"}
OPEN = SettingsUpdate(YES, SINCE, "notAuthorized")
DONE = SettingsUpdate(YES, SINCE, "notAuthorized", confirmed=True)


def held(*keys: str, update: SettingsUpdate | None = None) -> State:
    """A state that records *keys* as the entries want them; the last one was updated."""
    records = {key: recorded(number, key) for number, key in enumerate(keys, 10)}
    if keys:
        records[keys[-1]] = records[keys[-1]]._replace(update=update)
    return state(records)


def house(of: State, tells: Mapping[int, dict[str, Any]] | None = None, **options: Any) -> House:
    return House(
        ScriptedPartner(tells=dict(tells or {})), MemoryStore(of), Options(concurrency=1, **options)
    )


def settings(of: House, *keys: str) -> InstanceSettings:
    return of.run(*map(desired, keys)).settings


@pytest.mark.parametrize(
    ("of", "keys", "expected"),
    [
        pytest.param(house(held("a"), live=True), "a", True, id="what is recorded is asked"),
        pytest.param(house(held("b"), live=True), "a", False, id="none of them is recorded"),
        pytest.param(house(held("a")), "a", False, id="nobody wants to ask"),
        pytest.param(house(held("a", "b", update=OPEN)), "a", True, id="an update is open"),
        pytest.param(house(held("a", "b", update=DONE)), "a", False, id="an update is over"),
    ],
)
def test_instances_are_asked_where_that_may_tell_something(
    of: House, keys: str, expected: bool
) -> None:
    plan = diff([*map(desired, keys)], of.store.state())

    assert settings(of, *keys).wanted(plan) is expected


def test_what_differs_is_set_though_nothing_else_is_to_be_asked() -> None:
    of = house(held("a"))
    plan = diff([desired("a", **NO)], of.store.state(), update=True)

    assert settings(of, "a").wanted(plan)


@pytest.mark.parametrize(("prune", "states"), [(True, {11: "notAuthorized"}), (False, {})])
def test_what_no_entry_wants_is_asked_for_its_state_where_it_is_to_be_deleted(
    prune: bool, states: dict[int, str]
) -> None:
    of = house(held("a", "left"), {10: YES, 11: NO}, live=True, prune=prune)
    asking = settings(of, "a")

    asking.read(None, of.partner)

    assert asking.live is not None
    assert (asking.live.told, asking.live.states) == ({10: YES}, states)
    assert of.store.events == []


def test_what_an_instance_has_already_is_recorded_and_who_is_silent_is_named() -> None:
    mute = recorded(12, "c")._replace(token=None)
    records = {"a": recorded(10, "a", **NO), "b": recorded(11, "b", **NO), "c": mute}
    of = house(state(records), {10: YES, 11: NO}, live=True)

    settings(of, "a", "b", "c", "not there yet").read(None, of.partner)

    assert of.store.events == [SettingsConfirmed("a", 10, YES)]
    assert of.log.told == [
        ("settings_unreadable", {"key": "c", "reason": "its token is not known"})
    ]


def test_without_being_asked_to_nobody_is_asked() -> None:
    of = house(held("a"), {10: NO})
    asking = settings(of, "a")

    asking.read(None, of.partner)

    assert (asking.live, of.partner.asked) == (None, [])


@pytest.mark.parametrize(("update", "expected"), [(OPEN, [{"a", "c"}]), (DONE, [{"a"}])])
def test_only_what_is_to_be_set_or_is_not_confirmed_is_looked_at(
    update: SettingsUpdate, expected: list[set[str]]
) -> None:
    looked: list[set[str]] = []

    def ways(
        records: Mapping[str, Recorded], account: Account | None
    ) -> Mapping[str, InstanceAccess | NoWay]:
        looked.append(set(records))
        return known_ways(URL)(records, account)

    of = house(held("a", "b", "c", update=update), dict.fromkeys((10, 11, 12), YES), update=True)
    run = of.run()
    asking = InstanceSettings((), of.store, of.options, of.clock, of.log, ways)
    updates = diff([desired("a", **NO)], of.store.state(), update=True).of(Update)

    def send(operations: Any) -> Any:
        return run.sender.send(operations, Unwatched(), of.partner, of.stop)

    asking.update(updates, None, of.partner, of.stop, send)
    assert looked == expected
    assert of.store.state().instances["a"].parameters == NO

    looked.clear()
    assert asking.update((), None, of.partner, of.stop, send) == []
    assert looked == []
