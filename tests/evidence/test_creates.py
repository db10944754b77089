"""What counts as proof that a create made an instance."""

from dataclasses import replace

import pytest

from reconciler.evidence.creates import (
    Absent,
    Ambiguous,
    Evidence,
    Found,
    Unproven,
    judge,
    known_ids,
)
from reconciler.model import Account, Tombstone
from reconciler.state.model import State
from tests.values import SINCE, account, listed, pending, recorded, state

BEFORE = frozenset({7})


def one(held: State, seen: Account) -> Evidence:
    return judge(held, seen)["a"]


def announced(**more: object) -> State:
    return state(pending={"a": pending("a")}, snapshots={"run-1": BEFORE}, **more)  # type: ignore[arg-type]


OURS = listed(10, "a")
TABLE: dict[str, tuple[Account, Evidence]] = {
    "one newcomer of the name": (account(OURS), Found(OURS)),
    "an empty account": (account(), Absent()),
    "a namesake that was there before": (account(listed(7, "a")), Absent()),
    "a namesake from before, and a newcomer": (account(listed(7, "a"), OURS), Found(OURS)),
    "two newcomers of the name": (
        account(OURS, listed(11, "a")),
        Ambiguous((OURS, listed(11, "a"))),
    ),
    "a newcomer of another name": (account(listed(12, "b")), Ambiguous((listed(12, "b"),))),
    "two of the name, and a stranger": (
        account(listed(12, "b"), OURS, listed(11, "a")),
        Ambiguous((OURS, listed(11, "a"), listed(12, "b"))),
    ),
    "ours beside a stranger": (account(OURS, listed(12, "b")), Found(OURS)),
    "deleted namesakes": (account(*(listed(n, "a", deleted=True) for n in range(50))), Absent()),
    "the name in another case": (account(listed(10, "A")), Ambiguous((listed(10, "A"),))),
    "the name cut off": (account(listed(10, "")), Ambiguous((listed(10, ""),))),
}


@pytest.mark.parametrize(("seen", "evidence"), TABLE.values(), ids=TABLE)
def test_evidence_after_a_snapshot(seen: Account, evidence: Evidence) -> None:
    assert one(announced(), seen) == evidence


def test_an_instance_that_is_recorded_for_another_entry_is_no_candidate() -> None:
    held = announced(instances={"b": recorded(10, "a")})

    assert one(held, account(OURS)) == Absent()


SILENT: dict[str, tuple[State, Account, str]] = {
    "an old listing": (
        announced(),
        replace(account(listed(7, "x")), doubts=("comes from a cache",)),
        "comes from a cache",
    ),
    "a recorded instance is not listed": (
        announced(instances={"b": recorded(20, "b"), "c": recorded(21, "c")}),
        account(listed(20, "b")),
        "lacks recorded instances (c)",
    ),
    "none of the recorded instances is listed, but one of the name is": (
        announced(instances={"b": recorded(20, "b")}),
        account(OURS),
        "lists none of the recorded instances",
    ),
}


@pytest.mark.parametrize(("held", "seen", "why"), SILENT.values(), ids=SILENT)
def test_a_listing_that_contradicts_the_state_settles_nothing(
    held: State, seen: Account, why: str
) -> None:
    assert one(held, seen) == Unproven(why)


def test_what_a_doubtful_listing_has_counts() -> None:
    assert one(announced(), replace(account(OURS), doubts=("is old",))) == Found(OURS)


def test_what_was_deleted_need_not_be_listed() -> None:
    held = announced(
        instances={"b": recorded(20, "b")._replace(deleted=True), "c": recorded(21, "c")}
    )

    assert one(held, account(listed(21, "c"))) == Absent()


def test_a_listing_is_believed_where_all_that_is_recorded_was_deleted_long_ago() -> None:
    held = announced(instances={"b": recorded(20, "b")._replace(deleted=True)})

    assert one(held, account(OURS)) == Found(OURS)
    assert one(held, account()) == Absent()


def test_a_newcomer_beside_one_whose_name_is_alike_is_no_proof() -> None:
    twin = listed(11, " A ")

    assert one(announced(), account(OURS, twin)) == Ambiguous((OURS, twin))


def test_an_id_that_was_known_before_proves_no_create() -> None:
    held = announced(instances={"b": recorded(20, "b")})
    held = replace(held, tombstones={40: Tombstone("c", "c", SINCE)})

    assert known_ids(held, account(listed(30, "x", deleted=True))) == {20, 7, 30, 40}
    assert known_ids(held, None) == {20, 7, 40}


def test_a_second_instance_for_an_entry_is_for_a_person() -> None:
    held = announced(instances={"a": recorded(9, "a")})
    again = announced(instances={"a": recorded(9, "a")._replace(deleted=True)})
    seen = account(listed(9, "a"), OURS)

    assert one(held, seen) == Ambiguous((OURS,))
    assert one(again, seen) == Found(OURS)


def test_what_a_person_forgot_is_no_candidate() -> None:
    held = replace(announced(), tombstones={10: Tombstone("c", "a", SINCE)})

    assert one(held, account(OURS)) == Absent()


def test_one_instance_is_not_given_to_two_creates_of_its_name() -> None:
    held = state(
        pending={"a": pending("a"), "b": pending("a")}, snapshots={"run-1": frozenset[int]()}
    )

    assert judge(held, account(OURS)) == {"a": Ambiguous((OURS,)), "b": Ambiguous((OURS,))}


def test_newcomers_of_other_creates_names_are_no_strangers() -> None:
    held = state(
        pending={"a": pending("a"), "b": pending("b")}, snapshots={"run-1": frozenset[int]()}
    )

    assert judge(held, account(listed(11, "b"))) == {"a": Absent(), "b": Found(listed(11, "b"))}


def test_each_create_is_judged_by_the_snapshot_of_its_own_run() -> None:
    held = state(
        pending={"a": pending("a"), "b": pending("b", snapshot="run-2")},
        snapshots={"run-1": frozenset[int](), "run-2": frozenset({20})},
    )

    evidence = judge(held, account(listed(20, "cut")))

    assert evidence == {"a": Ambiguous((listed(20, "cut"),)), "b": Absent()}


@pytest.mark.parametrize(
    ("at", "evidence"),
    [
        ("2026-11-22T10:06:01", Ambiguous((listed(10, "a", at="2026-11-22T10:06:01"),))),
        ("2026-11-22T00:00:00", Ambiguous((listed(10, "a", at="2026-11-22T00:00:00"),))),
        ("2026-11-21T08:06:00", Ambiguous((listed(10, "a", at="2026-11-21T08:06:00"),))),
        ("2026-11-21T08:05:59", Absent()),
        ("2026-11-20T00:00:00", Absent()),
        ("2026-11-20T00:00:00+03:00", Absent()),
        ("long ago", Ambiguous((listed(10, "a", at="long ago"),))),
    ],
)
def test_without_a_snapshot_a_namesake_is_no_proof(at: str, evidence: Evidence) -> None:
    held = state(pending={"a": pending("a", snapshot=None)})

    assert one(held, account(listed(10, "a", at=at))) == evidence
