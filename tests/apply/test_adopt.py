"""Recording what exists instead of buying it again."""

import pytest

from reconciler.apply.adopt import adopt, adoptable, remember_address
from reconciler.model import Adopted, Digest, Instance, Origin
from reconciler.plan import Conflict
from reconciler.results import Result
from reconciler.secrets import Secret
from reconciler.state.model import Addressed
from tests.apply.parts import House, MemoryStore
from tests.values import desired, listed, recorded, state

A, B = listed(10, "a"), listed(11, "a")
UNCLEAR: dict[str, Conflict] = {
    "two of the name": Conflict(desired("a"), (A, B)),
    "none, but an unresolved create": Conflict(desired("a"), (), held_by="b"),
    "one, and an unresolved create of the name": Conflict(desired("a"), (A,), held_by="b"),
}


@pytest.mark.parametrize("conflict", UNCLEAR.values(), ids=UNCLEAR)
def test_what_is_unclear_is_not_adopted(conflict: Conflict) -> None:
    of = House()

    assert adopt([conflict], of.store, of.clock, of.log) == []
    assert of.store.events == []


def test_an_instance_of_another_entry_is_not_adopted() -> None:
    assert adoptable(Conflict(desired("a"), (A,)), state({"b": recorded(10, "a")})) is None


def test_the_only_instance_of_the_name_is_recorded_with_its_token() -> None:
    of = House(store=MemoryStore(state()))
    wanted = desired("a", incomingWebhook="yes")

    results = adopt([Conflict(wanted, (A,))], of.store, of.clock, of.log)

    kept = of.store.state().instances["a"]
    assert results == [Result("a", "a", Adopted(10, A.token))]
    assert (kept.id_instance, kept.token, kept.origin) == (10, A.token, Origin.ADOPTED)
    assert kept.parameters == {"incomingWebhook": "yes"}
    assert of.log.told == [("instance_adopted", {"key": "a", "name": "a", "id_instance": 10})]


def test_secret_parameters_are_kept_as_digests() -> None:
    of = House(store=MemoryStore(state()))
    wanted = desired("a", webhookUrlToken=Secret("hush"))

    adopt([Conflict(wanted, (A,))], of.store, of.clock, of.log)

    assert isinstance(of.store.state().instances["a"].parameters["webhookUrlToken"], Digest)


def test_an_instance_listed_without_its_token_is_recorded_without() -> None:
    of = House(store=MemoryStore(state()))
    bare = Instance(10, "a", None, None, "", deleted=False)

    [result] = adopt([Conflict(desired("a"), (bare,))], of.store, of.clock, of.log)

    assert result.outcome == Adopted(10, None)


def test_the_address_of_the_account_is_recorded_once() -> None:
    of = House(store=MemoryStore(state()))

    remember_address(of.store, "https://api.example.com")
    remember_address(of.store, "https://api.example.com")

    assert of.store.events == [Addressed("https://api.example.com")]
