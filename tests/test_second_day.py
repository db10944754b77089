"""What a plan deletes and buys anew: over every small world, and only where it was asked for."""

from dataclasses import replace
from itertools import product
from typing import Final

import pytest

from reconciler.model import Account, Instance, Recorded
from reconciler.plan import Action, Create, Delete, Gone, Keep, Missing, Orphan, diff
from reconciler.state.model import State
from tests.values import account, desired, listed, pending, recorded, state

# What can be true of one record: is it wanted, what does the state say, what does the account list.
WANTED: Final = ("wanted", "left over")
HELD: Final = ("plain", "protected", "deleted once", "create unresolved", "deletion announced")
LISTED: Final = ("unasked", "not", "live", "deleted", "of another plan", "of an unknown plan")
OTHERS: Final = ("whole", "lacks another", "old")
WORLDS: Final = list(product(WANTED, HELD, LISTED, OTHERS))


def row(number: int, name: str, seen: str) -> Instance:
    partner = {"of another plan": False, "of an unknown plan": None}.get(seen, True)
    return replace(listed(number, name, deleted=seen == "deleted"), is_partner=partner)


def world(held: str, seen: str, others: str) -> tuple[State, Account | None]:
    it = recorded(1, "it")._replace(
        protected=held == "protected",
        deleted=held == "deleted once",
        deletion="2026-11-22T10:06:00Z" if held == "deletion announced" else None,
    )
    instances: dict[str, Recorded] = {"it": it, "other": recorded(2, "other")}
    announced = {"it": pending("it")} if held == "create unresolved" else {}
    rows = [] if seen in ("not", "unasked") else [row(1, "it", seen)]
    rows += [] if others == "lacks another" else [row(2, "other", "live")]
    doubts = ("comes from a cache",) if others == "old" else ()
    asked = None if seen == "unasked" else replace(account(*rows), doubts=doubts)
    return state(instances, announced), asked


def pruned(held: str, seen: str, others: str) -> type[Action]:
    """The rules of deleting, read as a person reads them; only what is left over is asked for."""
    if held == "deleted once" and seen not in ("live", "of another plan", "of an unknown plan"):
        return Gone
    if seen == "deleted":
        return Gone
    if seen == "not" and others != "old":
        return Missing
    if held in ("protected", "create unresolved"):
        return Orphan
    if seen == "unasked":
        return Delete
    proof = others == "whole" and (seen == "live")
    return Delete if proof else Orphan


@pytest.mark.parametrize("held", HELD)
def test_only_what_nothing_speaks_for_is_deleted(held: str) -> None:
    for seen, others in product(LISTED, OTHERS):
        known, asked = world(held, seen, others)

        plan = diff([desired("other")], known, asked, prune=True)

        of_it = [type(action) for action in plan.actions if action.key == "it"]
        assert of_it[0] is pruned(held, seen, others), (seen, others)
        assert "other" not in {action.key for action in plan.of(Delete)}


@pytest.mark.parametrize(("wanted", "held", "seen", "others"), WORLDS)
def test_nothing_is_deleted_or_bought_anew_unasked(
    wanted: str, held: str, seen: str, others: str
) -> None:
    known, asked = world(held, seen, others)
    entries = [desired("other"), *([desired("it")] if wanted == "wanted" else [])]

    plan = diff(entries, known, asked)

    assert plan.of(Delete) == ()
    assert [each for each in plan.of(Create) if each.replaces] == []


@pytest.mark.parametrize(("wanted", "held", "seen", "others"), WORLDS)
def test_what_is_wanted_is_never_deleted(wanted: str, held: str, seen: str, others: str) -> None:
    known, asked = world(held, seen, others)
    entries = [desired("other"), *([desired("it")] if wanted == "wanted" else [])]

    plan = diff(entries, known, asked, prune=True, recreate=True)

    assert {each.key for each in plan.of(Delete)}.isdisjoint(entry.key for entry in entries)


@pytest.mark.parametrize("held", [each for each in HELD if each != "create unresolved"])
def test_only_what_is_shown_to_be_gone_is_bought_anew(held: str) -> None:
    for seen, others in product(LISTED, OTHERS):
        known, asked = world(held, seen, others)
        entries = [desired("it"), desired("other")]

        before = diff(entries, known, asked)
        anew = diff(entries, known, asked, recreate=True)

        gone = {action.key for action in before.of(Gone)}
        assert {each.key for each in anew.of(Create)} == gone
        assert anew.of(Gone) == ()
        assert len(anew.of(Keep)) == len(before.of(Keep))


def test_what_is_not_chosen_is_reported_as_before() -> None:
    known, asked = world("plain", "deleted", "whole")
    more = replace(known, instances={**known.instances, "left": recorded(3, "left")})
    seen = replace(asked, instances=(*asked.instances, row(3, "left", "live"))) if asked else None

    plan = diff([desired("it"), desired("other")], more, seen, recreate=True, prune=True)
    chosen = plan.selected(only=["other"])

    assert {action.key for action in chosen.of(Gone)} == {"it"}
    assert [action.kept for action in chosen.of(Orphan)] == ["it was not chosen"]
