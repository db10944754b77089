from itertools import accumulate

import pytest

from reconciler.errors import StateError
from reconciler.state.encoding import Header, encode_event, encode_header
from reconciler.state.model import Event
from reconciler.state.replay import replay
from tests.state.parts import intent, record

AT = "2026-11-22T10:06:00Z"
HEAD = encode_header(Header("0b6c1f2e", 7))
EVENTS: list[Event] = [intent(1), record(1), intent(2), record(2)]
LINES = [encode_event(serial, AT, event) for serial, event in enumerate(EVENTS, 8)]
WHOLE = "".join([HEAD, *LINES]).encode()


def read(data: bytes) -> list[Event]:
    return [line.event for line in replay(data, source="j").lines]


def test_the_lines_of_a_journal_are_its_events() -> None:
    assert read(WHOLE) == EVENTS
    assert replay(WHOLE, source="j").header == Header("0b6c1f2e", 7)


def complete(size: int) -> list[Event]:
    """The events whose lines are whole, but for the line feed, in the first *size* bytes."""
    ends = accumulate(len(line) for line in [HEAD, *LINES])
    return EVENTS[: max(0, sum(size >= end - 1 for end in ends) - 1)]


SIZES = range(len(WHOLE) + 1)


def test_a_journal_cut_at_any_byte_has_the_events_before_the_cut() -> None:
    assert [read(WHOLE[:size]) for size in SIZES] == [complete(size) for size in SIZES]


def test_a_journal_whose_end_was_filled_with_zeros_has_the_events_before() -> None:
    filled = [WHOLE[:size].ljust(len(WHOLE) + 4096, b"\0") for size in SIZES]

    assert [read(data) for data in filled] == [complete(size) for size in SIZES]


ODD = {
    "nothing": b"",
    "only a header": HEAD.encode(),
    "only zeros": b"\0" * 4096,
    "only half a header": HEAD[:30].encode(),
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD)
def test_a_journal_without_a_line_says_nothing(data: bytes) -> None:
    assert read(data) == []


MIXED = {
    "a line twice": [*LINES, LINES[3]],
    "the tail twice": [*LINES, *LINES[2:]],
    "the whole journal twice": [*LINES, HEAD, *LINES],
    "the tail turned round": [LINES[0], LINES[3], LINES[2], LINES[1]],
    "the tail twice and turned round": [LINES[0], *reversed(LINES[1:]), *LINES[1:]],
    "blank lines": [LINES[0], "\n", *LINES[1:], "\n", "\r\n"],
    "the tail twice, then torn": [*LINES, LINES[2], LINES[3][:40]],
    "CRLF": [line.replace("\n", "\r\n") for line in LINES],
}


@pytest.mark.parametrize("lines", MIXED.values(), ids=MIXED)
def test_doubled_and_reordered_lines_tell_the_same(lines: list[str]) -> None:
    assert read("".join([HEAD, *lines]).encode()) == EVENTS


OTHER = encode_event(9, AT, record(5))
DAMAGED = {
    "a broken line in the middle": (
        [HEAD, LINES[0], LINES[1][:40] + "\n", *LINES[2:]],
        "j:3: not valid JSON: unterminated string starting at, and whole lines follow",
    ),
    "zeros in the middle": (
        [HEAD, LINES[0], "\0" * 50 + "\n", LINES[2]],
        "j:3: not valid JSON: expecting value, and whole lines follow",
    ),
    "a broken header": (
        [HEAD[:20] + "\n", LINES[0]],
        "j:1: not valid JSON: unterminated string starting at, and whole lines follow",
    ),
    "no header": (LINES, "j:1: format: expected reconciler.journal/1"),
    "a newer header": (
        [HEAD.replace("/1", "/2"), *LINES],
        "j:1: format: reconciler.journal/2 was written by a newer program",
    ),
    "a line lost": ([HEAD, LINES[0], LINES[2], LINES[3]], "j: event 9 is missing from it"),
    "the first line lost": ([HEAD, *LINES[1:]], "j: event 8 is missing from it"),
    "two lines of one serial": (
        [HEAD, *LINES, OTHER],
        "j:6: another event 9 stands before it",
    ),
    "a line of nobody": ([HEAD, LINES[0], "{}\n"], "j:3: event: expected snapshot, intent, "),
}


@pytest.mark.parametrize(("lines", "message"), DAMAGED.values(), ids=DAMAGED)
def test_a_journal_with_a_hole_is_refused(lines: list[str], message: str) -> None:
    with pytest.raises(StateError) as refused:
        replay("".join(lines).encode(), source="j")

    assert refused.value.message.startswith(message)
    assert refused.value.hint


def test_a_line_that_is_not_utf_8_is_torn() -> None:
    assert read(WHOLE[:-20] + b"\xff") == EVENTS[:3]
