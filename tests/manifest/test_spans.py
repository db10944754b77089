"""A scalar is quoted back, and underlined, as far as it goes on its line."""

import pytest

from reconciler.manifest.spans import token


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("a: maybe", 3, "maybe"),
        ("a: maybe # or not", 3, "maybe"),
        ("a: may#be", 3, "may#be"),
        ("a: two words  ", 3, "two words"),
        ("a b: c", 0, "a b"),
        ("a: b:c", 3, "b:c"),
        ("key:\n", 0, "key"),
        ('a: "x # \\" y" # z', 3, '"x # \\" y"'),
        ("a: 'it''s' # z", 3, "'it''s'"),
        ("a: {b: c, d: e}", 7, "c"),
        ("a: [b, c]", 4, "b"),
        ("a: x\r\nb: y", 3, "x"),
        ('a: "not closed', 3, '"not closed'),
        ("a:", 2, ""),
    ],
)
def test_the_token_at_a_place_is_found(text: str, mark: int, expected: str) -> None:
    assert token(text, mark) == expected
