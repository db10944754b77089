"""A document knows where each of its keys and values stands."""

import pytest

from reconciler.manifest.document import Document
from reconciler.manifest.reader import read
from reconciler.manifest.source import Source

TEXT = "a: 1\nb:\n  c: 2\nd: {e: 3}\n"


@pytest.fixture
def document() -> Document:
    return read(Source("a.yaml", TEXT))


@pytest.mark.parametrize(("key", "value"), [("a", "1"), ("b", "c"), ("d", "{")])
def test_keys_and_values_are_found_at_their_places(
    document: Document, key: str, value: str
) -> None:
    assert TEXT[document.root.key_mark(key)] == key
    assert TEXT[document.root.value_mark(key)] == value


def test_inner_mappings_have_places_of_their_own(document: Document) -> None:
    assert document.root["d"].value_mark("e") == TEXT.index("3")


def test_a_key_that_is_not_there_has_no_place(document: Document) -> None:
    with pytest.raises(KeyError):
        document.root.key_mark("z")
