"""Whether a create is a renamed entry."""

import pytest

from reconciler.evidence.lookalikes import Orphans, similar
from reconciler.model import Desired, Recorded
from reconciler.state.digest import kept
from tests.values import desired, recorded

LIKE: dict[str, tuple[str, str, Desired, str]] = {
    "the key in another case": (
        "Support-EU",
        "x",
        desired("support-eu", name="y", delay=1),
        "has the same key but for case or blanks",
    ),
    "the name but for blanks": (
        "x",
        "Sales  UK",
        desired("y", name="sales uk", delay=1),
        "has the same name but for case or blanks",
    ),
    "the very name": ("x", "sales", desired("y", name="sales", delay=1), "has the very name"),
    "equal parameters and a similar key": (
        "support-eu",
        "support-eu",
        desired("support-europe"),
        "has equal parameters and a similar key",
    ),
}


@pytest.mark.parametrize(("key", "name", "entry", "why"), LIKE.values(), ids=LIKE)
def test_what_looks_like_a_renamed_entry(key: str, name: str, entry: Desired, why: str) -> None:
    found = Orphans([(key, recorded(1, name))]).like(entry, kept(entry, "line"))

    assert found is not None
    assert (found.key, found.recorded, found.why) == (key, recorded(1, name), why)


UNLIKE: dict[str, tuple[str, Desired]] = {
    "equal parameters alone": ("support-eu", desired("reception")),
    "a similar key alone": ("support-eu", desired("support-us", delay=1)),
    "keys that differ in digits only": ("shop-00001", desired("shop-00002")),
}


@pytest.mark.parametrize(("key", "entry"), UNLIKE.values(), ids=UNLIKE)
def test_what_does_not(key: str, entry: Desired) -> None:
    orphans = Orphans([(key, recorded(1, key))])

    assert orphans
    assert orphans.like(entry, kept(entry, "line")) is None


SHOP = recorded(1, "Shop")


@pytest.mark.parametrize(
    "orphan",
    [SHOP._replace(deleted=True), SHOP._replace(reported=True)],
    ids=["deleted", "reported"],
)
def test_what_was_deleted_or_reported_before_is_left_alone(orphan: Recorded) -> None:
    orphans = Orphans([("Shop", orphan)])

    assert not orphans
    assert orphans.like(desired("shop"), {}) is None


def test_similar_is_what_difflib_calls_so_from_seven_tenths_on() -> None:
    assert similar("abcdefg___", "abcdefgxyz")  # a ratio of 0.7
    assert similar("abcdefg", "abcdefghijklm")
    assert not similar("abcdef____", "abcdefwxyz")
