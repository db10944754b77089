"""What stops a run before anything is sent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.apply.guards import (
    NameConflict,
    RenamedEntry,
    check_account,
    check_address,
    check_cap,
    check_deletes,
    check_names,
    check_proof,
    check_updates,
)
from reconciler.errors import GuardError
from reconciler.model import SettingsUpdate
from reconciler.plan import Action, Conflict, Create, Delete, Lookalike, Plan, Update
from reconciler.results import PlanRefused
from reconciler.state.model import State
from tests.values import account, desired, listed, pending, recorded, state

LATER = datetime(2026, 11, 22, 11, 6, tzinfo=UTC)  # an hour after everything was recorded


def plan(*actions: Action) -> Plan:
    return Plan(actions, "line", 1, refreshed=True)


def test_the_cap_counts_creates_only() -> None:
    planned = plan(Create(desired("a")), Create(desired("b")), Conflict(desired("c"), ()))

    check_cap(planned, 2)
    with pytest.raises(GuardError, match=r"2 instances would be created .* cap of 1") as stopped:
        check_cap(planned, 1)
    assert stopped.value.hint == "if that is what you want, allow it: --max-creates 2"


def deleting(count: int) -> Plan:
    return plan(*(Delete(f"{n}", recorded(n, f"{n}")) for n in range(count)))


def test_no_more_is_deleted_than_the_cap_says() -> None:
    check_deletes(deleting(2), None, 2)
    with pytest.raises(GuardError, match=r"2 instances would be deleted .* cap of 1") as stopped:
        check_deletes(deleting(2), None, 1)
    assert stopped.value.hint == "if that is what you want, allow it: --max-deletes 2"


@pytest.mark.parametrize(("managed", "most"), [(1, 1), (5, 1), (6, 2), (10, 2), (11, 3)])
def test_no_more_is_deleted_than_a_fifth_of_what_the_partner_has(managed: int, most: int) -> None:
    of_another_plan = [replace(listed(100 + n, "x"), is_partner=False) for n in range(20)]
    gone = [listed(200 + n, "y", deleted=True) for n in range(20)]
    seen = account(*(listed(n, f"{n}") for n in range(managed)), *of_another_plan, *gone)

    check_deletes(deleting(most), seen, 99)
    with pytest.raises(GuardError, match=rf"of {managed} in the account: a fifth, {most},"):
        check_deletes(deleting(most + 1), seen, 99)


def test_a_plan_that_deletes_nothing_needs_no_guard() -> None:
    check_deletes(plan(Create(desired("a"))), account(), 0)


def test_no_more_is_updated_than_the_cap_says() -> None:
    held = recorded(1, "a")
    fresh = Update(desired("a"), held, ())
    update = SettingsUpdate({}, "2026-11-22T10:06:00Z", "authorized")
    announced = Update(desired("b"), held._replace(update=update), ())  # may be set anew

    check_updates(plan(fresh, announced), 2)
    with pytest.raises(PlanRefused, match=r"2 instances would be updated.* cap of 1") as stopped:
        check_updates(plan(fresh, announced), 1)
    assert stopped.value.hint == "if that is what you want, allow it: --max-updates 2"
    assert stopped.value.actions == (fresh, announced)


@pytest.mark.parametrize(
    ("conflicts", "said"), [(1, "1 name is taken"), (2, "2 names are taken")], ids=["one", "two"]
)
def test_taken_names_are_told(conflicts: int, said: str) -> None:
    taken = [Conflict(desired(f"{n}"), (listed(n + 1, f"{n}"),)) for n in range(conflicts)]

    with pytest.raises(NameConflict, match=said) as stopped:
        check_names(plan(*taken))
    assert stopped.value.conflicts == tuple(taken)


def test_free_names_are_no_conflict() -> None:
    check_names(plan(Create(desired("a"))))


KNOWN = {"a": recorded(10, "a"), "b": recorded(11, "b")}
OURS: dict[str, tuple[State, tuple[int, ...]]] = {
    "a new state, an empty account": (state(), ()),
    "a new state, somebody's account": (state(), (7,)),
    "one of the recorded ids is enough": (state(KNOWN), (7, 11)),
    "an id of a snapshot is enough": (
        state(KNOWN, {"c": pending("c")}, {"run-1": frozenset({7})}),
        (7,),
    ),
}


@pytest.mark.parametrize(("held", "ids"), OURS.values(), ids=OURS)
def test_the_account_of_the_state(held: State, ids: tuple[int, ...]) -> None:
    check_account(held, account(*(listed(number, "x") for number in ids)), LATER)


def test_a_deleted_row_shows_whose_account_it_is_too() -> None:
    check_account(state(KNOWN), account(listed(10, "a", deleted=True)), LATER)


OTHERS: dict[str, tuple[State, tuple[int, ...]]] = {
    "none of the recorded ids": (state(KNOWN), (7, 8)),
    "an empty account": (state(KNOWN), ()),
    "none of the snapshot's ids": (
        state({}, {"c": pending("c")}, {"run-1": frozenset({7})}),
        (8,),
    ),
}


@pytest.mark.parametrize(("held", "ids"), OTHERS.values(), ids=OTHERS)
def test_the_account_of_somebody_else(held: State, ids: tuple[int, ...]) -> None:
    with pytest.raises(GuardError, match="looks like another partner's"):
        check_account(held, account(*(listed(number, "x") for number in ids)), LATER)


def test_a_listing_may_lag_behind_records_of_the_last_hour() -> None:
    check_account(state(KNOWN), account(listed(7, "x")), LATER - timedelta(seconds=1))


def test_what_earlier_listings_had_must_be_listed_however_young_the_records_are() -> None:
    held = state(KNOWN, {"c": pending("c")}, {"run-1": frozenset({7})})

    with pytest.raises(GuardError, match="looks like another partner's"):
        check_account(held, account(), LATER - timedelta(seconds=1))


def test_instances_that_were_deleted_are_not_expected_for_ever() -> None:
    deleted = {"a": recorded(10, "a")._replace(deleted=True)}

    check_account(state(deleted), account(listed(7, "x")), LATER)


def test_another_url_is_accepted_where_one_recorded_instance_is_listed() -> None:
    check_proof(state(KNOWN), account(listed(11, "b")))
    check_proof(state(), account(listed(7, "x")))
    with pytest.raises(GuardError, match="looks like another partner's"):
        check_proof(state(KNOWN), account(listed(7, "x")))


def test_a_create_that_looks_renamed_is_told_with_every_answer() -> None:
    like = Lookalike(desired("shop"), "Shop", recorded(10, "Shop"), "has the same key but for case")

    other = Lookalike(desired("office"), "Office", recorded(11, "Office"), "has the very name")

    with pytest.raises(RenamedEntry, match=r"shop would be bought, but Shop \(10\)") as alone:
        check_names(plan(like))
    with pytest.raises(RenamedEntry, match=r"shop would be bought, but Shop \(10\)") as stopped:
        check_names(plan(like, other))
    assert "more entries" not in alone.value.message
    assert "(and 1 more entries like that)" in stopped.value.message
    assert stopped.value.hint is not None
    for answer in ("previously: Shop", "state mv Shop shop", "--new shop"):
        assert answer in stopped.value.hint
    assert stopped.value.lookalikes == (like, other)


def test_the_address_must_be_the_same() -> None:
    held = State("line", api_url="https://one.example.com")

    check_address(State("line"), "https://two.example.com")
    check_address(held, "https://ONE.example.com:443/")
    with pytest.raises(GuardError, match=r"belongs to https://one\.example\.com") as stopped:
        check_address(held, "https://two.example.com")
    assert "--accept-url" in f"{stopped.value.hint}"


def test_a_sandboxs_instances_are_named_as_what_they_are() -> None:
    held = State("line", api_url="http://127.0.0.1:8080")

    with pytest.raises(GuardError) as stopped:
        check_address(held, "https://api.green-api.com")
    assert "its instances are a sandbox's" in f"{stopped.value.hint}"
