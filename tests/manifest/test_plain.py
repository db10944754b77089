"""The reader for plain texts says what the reader of the events says, or nothing."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.manifest.document import Document
from reconciler.manifest.plain import read_plain
from reconciler.manifest.problems import Problem
from reconciler.manifest.reader import read
from reconciler.manifest.source import Source, decode

MANIFEST = """\
# a comment
version: 1

defaults:
  webhookUrl: https://hooks.example.com/green-api/  # where to
  webhookUrlToken: ${env:WEBHOOK_TOKEN}
  incomingWebhook: yes
instances:
  support-eu:
    name: "Support: Europe"
    delaySendMessagesMilliseconds: 1000

    # one more
  sales.uk:
    name: 'Sales #1, UK'
  warehouse: {}
"""


def shape(document: Document, value: Any) -> object:
    """Return *value* with the marks of everything in it."""
    if isinstance(value, dict):
        inner = tuple((key, shape(document, each)) for key, each in value.items())
        return tuple(document.marks[id(value)]), inner
    return type(value), value


def told(document: Document) -> object:
    assert document.complete
    return shape(document, document.root), document.root_mark, document.plain, document.problems


def test_a_plain_manifest_is_read_as_its_events_are() -> None:
    source = Source("m.yaml", MANIFEST)

    document = read_plain(source)

    assert document is not None
    assert told(document) == told(read(source))


@pytest.mark.parametrize(
    "line",
    [
        "  a: &x 1",
        "  a: *x",
        "  a: !!str 1",
        "  a: [1]",
        "  a: {b: 1}",
        "  a: |",
        "  a: >-",
        "  - a",
        "  ? a",
        "  <<: b",
        '  a: "\\n"',
        "  a: 'it''s'",
        '  "a": 1',
        "  null: 1",
        "  a:",
        "  a: b: c",
        "  a: b:",
        "  a : 1",
        "  a:1",
        "  a:\t1",
        "  a: 1\t",
        "  a: @b",
        "  a: `b",
        "  a: %b",
        "  a: -",
        "  a: b\n   c",
        "  a: b\n    c: d",
        "  a: 1\n  a: 2",
        "  a: 1\n b: 2",
        "   a: 1\n  b: 2\n    c: 3",
        "---",
        "...",
        "%YAML 1.2",
        "  a: 1\r",
        "  a",
    ],
)
def test_what_is_not_plain_is_left_to_the_reader_of_the_events(line: str) -> None:
    assert read_plain(Source("m.yaml", f"version: 1\ntop:\n  z: 1\n{line}\n")) is None


NUMBERS = ["8", "007", "0", "9" * 18, "9" * 19, "9" * 400, "0o7", "\u0663", "12:30", "5 # c"]


@pytest.mark.parametrize("typed", NUMBERS)
@pytest.mark.parametrize("before", ["a: 1", "a:  1", "a: text", "a: 1  # c: 2"])
def test_another_number_after_the_same_key_is_read_as_the_events_are(
    before: str, typed: str
) -> None:
    source = Source("m.yaml", f"top:\n  x:\n    {before}\n  y:\n    a: {typed}\n    b: {typed}\n")

    document = read_plain(source)

    assert document is None or told(document) == told(read(source))
    assert document is not None or typed == "\u0663"


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "a: 1", "a:\n", "a:\n# b\n"])
def test_half_a_text_is_left_to_the_reader_of_the_events(text: str) -> None:
    assert read_plain(Source("m.yaml", text)) is None


def test_deep_nesting_is_left_to_the_reader_of_the_events() -> None:
    deep = "".join(f"{' ' * depth}a:\n" for depth in range(40)) + " " * 40 + "a: 1\n"

    assert read_plain(Source("m.yaml", deep)) is None


VALUES = [
    *("yes", "no", "1", "010", "0x1F", "-1", "+1", "1.5", ".5", ".", "1e3", "~", "null", "true"),
    *("True", "FALSE", "12:30", "1_000", "a b", "a  b", "a#b", "a #b", "a:b", "a:", "a: b", "a'b"),
    *('"a"', "'a'", '"a: #b"', "'a: #b'", '""', "''", '"a" b', "{}", "{ }", "[]", "$x", "${env:X}"),
    *("/a/b", "a{b}", "a,b", "a\\b", "a|b", "a&b", "ü", "日本", "<", "<<", "a\u00a0b", "x" * 200),
    *("-", "- a", "?", "? a", "!a", "&a", "*a", "|", ">", "%a", "@a", "=", "---", "..."),
]
KEYS = ["a", "b", "a.b", "a-b", "a_b", "null", "true", "No", "n", "y", "9a", "x" * 101, "ü", "<<"]
LINES = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "", " ", "  ", "  ", "    ", "\t"]),
        st.sampled_from([*KEYS, ""]),
        st.sampled_from([":", ": ", ": ", ":  ", " : ", ""]),
        st.sampled_from([*VALUES, ""]),
        st.sampled_from(["", "", "", " ", " # c", "# c", " #c: d", "\t# c", "\r"]),
    ),
)


@given(st.lists(LINES, min_size=1, max_size=8).map("\n".join), st.sampled_from(["\n", "", "\n\n"]))
@example("a: 1\n  \n# c\nb:\n  c: d", "\n")
def test_whatever_it_reads_it_reads_as_the_events_are_read(text: str, end: str) -> None:
    source = decode("m.yaml", (text + end).encode())
    if isinstance(source, Problem) or (document := read_plain(source)) is None:
        return  # not for this reader

    assert told(document) == told(read(source))


@given(
    st.integers(0, len(MANIFEST)),
    st.integers(0, 3),
    st.text("ab:#'\"{}[]&*!|>%@`-?., \n\t~\\0$ü_=nNtTfy", max_size=3),
)
def test_a_manifest_with_a_slip_in_it_is_read_alike(at: int, length: int, slip: str) -> None:
    source = Source("m.yaml", MANIFEST[:at] + slip + MANIFEST[at + length :])
    if (document := read_plain(source)) is None:
        return  # not for this reader

    assert told(document) == told(read(source))
