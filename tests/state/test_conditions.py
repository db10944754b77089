"""A store that does not do what a put's condition says is found out before it is trusted."""

from collections.abc import Callable

import pytest

from reconciler.errors import StateError
from reconciler.state.bucket import StoredObject
from reconciler.state.conditions import check_conditions
from tests.state.paper_bucket import DONE, LOST_BEFORE, PaperBucket, Shelf

Allowed = Callable[[StoredObject | None], bool]


class Careless(PaperBucket):
    """Puts whatever the condition is, where the verb is one that it does not heed."""

    heedless: tuple[str, ...] = ()

    def _put(self, verb, key, data, marks, allowed):  # type: ignore[no-untyped-def]
        heeds: Allowed = (lambda there: True) if verb in self.heedless else allowed
        return super()._put(verb, key, data, marks, heeds)


class Reluctant(PaperBucket):
    """Never replaces anything."""

    def _put(self, verb, key, data, marks, allowed):  # type: ignore[no-untyped-def]
        refuses: Allowed = (lambda there: False) if verb == "replace" else allowed
        return super()._put(verb, key, data, marks, refuses)


@pytest.mark.parametrize("heedless", [("create",), ("replace",), ("create", "replace")])
def test_a_store_that_ignores_either_condition_is_refused(heedless: tuple[str, ...]) -> None:
    bucket = Careless(Shelf())
    bucket.heedless = heedless

    with pytest.raises(StateError, match="it ignores the conditions of puts") as refused:
        check_conditions(bucket, "probe")

    assert "If-None-Match" in f"{refused.value.hint}"
    assert bucket.shelf.objects == {}


def test_a_store_that_replaces_nothing_is_refused() -> None:
    with pytest.raises(StateError, match="it ignores the conditions of puts"):
        check_conditions(Reluctant(Shelf()), "probe")


def test_a_store_that_honours_both_is_left_as_it_was() -> None:
    shelf = Shelf()

    check_conditions(PaperBucket(shelf), "probe")

    assert shelf.objects == {}


def test_a_probe_that_can_not_be_removed_is_no_reason_to_stop() -> None:
    def step(call: str) -> str:
        return LOST_BEFORE if call.startswith("delete") else DONE

    check_conditions(PaperBucket(Shelf(), step), "probe")


def test_two_runs_that_try_it_at_once_are_not_in_each_others_way() -> None:
    first, second = PaperBucket(Shelf()), PaperBucket(Shelf())

    check_conditions(first, "probe")
    check_conditions(second, "probe")

    assert {*first.calls}.isdisjoint(second.calls)
