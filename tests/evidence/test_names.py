"""When two names may be one."""

import pytest

from reconciler.evidence.names import ListedNames, folded, longest_name
from tests.values import account, listed

SAME = {
    "case": ("Support-EU", "support-eu"),
    "blanks at the ends": (" sales ", "sales"),
    "blanks inside": ("sales  uk", "sales uk"),
    "a no-break space": ("sales\u00a0uk", "sales uk"),
    "normal form": ("Cafe\u0301", "Caf\u00e9"),
    "both": ("CAFE\u0301", "caf\u00e9"),
    "HTML escapes": ("Tom &amp; Co", "Tom & Co"),
    "HTML escapes of other letters": ("Caf&eacute;", "caf\u00e9"),
    "sharp s": ("Straße", "STRASSE"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_names_that_a_server_may_make_of_one_another_fold_to_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("a", "b"), ("shop-1", "shop-11"), ("a-b", "ab")])
def test_other_names_do_not(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def like(wanted: str, *names: str) -> list[str]:
    rows = [listed(number, name) for number, name in enumerate(names, 1)]
    index = ListedNames(rows, longest=longest_name(account(*rows)))
    return [row.name for row in index.like(wanted)]


def test_a_name_of_ten_characters_may_be_the_beginning_of_a_longer_one() -> None:
    assert like("0123456789abc", "0123456789") == ["0123456789"]
    assert like("0123456789ABC", "0123456789A", "x") == ["0123456789A"]


def test_a_shorter_one_is_no_beginning() -> None:
    assert like("0123456789", "012345678") == []


def test_where_a_longer_name_is_listed_the_server_did_not_cut_there() -> None:
    assert like("0123456789abc", "0123456789", "another name") == []
    assert like("0123456789", "0123456789abc") == []
    assert like("0123456789ab", "0123456789 a") == []  # as long as itself: not cut


def test_a_name_that_differs_in_case_only_comes_before_one_that_was_cut() -> None:
    assert like("0123456789abc", "0123456789ABC", "0123456789abd") == ["0123456789ABC"]
