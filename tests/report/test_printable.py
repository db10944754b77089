import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.printable import printable, quoted


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
