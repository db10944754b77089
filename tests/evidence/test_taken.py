"""A name that something has, or may have got from a server, is not bought again."""

from dataclasses import replace

import pytest

from reconciler.evidence.taken import Names, Relabelled, Taken, Twin, oddities
from reconciler.model import Account, Tombstone
from reconciler.state.model import State
from tests.values import SINCE, account, desired, listed, pending, recorded, state

ENTRY = desired("new", name="support eu")
SAME, ALIKE = listed(1, "support eu"), listed(1, "SUPPORT EU")
EMPTY = state()
HELD = state({"old": recorded(1, "support eu")})


def taken(
    of: State, seen: Account | None, *, new: bool = False, also: tuple[str, ...] = ()
) -> Taken | None:
    wanted = {each.key: each for each in (ENTRY, *map(desired, also))}
    return Names(of, seen, wanted).taken(ENTRY, new=new)


@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize("seen", [None, account(), account(listed(1, "another"))])
def test_what_nobody_has_is_free(seen: Account | None, new: bool) -> None:
    assert taken(EMPTY, seen, new=new) is None


@pytest.mark.parametrize("new", [False, True])
def test_an_instance_that_nobody_records_has_its_name_whatever_a_person_says(new: bool) -> None:
    assert taken(EMPTY, account(SAME), new=new) == Taken((SAME,))


def test_a_record_has_its_name_unless_a_person_says_that_the_entry_is_new() -> None:
    assert taken(HELD, account(SAME)) == Taken((SAME,), None, "old")
    assert taken(HELD, account(SAME), new=True) is None
    assert taken(HELD, account(ALIKE)) == Taken((), None, "old")
    another = listed(2, "Support EU")
    assert taken(HELD, account(SAME, another)) == Taken((SAME,), None, "old")
    assert taken(HELD, account(another)) == Taken((), None, "old")


def test_a_name_that_a_server_may_have_made_of_ours_is_taken_while_nobody_explains_it() -> None:
    seen = account(ALIKE)

    assert taken(EMPTY, seen) == Taken((ALIKE,))
    assert taken(EMPTY, seen, new=True) is None
    assert taken(EMPTY, seen, also=("SUPPORT EU",)) is None
    assert taken(state({"x": recorded(1, "x")}), seen) is None
    assert taken(state({"x": recorded(7, "SUPPORT EU")}), seen) is None
    assert taken(state({}, {"x": pending("SUPPORT EU")}), seen, also=("x",)) is None
    long = listed(1, "a name that is long")
    assert Names(EMPTY, account(long), {}).taken(
        desired("a", name="a name that is longer"), new=False
    ) == Taken((long,))


def test_an_announced_create_has_its_name_and_one_that_nobody_wants_has_all_that_are_alike() -> (
    None
):
    same = state({}, {"x": pending("support eu")})
    alike = state({}, {"x": pending("SUPPORT EU")})

    assert taken(same, None) == taken(same, None, new=True) == Taken((), "x")
    assert taken(alike, None) == Taken((), "x")
    assert taken(alike, None, new=True) is None
    assert taken(alike, None, also=("x",)) is None


STONE = Tombstone("old", "support eu", SINCE)


@pytest.mark.parametrize(
    ("stone", "seen", "expected"),
    [
        pytest.param(STONE, None, "old", id="nobody asked"),
        pytest.param(STONE, account(listed(1, "x")), "old", id="it is listed"),
        pytest.param(STONE, account(), None, id="it is not listed"),
        pytest.param(STONE, account(listed(1, "x", deleted=True)), None, id="listed as deleted"),
        pytest.param(STONE, replace(account(), doubts=("is old",)), "old", id="no proof"),
        pytest.param(
            STONE,
            replace(account(listed(1, "x", deleted=True)), doubts=("is old",)),
            None,
            id="listed as deleted long ago",
        ),
        pytest.param(replace(STONE, deleted=True), None, None, id="it was deleted"),
    ],
)
def test_what_a_person_forgot_has_its_name_until_it_is_shown_to_be_gone(
    stone: Tombstone, seen: Account | None, expected: str | None
) -> None:
    found = taken(replace(EMPTY, tombstones={1: stone}), seen)

    assert (found.recorded_as if found else None) == expected


def test_a_deleted_record_has_no_name() -> None:
    assert taken(state({"old": recorded(1, "support eu")._replace(deleted=True)}), None) is None


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Taken((SAME,), None, "old"), True),
        (Taken((SAME,)), True),
        (Taken((), None, "old"), True),
        (Taken((SAME,), "x", "old"), False),
        (Taken((SAME,), None, "x"), False),
        (Taken((SAME, listed(2, "support eu")), None, "old"), False),
    ],
)
def test_what_a_record_alone_has_is_told_from_the_rest(found: Taken, expected: bool) -> None:
    assert found.only_by("old", HELD.instances["old"]) is expected


def test_what_is_listed_and_does_not_fit_the_records_is_told() -> None:
    held = replace(
        state({"a": recorded(1, "a"), "b": recorded(2, "b")}, {"c": pending("B ")}),
        tombstones={4: STONE},
    )
    moved, twin = listed(2, "x"), listed(3, "A")
    rows = (listed(1, "a"), moved, twin, listed(4, "a"), listed(5, "B "), listed(6, "y"))

    assert oddities(held, account(*rows)) == (Relabelled("b", "b", moved), Twin("a", 1, twin))
