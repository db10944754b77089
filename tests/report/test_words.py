import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.words import (
    candidate,
    command,
    counted,
    lasted,
    printable,
    quoted,
)
from tests.report import samples as world


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (9.94, "9.9 s"),
        (10, "10 s"),
        (59.6, "1 min 00 s"),
        (83.4, "1 min 23 s"),
        (3600, "1 h 00 min"),
        (90061, "25 h 01 min"),
    ],
)
def test_a_length_of_time_is_said_as_people_do(seconds: float, words: str) -> None:
    assert lasted(seconds) == words


@pytest.mark.parametrize(("number", "words"), [(0, "0 entries"), (1, "1 entry"), (2, "2 entries")])
def test_one_is_singular(number: int, words: str) -> None:
    assert counted(number, "entry", "entries") == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Продажи 営業 é", "Продажи 営業 é", id="letters of any script"),
        pytest.param("a\nb\r\tc", "a\\x0ab\\x0d\\x09c", id="line breaks"),
        pytest.param("\x1b[31m\x9b", "\\x1b[31m\\x9b", id="escape codes of 7 and 8 bits"),
        pytest.param("a\u202eb\u2028", "a\\u202eb\\u2028", id="bidi and separators"),
        pytest.param("\ud800", "\\ud800", id="half a character"),
        pytest.param("\U000e0041", "\\U000e0041", id="tags"),
        pytest.param("##[error]", "##\\[error]", id="an old workflow command"),
    ],
)
def test_what_a_terminal_could_act_on_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    assert printable(text).isprintable()
    assert quoted(text).isprintable()


def test_a_quoted_text_is_cut_to_its_limit() -> None:
    assert quoted("x" * 100, limit=10) == '"xxxxxxx..."'


def test_quotes_inside_a_quoted_text_are_told_from_its_ends() -> None:
    assert quoted('a" b') == '"a\\" b"'


def test_a_command_can_be_pasted_into_a_shell() -> None:
    line = command("resolve", "a b", "--id", "1", options=["-s", "it's.json"])

    assert shlex.split(line) == ["reconciler", "resolve", "a b", "--id", "1", "-s", "it's.json"]


def test_a_candidate_of_the_expected_name_shows_id_and_time() -> None:
    assert candidate(world.row(7, "a"), "a") == "7  created 2026-11-22T10:06:00"


def test_a_candidate_of_another_name_shows_it() -> None:
    assert candidate(world.row(7, "b"), "a").endswith('named "b"')
