"""What a listing settles beside a state."""

from dataclasses import replace

import pytest

from reconciler.evidence.listings import (
    deleted_since,
    deletions,
    forbids_creating,
    missing,
    objections,
    vanished,
)
from reconciler.model import Account, Tombstone
from reconciler.state.model import State
from tests.values import account, listed, recorded, state

KNOWN = {key: recorded(number, key) for number, key in enumerate("abcd", 1)}
OLD = replace(account(), doubts=("comes from a cache", "is old"))


def test_what_is_recorded_and_not_listed_is_named_up_to_three() -> None:
    assert objections(state(KNOWN), account(listed(1, "a"))) == (
        "lacks recorded instances (b, c, d)",
    )
    assert objections(state(KNOWN), account()) == ("lacks recorded instances (a, b, c, …)",)


def test_a_listing_of_all_that_is_recorded_is_objected_to_only_by_its_own_doubts() -> None:
    whole = account(*(listed(number, key) for number, key in enumerate("abcd", 1)))

    assert missing(state(KNOWN), whole) == ()
    assert objections(state(KNOWN), whole) == ()
    assert objections(state(), OLD) == ("comes from a cache", "is old")


def test_only_an_empty_state_can_not_do_with_an_old_listing() -> None:
    said = "the listing comes from a cache, and the state records nothing to compare it with"

    assert forbids_creating(state(), OLD) == said
    assert forbids_creating(state(KNOWN), OLD) is None
    assert forbids_creating(state(), account()) is None


def test_a_deletion_is_news_once() -> None:
    seen = account(listed(1, "a", deleted=True), listed(2, "b"), listed(9, "x", deleted=True))
    known = {**KNOWN, "a": KNOWN["a"]._replace(deleted=True)}

    assert deleted_since(state(KNOWN), seen) == (("a", 1),)
    assert deleted_since(state(known), seen) == ()


STONES = {8: Tombstone("x", "x", "2026-11-22T10:06:00Z", deleted=True), 9: Tombstone("y", "y", "")}
BURIED = replace(state({"a": KNOWN["a"]}), tombstones=STONES)
LATER, SOON = "2026-11-22T11:06:01Z", "2026-11-22T11:05:59Z"
SHOWN: dict[str, tuple[Account, str, tuple[int, ...]]] = {
    "neither is listed": (account(listed(1, "a")), LATER, (8, 9)),
    "a listing may lag for an hour": (account(listed(1, "a")), SOON, (9,)),
    "one is listed": (account(listed(1, "a"), listed(9, "y")), LATER, (8,)),
    "one is listed as deleted": (
        account(listed(1, "a"), listed(8, "x", deleted=True)),
        LATER,
        (9,),
    ),
    "the listing lacks a record": (account(listed(8, "x", deleted=True)), LATER, ()),
    "it is another account's": (account(listed(7, "z")), LATER, ()),
    "it is old": (replace(account(listed(1, "a")), doubts=("is old",)), LATER, ()),
}


@pytest.mark.parametrize(("seen", "now", "gone"), SHOWN.values(), ids=SHOWN)
def test_a_tombstone_goes_once_its_row_is_shown_to_be_gone(
    seen: Account, now: str, gone: tuple[int, ...]
) -> None:
    assert vanished(BURIED, seen, now) == gone


DOOMED = recorded(10, "a")._replace(deletion="2026-11-22T10:00:00Z")
B = listed(11, "b")
ENDS: dict[str, tuple[State, Account, bool]] = {
    "listed": (state({"a": DOOMED}), account(listed(10, "a")), False),
    "listed as deleted": (state({"a": DOOMED}), account(listed(10, "a", deleted=True)), True),
    "listed as deleted by an old listing": (
        state({"a": DOOMED}),
        Account((listed(10, "a", deleted=True),), doubts=("is 300 s old",)),
        True,
    ),
    "not listed": (state({"a": DOOMED, "b": recorded(11, "b")}), account(B), True),
    "not listed by an old listing": (
        state({"a": DOOMED, "b": recorded(11, "b")}),
        Account((B,), doubts=("is 300 s old",)),
        False,
    ),
    "not listed where others lack, too": (
        state({"a": DOOMED, "b": recorded(11, "b"), "c": recorded(12, "c")}),
        account(B),
        False,
    ),
    "not listed by what may be another account": (state({"a": DOOMED}), account(B), False),
}


@pytest.mark.parametrize(("held", "seen", "gone"), ENDS.values(), ids=ENDS)
def test_a_deletion_is_proven_by_the_row_or_by_a_whole_listing(
    held: State, seen: Account, gone: bool
) -> None:
    assert deletions(held, seen) == {"a": gone}
