"""The planner, over every small world there is."""

from dataclasses import replace
from itertools import product

import pytest

from reconciler.actions import NotCompared
from reconciler.differences import Difference
from reconciler.model import (
    Account,
    Desired,
    Instance,
    Lifecycle,
    Pending,
    Recorded,
    Tombstone,
)
from reconciler.plan import (
    Action,
    Changed,
    Conflict,
    Create,
    Delete,
    Gone,
    Keep,
    Lookalike,
    Missing,
    Orphan,
    Rename,
    Unresolved,
    Update,
    checksum,
    diff,
)
from reconciler.secrets import MASK, Secret, Unset
from reconciler.state.digest import digest
from reconciler.state.model import State
from tests.values import SINCE, account, desired, listed, pending, recorded, state

# What can be true of one name: is it wanted, what does the state hold, what does the account list.
WANTED = ("no", "same", "other")
HELD = ("nothing", "recorded", "recorded, deleted", "pending")
LISTED = ("unasked", "nothing", "its id", "its id, deleted", "a namesake", "a deleted namesake")
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
        known = recorded(id_instance, name)._replace(deleted="deleted" in held)
        instances |= {name: known} if held.startswith("recorded") else {}
        announced |= {name: pending(name)} if held == "pending" else {}
        its_own = listed(id_instance, name, deleted="deleted" in seen)
        rows += [its_own] if seen.startswith("its id") else []
        rows += [listed(200 + index, name)] if seen == "a namesake" else []
        rows += [listed(200 + index, name, deleted=True)] if seen == "a deleted namesake" else []
    asked = all(seen != "unasked" for _, _, seen in conditions)
    return entries, state(instances, announced), account(*rows) if asked else None


def expected(condition: tuple[str, str, str], *, asked: bool) -> type[Action]:
    """The table of the design, read as a person reads it."""
    wanted, held, seen = condition
    if held == "pending":
        return Unresolved
    if held == "recorded, deleted" and (not asked or seen != "its id"):
        return Gone
    if held == "recorded" and asked and seen == "its id, deleted":
        return Gone
    if held == "recorded" and asked and seen != "its id":
        return Missing
    if held.startswith("recorded"):
        return {"no": Orphan, "same": Keep, "other": Changed}[wanted]
    return Conflict if asked and seen in {"its id", "a namesake"} else Create


@pytest.mark.parametrize("first", CONDITIONS, ids=" / ".join)
def test_every_condition_of_three_names_gets_the_action_of_the_design(
    first: tuple[str, str, str],
) -> None:
    for second, third in product(CONDITIONS, CONDITIONS[::22]):
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


def test_what_an_old_listing_lacks_is_not_missing() -> None:
    old = replace(account(), doubts=("comes from a cache",))

    plan = diff([desired("a")], state({"a": recorded(1, "a")}), old)

    assert plan.of(Keep)
    assert plan.objections == ("comes from a cache", "lacks recorded instances (a)")


def test_the_name_of_a_record_is_taken_however_the_listing_lags() -> None:
    held = state({"b": recorded(1, "support")})

    plan = diff([desired("b", name="other"), desired("a", name="support")], held, account())

    assert plan.of(Conflict) == (Conflict(desired("a", name="support"), (), None, "b"),)


def test_a_key_renamed_with_its_name_kept_looks_like_its_record() -> None:
    held = state({"support": recorded(1, "support")})
    entry = desired("support-eu", name="support")

    for seen in (None, account(), account(listed(1, "support"))):
        (action,) = diff([entry], held, seen).of(Lookalike)
        assert (action.key, action.orphan) == ("support-eu", "support")
        assert diff([entry], held, seen, new=["support-eu"]).of(Create)


FORGOTTEN = replace(state(), tombstones={1: Tombstone("a", "a", SINCE)})
STILL_THERE = {
    "offline": None,
    "listed": account(listed(1, "a")),
    "listed under another name": account(listed(1, "x")),
    "not listed by an old listing": replace(account(), doubts=("is old",)),
}
GONE_SINCE = {"deleted": account(listed(1, "a", deleted=True)), "not listed": account()}


@pytest.mark.parametrize("seen", STILL_THERE.values(), ids=STILL_THERE)
def test_what_a_person_forgot_is_not_bought_again_while_it_may_exist(seen: Account | None) -> None:
    (action,) = diff([desired("a")], FORGOTTEN, seen).of(Conflict)

    assert action.recorded_as == "a"
    assert diff([desired("a")], FORGOTTEN, seen, new=["a"]).of(Create)


@pytest.mark.parametrize("seen", GONE_SINCE.values(), ids=GONE_SINCE)
def test_what_a_person_forgot_may_be_bought_again_once_it_is_gone(seen: Account) -> None:
    assert diff([desired("a")], FORGOTTEN, seen).of(Create)


