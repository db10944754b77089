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


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old-mac"])
def test_every_line_break_counts_once(end: str) -> None:
    text = f"one{end}two{end}three"

    found = source(text.encode()).place(text.index("three") + 2)

    assert (found.line, found.column) == (3, 3)


def test_columns_count_characters_not_bytes() -> None:
    text = "ключ: значение"

    assert source(text.encode()).place(6).column == 7


def test_the_end_of_the_text_has_a_place() -> None:
    assert source(b"a\n").place(2).line == 2


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_many_places_are_those_of_each(end: str) -> None:
    text = source(f"one{end}{end}two: x{end}three".encode())
    indexes = [0, 2, 4, 8, 12, len(text.text), 3, 9]

    assert list(text.places(indexes)) == [text.place(index) for index in indexes]


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
