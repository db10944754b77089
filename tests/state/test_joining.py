"""Any state that was written, at any age, joined with any journal that was: nothing is lost."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reconciler.errors import StateError
from reconciler.model import Moment, Pending, SettingsUpdate, Token, Tombstone, Word
from reconciler.state.changes import UpdateAnnounced
from reconciler.state.codec import decode
from reconciler.state.encoding import Line, encode
from reconciler.state.joining import joined
from reconciler.state.model import (
    Addressed,
    Closed,
    Event,
    ExposureEnded,
    Forgotten,
    Intent,
    Listed,
    ListedDeleted,
    OrphansReported,
    Record,
    Rotation,
    State,
    TokenFound,
)
from tests.state import strategies
from tests.state.parts import SINCE, intent, record, recorded, token_of

OPEN = SettingsUpdate({"a": 1}, "2026-11-22T10:06:00Z", "authorized")
DONE, NEXT = replace(OPEN, confirmed=True), replace(OPEN, since="2026-11-22T10:09:00Z")
BASE = State("0b6c1f2e").after([record(1), record(2)])
LATER = "2026-11-22T11:00:00Z"


def lines_of(*events: Event, after: int = 0) -> tuple[Line, ...]:
    return tuple(Line(serial, SINCE, event) for serial, event in enumerate(events, after + 1))


def join(base: State, *events: Event, after: int = 0, continues: bool = False) -> State:
    return joined(base, lines_of(*events, after=after), continues=continues, source="j")


def announced(number: int, since: str, snapshot: str | None = None) -> Intent:
    return Intent(f"key-{number}", Pending(f"name-{number}", {}, since, snapshot))


def test_a_journal_that_continues_the_state_is_carried_out() -> None:
    assert join(BASE, intent(3), record(3), after=2, continues=True) == BASE.after(
        [intent(3), record(3)]
    )


def test_a_state_that_holds_all_of_the_journal_stays_as_it_is() -> None:
    base = BASE.after([intent(3)])

    assert join(base, record(1), record(2), intent(3)) is base


def test_an_instance_that_only_the_journal_knows_is_added() -> None:
    assert join(BASE, record(3)).instances == {**BASE.instances, "key-3": recorded(3)}


def test_an_instance_goes_by_the_key_that_the_state_has_for_it() -> None:
    assert join(BASE, Record("old", recorded(1))) is BASE


def test_an_open_create_is_open_again_with_its_snapshot() -> None:
    state = join(BASE, Listed("r1", frozenset({7})), intent(4, "r1"))

    assert state.pending == {"key-4": intent(4, "r1").pending}
    assert state.snapshots == {"r1": frozenset({7})}


def test_an_open_create_finds_its_snapshot_in_the_state() -> None:
    base = replace(BASE, snapshots={"r1": frozenset({7})})

    assert join(base, intent(4, "r1")).snapshots == {"r1": frozenset({7})}


def test_an_open_create_whose_snapshot_is_gone_names_none() -> None:
    assert join(BASE, intent(4, "r1")).pending == {"key-4": intent(4).pending}


def test_two_snapshots_of_one_name_are_both_kept() -> None:
    base = BASE.after([Listed("r1", frozenset({7})), intent(3, "r1")])

    state = join(base, Listed("r1", frozenset({8})), intent(4, "r1"))

    assert state.snapshots == {"r1": frozenset({7}), "r1+": frozenset({8})}
    assert state.pending["key-4"].snapshot == "r1+"


def test_a_create_that_two_machines_announced_is_one_that_either_may_have_made() -> None:
    base = BASE.after([Listed("r1", frozenset({7, 8})), announced(4, SINCE, "r1")])

    state = join(base, Listed("r2", frozenset({8, 9})), announced(4, LATER, "r2"))

    assert state.pending["key-4"].since == LATER
    assert state.snapshots[state.pending["key-4"].snapshot or ""] == frozenset({8})


@pytest.mark.parametrize(("here", "there"), [("r1", None), (None, "r1")])
def test_a_create_that_one_of_two_machines_announced_without_a_look_was_not_looked_for(
    here: str | None, there: str | None
) -> None:
    looked = Listed("r1", frozenset({7}))
    base = BASE.after([looked, announced(4, SINCE, here)])

    state = join(base, looked, announced(4, LATER, there))

    assert state.pending["key-4"].snapshot is None


def test_a_create_that_two_machines_announced_may_be_on_its_way_as_long_as_either() -> None:
    moment = Moment(SINCE)
    early = replace(announced(4, SINCE).pending, launch_until="2026-11-22T12:00:00Z")
    late = replace(announced(4, LATER).pending, launch_until=LATER, exposed_until=moment)

    state = join(BASE.after([Intent("key-4", early)]), Intent("key-4", late))

    assert state.pending["key-4"].since == LATER
    assert state.pending["key-4"].launch_until == "2026-11-22T12:00:00Z"
    assert state.pending["key-4"].exposed_until is None


def test_the_end_of_an_exposure_that_only_the_journal_knows_is_kept() -> None:
    ended = ExposureEnded("key-4", Moment(LATER))

    state = join(BASE.after([intent(4)]), intent(4), ended)

    assert state.pending["key-4"].exposed_until == Moment(LATER)


def test_a_create_is_open_though_another_machine_recorded_its_entry() -> None:
    state = join(BASE, intent(1))

    assert state.instances == BASE.instances
    assert state.pending == {"key-1": intent(1).pending}


def test_a_create_that_the_journal_closed_is_closed() -> None:
    base = BASE.after([intent(4)])

    assert join(base, intent(4), Closed("key-4", Word.REJECTED)).pending == {}


def test_a_create_that_another_machine_announced_is_not_closed_with_ours() -> None:
    base = BASE.after([announced(4, LATER)])

    state = join(base, announced(4, SINCE), Closed("key-4", Word.NOT_CREATED))

    assert state.pending == base.pending


def test_a_create_that_became_an_instance_is_closed() -> None:
    base = BASE.after([intent(3)])

    assert join(base, intent(3), record(3)).pending == {}
    assert join(base, record(3)).pending == {}


def test_a_create_that_another_machine_announced_stays_open_beside_our_instance() -> None:
    base = BASE.after([announced(3, LATER)])

    state = join(base, announced(3, SINCE), record(3))

    assert state.instances["key-3"] == recorded(3)
    assert state.pending == base.pending


def test_a_token_that_the_state_lacks_is_added() -> None:
    base = State("0b6c1f2e").after([Record("key-1", recorded(1)._replace(token=None))])

    assert join(base, record(1)).instances == {"key-1": recorded(1)}
    assert join(base, TokenFound("key-1", token_of(1))).instances == {"key-1": recorded(1)}


def test_a_token_that_was_found_after_the_state_was_written_takes_its_place() -> None:
    new = TokenFound("key-1", token_of(77))

    assert join(BASE, new, after=2).instances["key-1"].token == token_of(77)
    assert join(BASE, new, after=1) is BASE


def test_a_token_that_may_be_dead_is_kept_in_mind() -> None:
    asked, found = Rotation("key-1", under_way=True), TokenFound("key-1", token_of(77))

    assert join(BASE, asked, after=2).instances["key-1"].rotating
    assert not join(BASE, asked, found, after=2).instances["key-1"].rotating
    assert (
        not join(BASE, asked, Rotation("key-1", under_way=False), after=2)
        .instances["key-1"]
        .rotating
    )
    assert join(BASE, asked, after=1) is BASE


def test_two_instances_for_one_key_are_for_a_person() -> None:
    for continues in (False, True):
        with pytest.raises(StateError, match="another instance for key-1") as refused:
            join(BASE, Record("key-1", recorded(9)), continues=continues)

        assert refused.value.hint


@pytest.mark.parametrize("continues", [True, False])
def test_a_deleted_instance_may_be_followed_by_another(continues: bool) -> None:
    gone = ListedDeleted("key-1", recorded(1).id_instance)
    another = Record("key-1", recorded(9))

    state = join(BASE, gone, another, after=2, continues=continues)

    assert state.instances["key-1"] == recorded(9)


def test_a_forgotten_instance_is_not_recorded_again() -> None:
    stone = Tombstone("key-1", "name-1", LATER)
    forgotten = Forgotten(recorded(1).id_instance, stone)

    assert join(BASE.after([forgotten]), record(1)).instances.keys() == {"key-2"}
    assert join(BASE, forgotten).instances.keys() == {"key-2"}


def test_what_was_seen_of_an_instance_is_kept() -> None:
    state = join(
        BASE, ListedDeleted("key-1", recorded(1).id_instance), OrphansReported(("key-2", "key-9"))
    )

    assert state.instances["key-1"].deleted
    assert state.instances["key-2"].reported


@pytest.mark.parametrize(
    ("known", "told", "expected"),
    [
        pytest.param(None, OPEN, OPEN, id="only the journal knows one"),
        pytest.param(OPEN, None, OPEN, id="only the state knows one"),
        pytest.param(OPEN, DONE, DONE, id="the journal saw its end"),
        pytest.param(DONE, OPEN, DONE, id="the state saw its end"),
        pytest.param(NEXT, DONE, NEXT, id="the state knows a later one"),
        pytest.param(DONE, NEXT, NEXT, id="the journal knows a later one"),
    ],
)
def test_of_two_updates_the_later_is_kept(
    known: SettingsUpdate | None, told: SettingsUpdate | None, expected: SettingsUpdate
) -> None:
    number = recorded(1).id_instance
    base = BASE.after([UpdateAnnounced("key-1", number, known)] if known else [])

    lines: list[Event] = [record(1), *([UpdateAnnounced("key-1", number, told)] if told else [])]
    state = join(base, *lines)

    assert state.instances["key-1"].update == expected


def test_the_address_is_that_of_the_later_one() -> None:
    base = BASE.after([Addressed("https://a")])

    assert join(base, Addressed("https://b")).api_url == "https://a"
    assert join(base, Addressed("https://b"), after=3).api_url == "https://b"
    assert join(BASE, Addressed("https://b")).api_url == "https://b"


# --- any history ----------------------------------------------------------------------------

# Few keys and instances, so that the events of a history have something to do with each other.
among_few = strategies.events_among(st.sampled_from("abc"), st.integers(1, 4))
histories = st.lists(among_few | strategies.events, max_size=8)


@given(histories, histories, histories, st.integers(0, 8), st.booleans())
def test_any_state_joined_with_any_journal_can_be_read_and_loses_nothing(
    common: list[Event],
    here: list[Event],
    elsewhere: list[Event],
    age: int,
    continues: bool,
) -> None:
    """Two machines go on from one state; the state of one meets the journal of the other."""
    base = State("0b6c1f2e").after((common + elsewhere)[: age + len(elsewhere)])
    base = decode(encode(_readable(base)), source="s")
    lines = lines_of(*here, after=len(common))
    assume(not continues or base.serial == len(common))
    try:
        state = joined(base, lines, continues=continues, source="j")
    except StateError as two:
        assert "another instance" in two.message
        return

    assert decode(encode(_readable(state)), source="s") == _readable(state)
    if not continues:
        assert_nothing_is_lost(base, lines, state)


def _readable(state: State) -> State:
    """Events of a property may name a snapshot that was never listed; a run can't."""
    pending = {
        key: each if each.snapshot in state.snapshots else replace(each, snapshot=None)
        for key, each in state.pending.items()
    }
    return replace(state, pending=pending)


