from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import SettingsUpdate, Tombstone, Word
from reconciler.state.changes import SettingsConfirmed, UpdateAnnounced, UpdateClosed
from reconciler.state.model import (
    CLOSING,
    Addressed,
    Closed,
    Event,
    Forgotten,
    Intent,
    Listed,
    ListedDeleted,
    Moved,
    OrphansReported,
    Record,
    Rotation,
    State,
    TokenFound,
    TombstoneDropped,
)
from tests.state import strategies
from tests.state.parts import SINCE, intent, record, recorded, token_of

EMPTY = State("0b6c1f2e")
BEGUN = EMPTY.after([Listed("r1", frozenset({7})), intent(1, "r1")])


def test_an_announced_create_is_pending_and_keeps_its_snapshot() -> None:
    assert BEGUN.pending == {"key-1": intent(1, "r1").pending}
    assert BEGUN.snapshots == {"r1": frozenset({7})}


def test_a_recorded_instance_is_no_longer_pending() -> None:
    state = BEGUN.after([record(1)])

    assert (state.instances, state.pending) == ({"key-1": recorded(1)}, {})


@pytest.mark.parametrize("word", CLOSING)
def test_a_create_that_made_nothing_is_no_longer_pending(word: Word) -> None:
    state = BEGUN.after([Closed("key-1", word)])

    assert (state.instances, state.pending) == ({}, {})


def test_a_token_that_was_found_completes_its_instance() -> None:
    state = EMPTY.after([record(1), TokenFound("key-1", token_of(5))])

    assert state.instances == {"key-1": recorded(1, token=token_of(5))}


def test_a_token_for_nobody_changes_nothing_but_the_serial() -> None:
    assert EMPTY.after([TokenFound("key-1", token_of(5))]) == State("0b6c1f2e", 1)


def test_a_token_and_its_rotation_are_of_one_instance_and_not_of_the_next_with_its_key() -> None:
    ours, other = recorded(1).id_instance, recorded(2).id_instance
    held = EMPTY.after([record(1)])

    for known in (other, ours):
        events = [Rotation("key-1", under_way=True, id_instance=known)]
        assert held.after(events).instances["key-1"].rotating is (known == ours)
        token = held.after([TokenFound("key-1", token_of(5), known)]).instances["key-1"].token
        assert token == token_of(5 if known == ours else 1)


def test_an_instance_that_takes_the_place_of_another_buries_it_and_not_itself() -> None:
    held = EMPTY.after([record(1)])
    another = Record("key-1", recorded(9))

    assert held.after([record(1)]).tombstones == {}
    assert held.after([another]).tombstones.keys() == {recorded(1).id_instance}


def test_an_instance_counts_without_its_announcement() -> None:
    assert EMPTY.after([record(1)]).instances == {"key-1": recorded(1)}


STONE = Tombstone("key-1", "name-1", SINCE)
KNOWN = EMPTY.after([record(1)])
ID = recorded(1).id_instance


def test_a_moved_entry_keeps_all_that_it_has() -> None:
    state = EMPTY.after([record(1), intent(2), Moved("key-1", "a"), Moved("key-2", "b")])

    assert state.instances == {"a": recorded(1)}
    assert state.pending == {"b": intent(2).pending}


def test_a_forgotten_instance_leaves_a_tombstone() -> None:
    state = KNOWN.after([Forgotten(ID, STONE)])

    assert (state.instances, state.tombstones) == ({}, {ID: STONE})


def test_forgetting_leaves_another_instance_of_that_key_alone() -> None:
    state = KNOWN.after([Forgotten(7, STONE)])

    assert (state.instances, state.tombstones) == (KNOWN.instances, {7: STONE})


def test_an_instance_that_is_recorded_again_has_no_tombstone() -> None:
    assert KNOWN.after([Forgotten(ID, STONE), record(1)]) == replace(KNOWN, serial=3)


def test_a_tombstone_is_dropped_without_touching_a_record() -> None:
    dropped = TombstoneDropped(ID)

    assert KNOWN.after([Forgotten(ID, STONE), dropped]) == replace(EMPTY, serial=3)
    assert KNOWN.after([dropped]).instances == KNOWN.instances


def test_an_instance_stays_deleted_once_it_was_listed_so() -> None:
    state = KNOWN.after([ListedDeleted("key-1", ID), ListedDeleted("key-2", 5)])

    assert state.instances == {"key-1": recorded(1)._replace(deleted=True)}


def test_another_instance_of_that_key_is_not_deleted() -> None:
    assert KNOWN.after([ListedDeleted("key-1", 5)]).instances == KNOWN.instances


def test_reported_orphans_are_remembered() -> None:
    state = EMPTY.after([record(1), record(2), OrphansReported(("key-1", "key-9"))])

    assert {key: each.reported for key, each in state.instances.items()} == {
        "key-1": True,
        "key-2": False,
    }


UPDATE = SettingsUpdate({"webhookUrl": "https://b", "name": None}, SINCE, "authorized")


def test_an_update_is_open_until_the_instance_confirms_it() -> None:
    number = recorded(1).id_instance
    announced = EMPTY.after([record(1), UpdateAnnounced("key-1", number, UPDATE)])
    confirmed = announced.after([SettingsConfirmed("key-1", number, UPDATE.parameters)])
    closed = announced.after([UpdateClosed("key-1", number, "not sent")])

    assert announced.instances["key-1"] == recorded(1)._replace(update=UPDATE)
    update = confirmed.instances["key-1"].update
    assert update is not None
    assert update.confirmed
    parameters = {**recorded(1).parameters, "webhookUrl": "https://b"}
    assert confirmed.instances["key-1"].parameters == parameters
    assert closed.instances["key-1"] == recorded(1)


def test_an_update_of_another_instance_changes_nothing() -> None:
    state = EMPTY.after(
        [record(1), UpdateAnnounced("key-1", 5, UPDATE), SettingsConfirmed("key-1", 5, {"a": 1})]
    )

    assert state.instances["key-1"] == recorded(1)


def test_the_address_is_the_latest() -> None:
    assert EMPTY.after([Addressed("a"), Addressed("b")]).api_url == "b"


def test_a_snapshot_that_no_create_names_is_dropped_unless_it_is_to_be_kept() -> None:
    events: list[Event] = [Listed("r1", frozenset({7})), Listed("r2", frozenset({8}))]

    assert EMPTY.after(events).snapshots == {}
    assert EMPTY.after(events, keep=("r2",)).snapshots == {"r2": frozenset({8})}


without_snapshots = strategies.events.filter(lambda event: not isinstance(event, Intent | Listed))


@given(strategies.states, st.lists(without_snapshots, max_size=6), st.integers(0, 6))
def test_events_have_the_same_effect_in_one_go_and_in_two(
    state: State, events: list[Event], cut: int
) -> None:
    assert state.after(events[:cut]).after(events[cut:]) == state.after(events)
    assert state.after(events).serial == state.serial + len(events)


@given(strategies.states, st.lists(strategies.events, max_size=6))
def test_a_transition_leaves_the_state_before_it_alone(state: State, events: list[Event]) -> None:
    before = State(
        state.lineage,
        state.serial,
        state.api_url,
        dict(state.instances),
        dict(state.pending),
        dict(state.snapshots),
        dict(state.tombstones),
    )

    state.after(events)

    assert state == before
