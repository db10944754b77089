"""Keys that are no text are told as they were typed, if that can't be a secret."""

import pytest

from reconciler.manifest.odd_keys import not_a_key


@pytest.mark.parametrize(
    ("value", "text", "words"),
    [
        (12, "12: a", "12 is a number"),
        (True, "true: a", "true is a boolean"),
        (None, "~: a", "~ is null"),
        ([], "[]: a", "not a mapping or a list"),
        (None, ": a", "a key is missing"),
        (123456, "123456: a", "a key must be a text, not a number"),
    ],
)
def test_a_key_that_is_no_text_is_told_as_it_was_typed(
    value: object, text: str, words: str
) -> None:
    message, _ = not_a_key(value, text, 0)

    assert words in message
