"""The partner token is found in a manifest, and nothing is mistaken for it."""

import pytest

from reconciler.manifest.credentials import PartnerTokens
from reconciler.manifest.source import Source
from reconciler.secrets import Secret

KNOWN = PartnerTokens(Secret("fedcba9876543210"))


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("a: fedcba9876543210", 3),
        ("# xfedcba9876543210x", 3),
        ("a: gac.0123456789abcdef0", 3),
        ("https://a.example.com/gac.ABCDEFGHIJKLMNOPQ/", 22),
    ],
)
def test_a_partner_token_is_found(text: str, index: int) -> None:
    assert KNOWN.find(text) == index


@pytest.mark.parametrize(
    "text", ["gac.", "gac.short", "gac.…", "xgac.0123456789abcdef0", "fedcba987"]
)
def test_what_is_no_partner_token_is_left_alone(text: str) -> None:
    assert not KNOWN.found_in(text)


def test_a_short_token_of_a_sandbox_is_not_searched_for() -> None:
    assert not PartnerTokens(Secret("yes")).found_in("incomingWebhook: yes")


def test_without_a_known_token_the_look_is_what_counts() -> None:
    assert PartnerTokens(None).found_in("gac.0123456789abcdef")


def test_the_problem_names_the_place_and_not_the_token() -> None:
    problem = KNOWN.check(Source("a.yaml", "a: b\nc: fedcba9876543210\n"))

    assert problem is not None
    assert str(problem.place) == "a.yaml:2:4"
    assert "fedc" not in problem.message
    assert "fedc" not in repr(KNOWN)
