"""What a listing settles beside a state."""

from dataclasses import replace

from reconciler.evidence.listings import deleted_since, forbids_creating, missing, objections
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
