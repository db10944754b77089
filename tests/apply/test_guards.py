"""What stops a run before anything is sent."""

import pytest

from reconciler.apply.guards import (
    NameConflict,
    check_account,
    check_address,
    check_cap,
    check_names,
)
from reconciler.errors import GuardError
from reconciler.plan import Conflict, Create, Plan
from reconciler.state.model import State
from tests.values import account, desired, listed, pending, recorded, state


def plan(*actions: Create | Conflict) -> Plan:
    return Plan(actions, "line", 1, refreshed=True)


def test_the_cap_counts_creates_only() -> None:
    planned = plan(Create(desired("a")), Create(desired("b")), Conflict(desired("c"), ()))

    check_cap(planned, 2)
    with pytest.raises(GuardError, match=r"2 instances would be created .* cap of 1") as stopped:
        check_cap(planned, 1)
    assert stopped.value.hint == "if that is what you want, allow it: --max-creates 2"


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
    check_account(held, account(*(listed(number, "x") for number in ids)))


def test_a_deleted_row_shows_whose_account_it_is_too() -> None:
    check_account(state(KNOWN), account(listed(10, "a", deleted=True)))


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
        check_account(held, account(*(listed(number, "x") for number in ids)))


def test_without_a_look_the_address_must_be_the_same() -> None:
    held = State("line", api_url="https://one.example.com")

    check_address(State("line"), "https://two.example.com")
    check_address(held, "https://one.example.com")
    with pytest.raises(GuardError, match=r"belongs to https://one\.example\.com"):
        check_address(held, "https://two.example.com")