def assert_nothing_is_lost(base: State, lines: Sequence[Line], state: State) -> None:
    told = State(base.lineage).after(line.event for line in lines)
    ids = {each.id_instance: each for each in state.instances.values()}
    for known in (base, told):
        for each in known.instances.values():
            kept = ids.get(each.id_instance)
            assert kept or each.id_instance in state.tombstones or _given_up(each.deleted, lines)
            assert kept is None or each.token is None or kept.token is not None
        for key, pending in known.pending.items():
            left = state.pending.get(key)
            assert left is not None or _is_settled(key, pending, lines)
            assert left is None or left.since >= pending.since or left.since in _since(lines, key)
    assert state.tombstones.keys() | ids.keys() >= base.tombstones.keys()
    for number, token in _found_late(base, lines).items():
        assert number not in ids or ids[number].token == token


def _found_late(base: State, lines: Sequence[Line]) -> dict[int, Token]:
    """Return by instance the tokens that the journal found after *base* was written."""
    found: dict[int, Token] = {}
    for line in lines:
        match line.event:
            case Record(_, recorded):
                found.pop(recorded.id_instance, None)
            case TokenFound(_, token, int(known)) if line.serial > base.serial:
                found[known] = token
            case TokenFound():
                found.clear()  # of an earlier version: it does not say whose it is
    return found


def _given_up(deleted: bool, lines: Sequence[Line]) -> bool:
    return deleted or any(isinstance(line.event, ListedDeleted) for line in lines)


def _is_settled(key: str, pending: Pending, lines: Sequence[Line]) -> bool:
    """Whether the journal has an outcome for *key*."""
    del pending
    return any(isinstance(line.event, Closed | Record) and line.event.key == key for line in lines)


def _since(lines: Sequence[Line], key: str) -> set[str]:
    return {
        line.event.pending.since
        for line in lines
        if isinstance(line.event, Intent) and line.event.key == key
    }