def test_an_unrecorded_instance_of_the_very_name_is_a_conflict_even_for_what_is_new() -> None:
    held = state({"support": recorded(1, "support")})
    seen = account(listed(1, "support"), listed(2, "support"))
    entry = desired("support-eu", name="support")

    assert diff([entry], held, seen).of(Conflict)
    (action,) = diff([entry], held, seen, new=["support-eu"]).of(Conflict)
    assert action.candidates == (listed(2, "support"),)


def test_what_changed_is_named_with_both_values() -> None:
    entry = desired("a", delay=1000, incomingWebhook="yes")
    held = state({"a": recorded(1, "a", delay=500, stateWebhook="no", incomingWebhook="yes")})

    (action,) = diff([entry], held).of(Changed)

    assert action.differences == (
        Difference("delay", 500, 1000, secret=False),
        Difference("stateWebhook", "no", None, secret=False),
    )


def test_a_new_name_is_a_label_and_no_change() -> None:
    held = state({"a": recorded(1, "before")})

    assert diff([desired("a", name="after")], held).of(Keep)


# --- renamed entries -------------------------------------------------------------------------


def renamed(key: str, previously: str) -> Desired:
    return desired(key)._replace(lifecycle=Lifecycle(previously))


def test_a_record_moves_from_the_key_that_its_entry_had_before() -> None:
    held = state({"old": recorded(1, "old")})
    entry = renamed("new", "old")

    plan = diff([entry], held)

    assert plan.actions == (Rename(entry, "old", held.instances["old"]),)
    assert plan.serial == held.serial


@pytest.mark.parametrize(
    "held",
    [
        state({"old": recorded(1, "old"), "new": recorded(2, "new")}),
        state({"old": recorded(1, "old")}, {"new": pending("new")}),
    ],
)
def test_what_an_entry_says_it_was_is_not_deleted_when_both_are_there(held: State) -> None:
    asked = account(listed(1, "old"), listed(2, "new"))

    plan = diff([renamed("new", "old")], held, asked, prune=True)

    assert not plan.of(Delete)
    (left,) = plan.of(Orphan)
    assert left.kept == "new says `previously: old`, and is there itself"


def test_what_is_gone_is_created_anew_where_that_is_asked_for_and_nothing_has_its_name() -> None:
    held, gone = state({"a": recorded(1, "a")}), listed(1, "a", deleted=True)

    assert diff([desired("a")], held, account(gone)).of(Gone)
    (anew,) = diff([desired("a")], held, account(gone), recreate=True).actions
    (taken,) = diff([desired("a")], held, account(gone, listed(2, "a")), recreate=True).actions

    assert isinstance(anew, Create)
    assert anew.replaces is not None
    assert anew.replaces.id_instance == 1
    assert isinstance(taken, Conflict)


def test_an_old_listing_deletes_nothing() -> None:
    old = replace(account(listed(1, "a")), doubts=("is old",))

    (kept,) = diff([], state({"a": recorded(1, "a")}), old, prune=True).of(Orphan)

    assert kept.kept == "the listing is old"


@pytest.mark.parametrize(
    ("is_partner", "is_free", "expected"),
    [
        (True, False, Delete),
        (True, None, Delete),
        (True, True, Orphan),
        (False, False, Orphan),
        (False, True, Orphan),
        (None, None, Orphan),
    ],
)
def test_only_what_the_partner_pays_for_is_deleted(
    is_partner: bool | None, is_free: bool | None, expected: type[Action]
) -> None:
    row = replace(listed(1, "a"), is_partner=is_partner, is_free=is_free)

    (action,) = diff([], state({"a": recorded(1, "a")}), account(row), prune=True).actions

    assert type(action) is expected


def test_a_record_stays_with_an_entry_that_is_still_wanted() -> None:
    held = state({"old": recorded(1, "old")})

    plan = diff([desired("old"), renamed("new", "old")], held)

    assert [(type(action), action.key) for action in plan.actions] == [
        (Keep, "old"),
        (Create, "new"),
    ]


def test_an_entry_with_the_secrets_of_an_orphan_looks_like_it() -> None:
    held = state({"support-eu": recorded(1, "support-eu", hook=digest("line", "hook", "hush"))})

    assert diff([desired("support-uk", hook=Secret("hush"))], held).of(Lookalike)
    assert diff([desired("support-uk", hook=Secret("else"))], held).of(Create)


def test_what_moves_and_is_not_kept_is_told_twice() -> None:
    held = state({"old": recorded(1, "old")}, {"sent": pending("sent")})
    entries = [renamed("new", "old")._replace(parameters={"delay": 2}), renamed("later", "sent")]

    plan = diff(entries, held)

    assert [(action.key, type(action)) for action in plan.actions] == [
        ("new", Rename),
        ("new", Changed),
        ("later", Rename),
        ("later", Unresolved),
    ]


