"""What a journal saw of instances, beside a state that was replaced meanwhile: the word that costs
nothing and loses no token is kept, and what both know is not said twice."""

from dataclasses import replace
from typing import Final

import pytest

from reconciler.errors import StateError
from reconciler.model import SettingsUpdate, Tombstone
from reconciler.state.changes import (
    DeleteAnnounced,
    DeleteClosed,
    SettingsConfirmed,
    UpdateAnnounced,
    UpdateClosed,
)
from reconciler.state.model import (
    Addressed,
    Event,
    Forgotten,
    ListedDeleted,
    Moved,
    OrphansReported,
    ProtectionChanged,
    Record,
    Rotation,
    State,
    TokenFound,
)
from tests.state.parts import SINCE, intent, record, recorded, token_of
from tests.state.test_joining import BASE, LATER, announced, join

ID: Final = recorded(1).id_instance  # of key-1
ANOTHER: Final = Record("key-1", recorded(9))
GONE: Final = ListedDeleted("key-1", ID)
STONE: Final = Tombstone("key-1", "name-1", LATER)


# --- which instances -------------------------------------------------------------------------


def test_a_key_that_was_moved_is_free_for_another_instance() -> None:
    moved = Moved("key-1", "new")

    state = join(BASE, moved, ANOTHER, after=2, continues=True)

    assert (state.instances["new"], state.instances["key-1"]) == (recorded(1), recorded(9))
    with pytest.raises(StateError, match="another instance for new"):
        join(BASE, moved, Record("new", recorded(9)), after=2, continues=True)


def test_an_instance_that_was_forgotten_makes_room_for_another() -> None:
    state = join(BASE, Forgotten(ID, STONE), ANOTHER, after=2, continues=True)

    assert state.instances["key-1"] == recorded(9)


WAS_GIVEN_UP: Final[dict[str, tuple[list[Event], list[Event]]]] = {
    "the journal saw that it was deleted": ([ANOTHER], [record(1), GONE]),
    "the state has forgotten it": ([Forgotten(ID, STONE), ANOTHER], [record(1)]),
}


@pytest.mark.parametrize(("here", "told"), WAS_GIVEN_UP.values(), ids=WAS_GIVEN_UP)
def test_an_instance_that_was_given_up_is_no_second_one(
    here: list[Event], told: list[Event]
) -> None:
    base = State("0b6c1f2e").after(here)

    assert join(base, *told) is base


def test_an_instance_that_the_state_saw_deleted_is_not_alive_again() -> None:
    base = BASE.after([GONE])

    assert join(base, record(1)) is base


def test_an_instance_that_was_forgotten_elsewhere_is_buried_though_nobody_here_knew_it() -> None:
    stone = Tombstone("key-7", "name-7", LATER)

    state = join(BASE, Forgotten(recorded(7).id_instance, stone))

    assert state.tombstones == {recorded(7).id_instance: stone}
    assert state.instances == BASE.instances


def test_an_instance_is_forgotten_though_it_was_recorded_in_the_same_second() -> None:
    state = join(BASE, Forgotten(ID, replace(STONE, at=SINCE)))

    assert state.instances.keys() == {"key-2"}


def test_an_instance_that_was_adopted_after_it_was_forgotten_stays() -> None:
    adopted = Record("key-1", recorded(1)._replace(created_at="2026-11-22T12:00:00Z"))
    base = BASE.after([adopted])

    assert join(base, Forgotten(ID, STONE)) is base


def test_the_lines_that_were_joined_are_old_from_then_on() -> None:
    assert join(BASE, record(3), record(4), after=10).serial == 12


# --- their creates ---------------------------------------------------------------------------


def test_a_create_is_closed_where_the_journal_has_the_instance_that_it_made() -> None:
    base = BASE.after([intent(1)])

    assert join(base, intent(1), record(1)).pending == {}


def test_a_create_stays_open_where_the_instance_was_made_by_another() -> None:
    base = BASE.after([announced(1, LATER)])

    assert join(base, announced(1, SINCE), record(1)).pending == base.pending


# --- tokens ----------------------------------------------------------------------------------


def test_a_token_that_was_found_anew_is_not_replaced_by_the_one_of_the_create() -> None:
    base = BASE.after([TokenFound("key-1", token_of(77))])

    assert join(base, record(1)) is base
    assert join(base, record(1), after=9) is base


