"""The planner, over every small world there is."""

from dataclasses import replace
from itertools import product

import pytest

from reconciler.model import Account, Desired, Instance, Pending, Recorded
from reconciler.plan import (
    Action,
    Changed,
    Conflict,
    Create,
    Difference,
    Gone,
    Keep,
    Orphan,
    Unresolved,
    checksum,
    diff,
)
from reconciler.secrets import Secret
from reconciler.state.digest import digest
from reconciler.state.model import State
from tests.values import account, desired, listed, pending, recorded, state

# What can be true of one name: is it wanted, what does the state hold, what does the account list.
WANTED = ("no", "same", "other")
HELD = ("nothing", "recorded", "pending")
LISTED = ("unasked", "nothing", "its id", "a namesake", "a deleted namesake")
CONDITIONS = [
    (wanted, held, seen)
    for wanted, held, seen in product(WANTED, HELD, LISTED)
    if wanted != "no" or held != "nothing"
]


def world(*conditions: tuple[str, str, str]) -> tuple[list[Desired], State, Account | None]:
    entries, rows = list[Desired](), list[Instance]()
    instances, announced = dict[str, Recorded](), dict[str, Pending]()
    for index, (wanted, held, seen) in enumerate(conditions):
        name, id_instance = f"n{index}", 100 + index
        parameters = {"delay": 2} if wanted == "other" else {"incomingWebhook": "yes"}
        entries += [desired(name, **parameters)] if wanted != "no" else []
        instances |= {name: recorded(id_instance, name)} if held == "recorded" else {}
        announced |= {name: pending(name)} if held == "pending" else {}
        rows += [listed(id_instance, name)] if seen == "its id" else []
        rows += [listed(200 + index, name)] if seen == "a namesake" else []
        rows += [listed(200 + index, name, deleted=True)] if "deleted" in seen else []
    asked = all(seen != "unasked" for _, _, seen in conditions)
    return entries, state(instances, announced), account(*rows) if asked else None


def expected(condition: tuple[str, str, str], *, asked: bool) -> type[Action]:
    """The table of the design, read as a person reads it."""
    wanted, held, seen = condition
    if held == "pending":
        return Unresolved
    if held == "recorded" and asked and seen != "its id":
        return Gone
    if held == "recorded":
        return {"no": Orphan, "same": Keep, "other": Changed}[wanted]
    return Conflict if asked and seen in {"its id", "a namesake"} else Create


@pytest.mark.parametrize("first", CONDITIONS, ids=" / ".join)
def test_every_condition_of_three_names_gets_the_action_of_the_design(
    first: tuple[str, str, str],
) -> None:
    for second, third in product(CONDITIONS, CONDITIONS[::7]):
        conditions = (first, second, third)
        entries, held, seen = world(*conditions)

        plan = diff(entries, held, seen)

        kinds = {action.key: type(action) for action in plan.actions}
        asked = seen is not None
        assert kinds == {
            f"n{index}": expected(condition, asked=asked)
            for index, condition in enumerate(conditions)
        }
        wanted = [entry.key for entry in entries]
        assert [action.key for action in plan.actions][: len(wanted)] == wanted


def test_a_plan_changes_none_of_its_inputs() -> None:
    entries, held, seen = world(("same", "nothing", "its id"), ("no", "recorded", "nothing"))
    before = (list(entries), replace(held), seen)

    diff(entries, held, seen)

    assert (entries, held, seen) == before


def test_an_entry_waits_for_an_unresolved_create_of_the_same_name() -> None:
    held = state(pending={"old": pending("support")})

    plan = diff([desired("new", name="support")], held)

    assert plan.of(Conflict) == (Conflict(desired("new", name="support"), (), "old"),)


def test_what_changed_is_named_with_both_values() -> None:
    entry = desired("a", delay=1000, incomingWebhook="yes")
    held = state({"a": recorded(1, "a", delay=500, stateWebhook="no", incomingWebhook="yes")})

    (action,) = diff([entry], held).of(Changed)

    assert action.differences == (
        Difference("delay", 500, 1000, secret=False),
        Difference("stateWebhook", "no", None, secret=False),
    )


def test_a_new_name_is_a_change() -> None:
    held = state({"a": recorded(1, "before")})

    (action,) = diff([desired("a", name="after")], held).of(Changed)

    assert action.differences == (Difference("name", "before", "after", secret=False),)


def test_a_secret_is_compared_by_its_digest_and_never_shown() -> None:
    same = desired("a", hook=Secret("s3cret"))
    other = desired("a", hook=Secret("another"))
    held = state({"a": recorded(1, "a", hook=digest("line", "hook", "s3cret"))})

    assert diff([same], held).of(Keep)
    (action,) = diff([other], held).of(Changed)
    assert action.differences == (Difference("hook", "***", "***", secret=True),)


def test_a_secret_that_is_in_the_state_in_clear_is_compared_as_it_is() -> None:
    entry = desired("a", hook=Secret("same"))

    plan = diff([entry], state({"a": recorded(1, "a", hook="same")}))

    assert plan.of(Keep)


@pytest.mark.parametrize(
    ("only", "exclude", "left"),
    [
        ((), (), ["eu-1", "eu-2", "uk-1"]),
        (("eu-*",), (), ["eu-1", "eu-2"]),
        ((), ("*-1",), ["eu-2"]),
        (("eu-*", "uk-*"), ("eu-2",), ["eu-1", "uk-1"]),
        (("",), (), []),
    ],
)
def test_globs_choose_what_is_created(
    only: tuple[str, ...], exclude: tuple[str, ...], left: list[str]
) -> None:
    plan = diff([desired("eu-1"), desired("eu-2"), desired("uk-1")], state())

    chosen = plan.selected(only, exclude)

    assert [action.key for action in chosen.of(Create)] == left


def test_the_checksum_binds_manifest_lineage_and_serial() -> None:
    entry, held = desired("a"), state()
    worlds = [
        ([entry], held),
        ([desired("b")], held),
        ([desired("a", incomingWebhook="no")], held),
        ([desired("a", name="other")], held),
        ([entry], replace(held, serial=2)),
        ([entry], replace(held, lineage="another")),
        ([], held),
    ]

    sums = [checksum(entries, found) for entries, found in worlds]

    assert len(set(sums)) == len(sums)
    assert checksum([entry], held) == sums[0]
