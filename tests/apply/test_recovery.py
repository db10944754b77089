"""What counts as proof that a create made an instance."""

import pytest

from reconciler.apply.recovery import Absent, Ambiguous, Evidence, Found, age, judge
from reconciler.model import Account
from reconciler.state.model import State
from tests.values import account, listed, pending, recorded, state

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
        ("2026-11-20T00:00:00", Absent()),
        ("2026-11-20T00:00:00+03:00", Absent()),
        ("long ago", Ambiguous((listed(10, "a", at="long ago"),))),
    ],
)
def test_without_a_snapshot_a_namesake_is_no_proof(at: str, evidence: Evidence) -> None:
    held = state(pending={"a": pending("a", snapshot=None)})

    assert one(held, account(listed(10, "a", at=at))) == evidence


def test_an_age_is_negative_once_the_clock_stepped_back() -> None:
    from datetime import UTC, datetime

    assert age(pending("a"), datetime(2026, 11, 22, 10, 5, 0, tzinfo=UTC)) == -60