@pytest.mark.parametrize(
    "held",
    [
        state(),
        state({"old": recorded(1, "old"), "new": recorded(2, "new")}),
        state({"old": recorded(1, "old")}, {"new": pending("new")}),
    ],
    ids=["nothing to move", "both are recorded", "the new one is announced"],
)
def test_nothing_moves_where_there_is_nothing_or_no_room(held: State) -> None:
    assert diff([renamed("new", "old")], held).of(Rename) == ()


def test_globs_choose_what_moves() -> None:
    held = state({"old": recorded(1, "old")})

    assert diff([renamed("new", "old")], held).selected(exclude=["new"]).actions == ()


def test_the_checksum_binds_the_lifecycle() -> None:
    url, held = "https://one.example.com", state()

    assert checksum([desired("a")], held, url) != checksum([renamed("a", "b")], held, url)


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
    ],
)
def test_globs_choose_what_is_created(
    only: tuple[str, ...], exclude: tuple[str, ...], left: list[str]
) -> None:
    plan = diff([desired("eu-1"), desired("eu-2"), desired("uk-1")], state())

    chosen = plan.selected(only, exclude)

    assert [action.key for action in chosen.of(Create)] == left


def test_globs_choose_among_the_creates_of_a_saved_plan() -> None:
    plan = diff([desired("eu-1"), desired("eu-2"), desired("uk-1")], state())

    chosen = plan.selected(["eu-*"], ["eu-2"], among={Create: {"eu-1", "eu-2", "uk-1"}})
    none = plan.selected(among={})

    assert [action.key for action in chosen.of(Create)] == ["eu-1"]
    assert not none.of(Create)


def test_a_value_that_is_not_known_here_is_told_where_the_record_has_one() -> None:
    unset = Unset("HOOK is not set")
    entries = [desired("a", hook=unset, other=unset), desired("new", hook=unset)]

    plan = diff(entries, state({"a": recorded(1, "a", hook="x")}))

    assert plan.not_compared == (NotCompared("a", "hook", "HOOK is not set"),)


def test_a_value_that_is_a_secret_on_one_side_alone_is_compared_and_not_shown() -> None:
    held = state({"a": recorded(1, "a", hook=digest("line", "hook", "x"))})
    plain = state({"a": recorded(1, "a", hook="x")})

    (open_now,) = diff([desired("a", hook="y")], held).of(Changed)
    (secret_now,) = diff([desired("a", hook=Secret("y"))], plain).of(Changed)

    assert diff([desired("a", hook="x")], held).of(Keep)
    assert diff([desired("a", hook=Unset("HOOK is not set"))], held).of(Keep)
    masked = (Difference("hook", MASK, MASK, secret=True),)
    assert (open_now.differences, secret_now.differences) == (masked, masked)
    (added,) = diff([desired("a", hook=Secret("y"))], state({"a": recorded(1, "a", x=1)})).of(
        Changed
    )
    assert added.differences[0] == Difference("hook", None, MASK, secret=True)


def test_a_plan_tells_whether_the_account_was_asked() -> None:
    assert [diff([], state(), seen).refreshed for seen in (None, account())] == [False, True]


def test_a_saved_plan_chooses_each_key_for_what_it_said_of_it_and_nothing_else() -> None:
    held = state({key: recorded(number, key) for number, key in enumerate(["left", "b", "c"], 10)})
    entries = [desired("b", incomingWebhook="no"), desired("c", incomingWebhook="no"), desired("a")]
    rows = [
        replace(listed(n, key), is_partner=True) for n, key in enumerate(["left", "b", "c"], 10)
    ]
    plan = diff(entries, held, account(*rows, listed(1, "a")), update=True, prune=True)
    plan = replace(plan, actions=(*plan.actions, Delete("old", recorded(20, "old"))))

    chosen = plan.selected(among={Create: {"a", "c", "left"}, Update: {"b"}, Delete: {"old"}})

    assert [(type(action), action.key) for action in chosen.actions] == [
        (Update, "b"),
        (Conflict, "a"),  # it was to be created, and stops the run
        (Orphan, "left"),
        (Delete, "old"),
    ]
    assert not plan.selected(among={Delete: {"a"}}).of(Conflict)


def test_the_checksum_binds_manifest_url_lineage_and_serial() -> None:
    entry, held = desired("a"), state()
    worlds = [
        ([entry], held, "https://one.example.com"),
        ([desired("b")], held, "https://one.example.com"),
        ([desired("a", incomingWebhook="no")], held, "https://one.example.com"),
        ([desired("a", name="other")], held, "https://one.example.com"),
        ([entry], replace(held, serial=2), "https://one.example.com"),
        ([entry], replace(held, lineage="another"), "https://one.example.com"),
        ([], held, "https://one.example.com"),
        ([entry], held, "https://two.example.com"),
    ]

    sums = [checksum(*world) for world in worlds]

    assert len(set(sums)) == len(sums)
    assert checksum(*worlds[0]) == sums[0]
