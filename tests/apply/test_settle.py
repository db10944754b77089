"""Asking for the fate of creates without an answer, and what is concluded from it."""

from dataclasses import replace

import pytest

from reconciler.apply.ports import Options
from reconciler.apply.server_clock import ServerClock
from reconciler.apply.settle import Settler, completed
from reconciler.errors import AccountUnreadable, TokenRefused
from reconciler.model import (
    Account,
    Created,
    Instance,
    Moment,
    Origin,
    Recovered,
    Rejected,
    Tombstone,
    Unknown,
    Word,
)
from reconciler.results import Result
from reconciler.state.model import Closed, ListedDeleted, State, TokenFound, TombstoneDropped
from tests.apply.parts import House, MemoryStore, ScriptedPartner
from tests.values import account, listed, pending, recorded, state

NOTHING_BEFORE = {"run-1": frozenset[int]()}
UNREADABLE = AccountUnreadable("the list of instances could not be read")


def house(held: State, *accounts: object, settle: float = 60) -> House:
    partner = ScriptedPartner(accounts=accounts or (account(),))  # type: ignore[arg-type]
    return House(partner, MemoryStore(held), Options(settle=settle))


def settler(of: House) -> Settler:
    return Settler(of.store, of.partner, of.options, of.clock, ServerClock(of.clock), of.log)


def look(of: House, seen: Account) -> list[Result]:
    return settler(of).look(seen, of.clock.moment())


def waiting(*keys: str) -> State:
    return state(pending={key: pending(key) for key in keys}, snapshots=NOTHING_BEFORE)


def without_token(row: Instance) -> Instance:
    return replace(row, token=None)


# --- the first look of a run -----------------------------------------------------------------


def test_a_look_recovers_what_is_listed_with_its_token() -> None:
    of = house(waiting("a"))

    results = look(of, account(listed(10, "a")))

    assert results == [Result("a", "a", Recovered(10, listed(10, "a").token))]
    kept = of.store.state().instances["a"]
    assert (kept.id_instance, kept.token, kept.origin) == (
        10,
        listed(10, "a").token,
        Origin.RECOVERED,
    )
    assert of.store.state().pending == {}
    assert "instance_recovered" in of.log.events


@pytest.mark.parametrize(("age", "left"), [(599, {"a"}), (600, set()), (-3600, {"a"})])
def test_a_look_settles_what_is_old_enough_and_not_listed(age: float, left: set[str]) -> None:
    of = house(waiting("a"))
    of.time.passed = age

    look(of, account(listed(7, "b", deleted=True)))

    assert set(of.store.state().pending) == left


def test_what_a_listing_lacks_was_missing_when_it_was_asked_for_and_may_have_come_since() -> None:
    of = house(waiting("a"))
    asked = of.clock.moment()
    of.time.passed = 700  # the process was frozen after the listing had come

    settler(of).look(account(), asked)

    assert set(of.store.state().pending) == {"a"}


def test_what_counts_as_not_created_is_told() -> None:
    of = house(waiting("a"))
    of.time.passed = 601

    assert look(of, account()) == []
    assert of.store.events == [Closed("a", Word.NOT_CREATED, "not listed")]
    assert of.log.events == ["create_settled"]


def test_a_look_concludes_nothing_from_what_is_ambiguous_however_old() -> None:
    of = house(waiting("a"))
    of.time.passed = 1e6

    look(of, account(listed(10, "b")))

    assert set(of.store.state().pending) == {"a"}
    assert of.store.events == []


def test_a_look_finds_tokens_that_answers_left_out() -> None:
    bare = recorded(10, "a")._replace(token=None)
    of = house(state({"a": bare, "b": recorded(11, "b")}))

    look(of, account(listed(10, "a"), listed(11, "b")))

    assert [type(event) for event in of.store.events] == [TokenFound]
    assert of.store.state().instances["a"].token == listed(10, "a").token


def test_a_look_at_nothing_writes_nothing() -> None:
    of = house(state({"a": recorded(10, "a")}))

    assert look(of, account(listed(10, "a"))) == []
    assert of.store.events == []


def test_a_look_remembers_what_was_listed_as_deleted() -> None:
    of = house(state({"a": recorded(10, "a"), "b": recorded(11, "b")}))

    look(of, account(listed(10, "a", deleted=True), listed(11, "b")))

    assert of.store.events == [ListedDeleted("a", 10)]


def test_a_look_takes_the_servers_word_for_how_much_time_has_passed() -> None:
    """The wall clock jumped by a day: the create was given up a minute ago, and may come yet."""
    given_up = Moment("2026-11-22T10:06:00Z", boot="another", server="2026-11-22T10:06:00Z")
    announced = replace(pending("a"), exposed_until=given_up)
    of = house(state(pending={"a": announced}, snapshots=NOTHING_BEFORE))
    of.time.off = 86_400

    look(of, replace(account(), date="2026-11-22T10:07:00Z"))

    assert set(of.store.state().pending) == {"a"}


