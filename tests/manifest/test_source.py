"""Bytes become text, or one problem at its place; an index becomes line and column."""

import pytest

from reconciler.manifest.problems import Problem
from reconciler.manifest.source import MAX_BYTES, Source, decode


def source(data: bytes) -> Source:
    decoded = decode("m.yaml", data)
    assert isinstance(decoded, Source)
    return decoded


def problem(data: bytes) -> Problem:
    decoded = decode("m.yaml", data)
    assert isinstance(decoded, Problem)
    return decoded


def test_a_byte_order_mark_is_dropped() -> None:
    assert source(b"\xef\xbb\xbfa: b\n").text == "a: b\n"


@pytest.mark.parametrize(
    ("data", "line", "column", "word"),
    [
        (b"a: b\nc: \xff\n", 2, 4, "0xff"),
        ("a: ü".encode() + b"\xc3", 1, 5, "0xc3"),
        (b"\xff\xfea\x00", 1, 1, "UTF-16"),
        (b"a: \x00", 1, 4, "U+0000"),
        (b"a:\n  \x1b[31m", 2, 3, "U+001B"),
        (b"a: \x7f", 1, 4, "U+007F"),
        ("a: \x85".encode(), 1, 4, "U+0085"),
        ("a: ü\u2028".encode(), 1, 5, "U+2028"),
        ("a: \ufeff".encode(), 1, 4, "U+FEFF"),
        ("a: \uffff".encode(), 1, 4, "U+FFFF"),
    ],
)
def test_what_may_not_stand_in_a_manifest_is_found(
    data: bytes, line: int, column: int, word: str
) -> None:
    found = problem(data)

    assert (found.place.line, found.place.column) == (line, column)
    assert word in found.message


def test_an_encoded_surrogate_is_not_utf_8() -> None:
    assert problem(b"a: \xed\xa0\x80").rule == "encoding"


def test_a_file_of_a_gigantic_size_is_refused() -> None:
    assert problem(b" " * (MAX_BYTES + 1)).rule == "file-size"


@pytest.mark.parametrize("text", ["\t", "🙂", "\u00a0", "\ue000", "\r"])
def test_printable_characters_may_stand(text: str) -> None:
    assert source(text.encode()).text == text


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
    assert Source("a.yaml", text).token(mark) == expected
