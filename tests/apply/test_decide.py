"""A person's decisions, checked before they count."""

import pytest

from reconciler.apply.decide import adopt_one, recover, settle_as_not_created
from reconciler.errors import GuardError, UsageError
from reconciler.model import Account, Origin, Word
from reconciler.state.model import Closed, State
from tests.apply.parts import House, MemoryStore
from tests.values import account, desired, listed, pending, recorded, state

HELD = state(
    {"b": recorded(11, "b")},
    {"a": pending("a"), "c": pending("c")},
    {"run-1": frozenset({7})},
)
SEEN = account(listed(7, "old"), listed(10, "renamed"), listed(11, "b"), listed(12, "x"))


def house(held: State = HELD) -> House:
    return House(store=MemoryStore(held))


def test_a_create_can_be_settled_as_not_created() -> None:
    of = house()

    settle_as_not_created("a", of.store, log=of.log)

    assert of.store.events == [Closed("a", Word.NOT_CREATED, "a person said so")]
    assert of.log.events == ["create_settled"]


@pytest.mark.parametrize(
    ("held", "hint"),
    [(HELD, "unresolved: a, c"), (state(), "no create is unresolved in this state")],
    ids=["others are", "none is"],
)
def test_what_is_not_unresolved_can_not_be_settled(held: State, hint: str) -> None:
    of = house(held)

    with pytest.raises(UsageError, match="b: nothing is unresolved under this key") as refused:
        settle_as_not_created("b", of.store, log=of.log)
    assert refused.value.hint == hint
    assert of.store.events == []


def test_a_create_can_be_recovered_whatever_the_instance_is_called() -> None:
    of = house()

    recover("a", 10, of.store, SEEN, clock=of.clock, log=of.log)

    kept = of.store.state().instances["a"]
    assert (kept.id_instance, kept.name, kept.origin) == (10, "a", Origin.RECOVERED)
    assert kept.token == listed(10, "renamed").token
    assert set(of.store.state().pending) == {"c"}


REFUSED: dict[str, tuple[int, Account, str]] = {
    "recorded for another": (11, SEEN, "11 is recorded already, as b"),
    "not listed": (99, SEEN, "the account lists no live instance 99"),
    "deleted": (10, account(listed(11, "b"), listed(10, "a", deleted=True)), "no live instance 10"),
    "another account": (10, account(listed(10, "a")), "looks like another partner's"),
}


@pytest.mark.parametrize(("number", "seen", "said"), REFUSED.values(), ids=REFUSED)
def test_an_id_that_can_not_be_it_is_refused(number: int, seen: Account, said: str) -> None:
    of = house(state({"b": recorded(11, "b")}, {"a": pending("a", snapshot=None)}))

    with pytest.raises(GuardError, match=said):
        recover("a", number, of.store, seen, clock=of.clock, log=of.log)
    with pytest.raises(GuardError, match=said):
        adopt_one(desired("d"), number, of.store, seen, clock=of.clock, log=of.log)
    assert of.store.events == []


@pytest.mark.parametrize(
    ("count", "hint"),
    [
        (0, "look its id up in the console"),
        (5, "look its id up in the console; it could be 20, 21, 22, 23, 24"),
        (6, "look its id up in the console; it could be 20, 21, 22, 23, 24, …"),
    ],
)
def test_a_wrong_id_is_answered_with_those_that_it_could_be(count: int, hint: str) -> None:
    of = house(state({"b": recorded(11, "b")}, {"a": pending("a")}, {"run-1": frozenset({7})}))
    rows = [listed(20 + number, f"renamed-{number}") for number in range(count)]

    with pytest.raises(GuardError) as refused:
        recover("a", 99, of.store, account(listed(11, "b"), *rows), clock=of.clock, log=of.log)

    assert refused.value.hint == hint


def test_what_was_there_before_a_create_is_not_what_it_made_unless_a_person_insists() -> None:
    of = house()
    with pytest.raises(GuardError, match="7 was there before the create of a was sent"):
        recover("a", 7, of.store, SEEN, clock=of.clock, log=of.log)
    with pytest.raises(GuardError, match="7 was there before the create of a was sent"):
        adopt_one(desired("a"), 7, of.store, SEEN, clock=of.clock, log=of.log)
    assert of.store.events == []

    recover("a", 7, of.store, SEEN, clock=of.clock, log=of.log, insist=True)

    assert of.store.state().instances["a"].id_instance == 7


def test_a_create_that_adopting_closes_is_told() -> None:
    of = house()

    insisted = adopt_one(desired("a"), 7, of.store, SEEN, clock=of.clock, log=of.log, insist=True)
    closed = adopt_one(desired("c"), 12, of.store, SEEN, clock=of.clock, log=of.log)
    none = adopt_one(desired("d"), 10, of.store, SEEN, clock=of.clock, log=of.log)

    assert (insisted, closed, none) == (HELD.pending["a"], HELD.pending["c"], None)
    assert of.store.state().pending == {}


def test_an_entry_can_be_given_an_instance_of_another_name() -> None:
    of = house()

    adopt_one(desired("d"), 12, of.store, SEEN, clock=of.clock, log=of.log)

    kept = of.store.state().instances["d"]
    assert (kept.id_instance, kept.name, kept.origin) == (12, "d", Origin.ADOPTED)


def test_a_create_of_an_entry_that_is_recorded_makes_no_second_record() -> None:
    of = house(state({"a": recorded(11, "a")}, {"a": pending("a", snapshot=None)}))

    with pytest.raises(GuardError, match="a is recorded already, as 11"):
        recover("a", 10, of.store, SEEN, clock=of.clock, log=of.log)

    assert of.store.events == []


def test_an_entry_that_is_recorded_is_not_given_another_instance() -> None:
    of = house()

    with pytest.raises(GuardError, match="b is recorded already, as 11"):
        adopt_one(desired("b"), 12, of.store, SEEN, clock=of.clock, log=of.log)
