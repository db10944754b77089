import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.markdown import cell, code, folded, table
from reconciler.report.printable import printable
from tests.report.tables import kinds, shown, tables

NASTY = "a|b `c` *d* _e_ ~f~ [g](h) <i> &amp; \\| #1 @team https://x.example ![j](k) $l$ \n::m"


@given(st.text(min_size=1).map(lambda text: f"x{text}x"))
def test_any_text_in_a_cell_shows_as_itself(text: str) -> None:
    assert shown(cell(text)) == printable(text)
    assert kinds(cell(text)) <= {"text", "text_special"}


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1))
def test_any_texts_make_a_table_of_that_many_cells(rows: list[list[str]]) -> None:
    lines = table(["a", "b"], [[cell(text) for text in row] for row in rows])

    ((_, *found),) = tables("\n".join(lines))
    assert [len(row) for row in found] == [2] * len(rows)


@pytest.mark.parametrize("mark", ["@team", "https://x.example", "#1", "$l$"])
def test_nobody_is_mentioned_and_nothing_linked(mark: str) -> None:
    assert mark not in cell(NASTY)


def test_code_shows_what_is_to_be_copied() -> None:
    assert shown(code("reconciler resolve a_b --id 1 -s 'x|y'")) == (
        "reconciler resolve a_b --id 1 -s 'x|y'"
    )


def test_what_is_folded_is_still_a_table() -> None:
    lines = folded("2 entries", table(["a"], [["1"], ["2"]]))

    assert tables("\n".join(lines)) == [[["a"], ["1"], ["2"]]]