def test_a_token_whose_end_is_known_is_not_doubted_again() -> None:
    asked, over = Rotation("key-1", under_way=True), Rotation("key-1", under_way=False)

    assert join(BASE, asked, over, after=2) is BASE
    assert join(BASE, Rotation("key-9", under_way=True), after=2) is BASE


def test_a_token_stays_with_its_instance_whatever_key_that_has_by_now() -> None:
    renamed = BASE.after([Moved("key-1", "new")])
    bought_anew = BASE.after([GONE, ANOTHER])
    found = TokenFound("key-1", token_of(77), ID)

    assert join(renamed, found, after=9).instances["new"].token == token_of(77)
    assert join(bought_anew, found, after=9) is bought_anew


def test_so_does_the_doubt_whether_it_is_dead() -> None:
    renamed = BASE.after([Moved("key-1", "new")])
    bought_anew = BASE.after([GONE, ANOTHER])
    asked = Rotation("key-1", under_way=True, id_instance=ID)

    assert join(renamed, asked, after=9).instances["new"].rotating
    assert join(bought_anew, asked, after=9) is bought_anew


# --- what was seen of them -------------------------------------------------------------------

DOOMED: Final = DeleteAnnounced("key-1", ID, LATER)
UNKNOWN: Final = recorded(7).id_instance
OPEN: Final = SettingsUpdate({"a": 1}, SINCE, "authorized")
SETTING: Final = UpdateAnnounced("key-1", ID, OPEN)
SEEN: Final = SettingsConfirmed("key-1", ID, OPEN.parameters)

KNOWN: Final[dict[str, list[Event]]] = {
    "forgotten": [Forgotten(ID, STONE)],
    "listed as deleted": [GONE],
    "its deletion announced": [DOOMED],
    "reported": [OrphansReported(("key-1",))],
    "protected": [ProtectionChanged(("key-1",), protected=True)],
    "an update announced": [SETTING],
    "an update confirmed": [SETTING, SEEN],
}


@pytest.mark.parametrize("events", KNOWN.values(), ids=KNOWN)
def test_what_the_state_knows_already_is_not_said_again(events: list[Event]) -> None:
    base = BASE.after(events)

    assert join(base, *events) is base


@pytest.mark.parametrize("events", KNOWN.values(), ids=KNOWN)
def test_what_the_journal_alone_knows_is_added(events: list[Event]) -> None:
    state = join(BASE, *events)

    assert (state.instances, state.tombstones) == (
        BASE.after(events).instances,
        BASE.after(events).tombstones,
    )


NOBODYS: Final[dict[str, list[Event]]] = {
    "listed as deleted": [ListedDeleted("key-7", UNKNOWN)],
    "its deletion announced": [DeleteAnnounced("key-7", UNKNOWN, LATER)],
    "its deletion given up": [DOOMED, DeleteClosed("key-1", ID)],
    "its update announced": [UpdateAnnounced("key-7", UNKNOWN, OPEN)],
    "its update not done": [SETTING, UpdateClosed("key-1", ID, "refused")],
    "its settings confirmed": [SettingsConfirmed("key-7", UNKNOWN, {"a": 1})],
    "protected": [ProtectionChanged(("key-7",), protected=True)],
}


@pytest.mark.parametrize("events", NOBODYS.values(), ids=NOBODYS)
def test_what_is_said_of_an_instance_that_nobody_records_or_is_over_changes_nothing(
    events: list[Event],
) -> None:
    assert join(BASE, *events) is BASE


def test_a_deletion_that_was_announced_first_counts_from_then() -> None:
    base = BASE.after([DeleteAnnounced("key-1", ID, SINCE)])

    assert join(base, DOOMED) is base


def test_of_two_words_about_protection_the_one_counts_that_deletes_nothing() -> None:
    base = BASE.after([ProtectionChanged(("key-1",), protected=True)])

    assert join(base, ProtectionChanged(("key-1",), protected=False)) is base


def test_an_update_is_of_its_instance_and_not_of_the_next_one_with_its_key() -> None:
    base = State("0b6c1f2e").after([record(1), GONE, ANOTHER])

    assert join(base, record(1), SETTING, GONE) is base


def test_the_last_address_counts_and_not_one_on_the_way() -> None:
    base = BASE.after([Addressed("https://a")])

    assert join(base, Addressed("https://b"), Addressed("https://a"), after=3) is base
    assert join(base, Addressed("https://b"), after=2) is base
