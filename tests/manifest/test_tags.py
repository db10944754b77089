"""Tags of the core schema mean what they say; others are refused by name."""

import pytest

from reconciler.manifest.tags import Wrong, collection, not_a_key, scalar

CORE = "tag:yaml.org,2002:"


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        ("str", "12", "12"),
        ("int", "0x10", 16),
        ("float", "1", 1.0),
        ("float", ".5", 0.5),
        ("bool", "true", True),
        ("null", "", None),
    ],
)
def test_a_core_tag_decides_the_type(tag: str, text: str, value: object) -> None:
    found = scalar(CORE + tag, text)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("tag", "text"), [("int", "x"), ("int", "1.5"), ("bool", "yes"), ("null", "x")]
)
def test_a_tag_that_does_not_fit_is_refused(tag: str, text: str) -> None:
    found = scalar(CORE + tag, text)

    assert isinstance(found, Wrong)
    assert f"!!{tag}" in found.message


@pytest.mark.parametrize("tag", ["!secret", CORE + "binary", CORE + "python/object:os.system"])
def test_an_unknown_tag_is_refused_by_name(tag: str) -> None:
    found = scalar(tag, "x")

    assert isinstance(found, Wrong)
    assert tag.removeprefix(CORE) in found.message
    assert collection(tag, is_mapping=True) is not None


def test_a_collection_takes_its_own_tag_only() -> None:
    assert collection(CORE + "map", is_mapping=True) is None
    assert collection(CORE + "seq", is_mapping=False) is None
    assert collection(CORE + "seq", is_mapping=True) is not None


@pytest.mark.parametrize(
    ("value", "text", "words"),
    [
        (12, "12: a", "12 is a number"),
        (True, "true: a", "true is a boolean"),
        (None, "~: a", "~ is null"),
        ([], "[]: a", "not a mapping or a list"),
        (None, ": a", "a key is missing"),
    ],
)
def test_a_key_that_is_no_text_is_told_as_it_was_typed(
    value: object, text: str, words: str
) -> None:
    message, _ = not_a_key(value, text, 0)

    assert words in message