def test_a_look_drops_the_tombstones_of_rows_that_have_gone() -> None:
    stone = Tombstone("a", "a", "2026-11-22T09:00:00Z", deleted=True)
    of = house(replace(state({"b": recorded(11, "b")}), tombstones={10: stone}))

    look(of, account(listed(11, "b")))

    assert of.store.events == [TombstoneDropped(10)]


# --- asking at the end of a run --------------------------------------------------------------


def test_asking_ends_once_all_is_found() -> None:
    of = house(
        waiting("a", "b"), account(listed(10, "a")), account(listed(10, "a"), listed(11, "b"))
    )

    asked = settler(of).ask(of.stop.interrupted)

    assert [result.key for result in asked.results] == ["a", "b"]
    assert of.partner.looks == 2
    assert of.time.passed < 5


def test_asking_goes_on_for_the_time_to_settle_and_never_settles_as_not_created() -> None:
    of = house(waiting("a"), account(), settle=1000)

    asked = settler(of).ask(of.stop.interrupted)

    assert asked.results == ()
    assert set(of.store.state().pending) == {"a"}
    assert 1000 <= of.time.passed < 1001
    assert of.partner.looks > 90


def test_asking_goes_on_over_listings_that_fail() -> None:
    of = house(waiting("a"), UNREADABLE, UNREADABLE, account(listed(10, "a")))

    asked = settler(of).ask(of.stop.interrupted)

    assert [result.key for result in asked.results] == ["a"]
    assert of.log.events.count("account_unreadable") == 2


def test_asking_ends_when_a_signal_comes() -> None:
    of = house(waiting("a"))
    of.stop.request("stopped by SIGINT", signal=2)

    asked = settler(of).ask(of.stop.interrupted)

    assert (asked.account, of.partner.looks) == (None, 0)


def test_what_was_found_before_the_token_was_refused_is_kept() -> None:
    refused = TokenRefused("refused")
    of = house(waiting("a", "b"), account(listed(10, "a")), refused)

    asked = settler(of).ask(of.stop.interrupted)

    assert [result.key for result in asked.results] == ["a"]
    assert asked.token_refused
    assert of.partner.looks == 2


def test_asking_with_no_time_to_settle_asks_once() -> None:
    of = house(waiting("a"), account(), settle=0)

    settler(of).ask(of.stop.interrupted)

    assert (of.partner.looks, of.time.passed) == (1, 0)


def test_asking_learns_the_servers_time() -> None:
    of = house(waiting("a"), replace(account(listed(10, "a")), date="2026-11-22T11:00:00Z"))
    asking = settler(of)

    asking.ask(of.stop.interrupted)

    assert asking.server.moment().server == "2026-11-22T11:00:00Z"


def test_so_does_reading_while_a_run_goes_on() -> None:
    of = house(state(), replace(account(), date="2026-11-22T11:00:00Z"))
    reading = settler(of)

    reading.read(of.stop.interrupted)

    assert reading.server.moment().server == "2026-11-22T11:00:00Z"


def test_asking_waits_for_tokens_too() -> None:
    bare = recorded(10, "a")._replace(token=None)
    of = house(state({"a": bare}), account(), account(listed(10, "a")))

    settler(of).ask(of.stop.interrupted, tokens=[10])

    assert of.store.state().instances["a"].token == listed(10, "a").token
    assert of.partner.looks == 2


def test_a_listing_without_tokens_is_not_waited_on() -> None:
    bare = recorded(10, "a")._replace(token=None)
    of = house(state({"a": bare}), account(without_token(listed(10, "a"))))

    settler(of).ask(of.stop.interrupted, tokens=[10])

    assert of.partner.looks == 1
    assert of.store.state().instances["a"].token is None


# --- what is told of the rest ----------------------------------------------------------------


def test_what_stays_unresolved_is_told_with_its_candidates() -> None:
    of = house(waiting("a"))
    candidates = (listed(10, "a"), listed(11, "a"))

    [result] = settler(of).unresolved(account(*candidates), {})

    assert isinstance(result.outcome, Unknown)
    assert result.outcome.candidates == candidates
    assert result.outcome.since == "2026-11-22T10:06:00Z"


def test_the_reason_of_this_run_is_told_with_what_the_account_says() -> None:
    of = house(waiting("a"))

    [listed_not] = settler(of).unresolved(account(), {"a": "connection reset"})
    [not_asked] = settler(of).unresolved(None, {})

    assert isinstance(listed_not.outcome, Unknown)
    assert listed_not.outcome.reason == "connection reset; the account does not list it (yet)"
    assert isinstance(not_asked.outcome, Unknown)
    assert not_asked.outcome.reason == "the account could not be asked"


def test_results_are_completed_with_tokens_that_came_later() -> None:
    held = state({"a": recorded(10, "a"), "b": recorded(11, "b")._replace(token=None)})
    results = [
        Result("a", "a", Created(10, None)),
        Result("b", "b", Recovered(11, None)),
        Result("c", "c", Rejected(400, "bad")),
    ]

    assert completed(results, held) == [
        Result("a", "a", Created(10, listed(10, "a").token)),
        *results[1:],
    ]
