import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.markdown import cell, code, folded, plan_markdown, run_markdown, table
from reconciler.report.words import Call, printable
from tests.report import samples as world
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


def test_the_table_has_a_row_for_all_that_is_not_kept() -> None:
    text = plan_markdown(world.mixed_plan(), checksum=world.CHECKSUM)

    ((head, *rows),) = tables(text)
    assert head == ["action", "entry", "details"]
    assert [len(row) for row in rows] == [3] * 10
    assert "sales-it" not in text


def test_a_name_made_of_markup_shows_as_text() -> None:
    ((_, _, row, *_),) = tables(plan_markdown(world.mixed_plan(), checksum=world.CHECKSUM))

    assert shown(row[2]) == 'named "\\u001b[2Jsales\\n::error::fake\\u202e|<b>`##\\[group]"'


def test_the_checksum_stands_in_a_command() -> None:
    text = plan_markdown(world.quiet_plan(), checksum=world.CHECKSUM)

    assert f"reconciler apply --expect-checksum {world.CHECKSUM}" in text
    assert tables(text) == []


def test_two_hundred_rows_are_shown_and_the_others_counted() -> None:
    text = plan_markdown(world.big_plan(10_000), checksum=world.CHECKSUM)

    ((_, *rows),) = tables(text)
    assert len(rows) == 200
    assert "... and 9800 more." in text


def test_what_went_wrong_has_a_table_and_what_was_recorded_another() -> None:
    bad, good = tables(run_markdown(world.mixed_report()))

    assert [row[0] for row in bad] == ["entry", "sales-nl", "sales-be", "sales-pt", "former"]
    assert {len(row) for row in bad} == {4}
    assert [row[:2] for row in good[1:]] == [
        ["sales-at", "renamed"],
        ["support-eu", "created"],
        ["support-us", "created"],
        ["sales-uk", "adopted"],
        ["sales-de", "recovered"],
    ]


def test_an_unresolved_entry_names_its_candidates_and_commands() -> None:
    bad, _ = tables(
        run_markdown(
            world.mixed_report(),
            call=Call(options=("-s", "b c")),
        )
    )

    said = shown(bad[3][3])
    assert "1101728006  created 2026-11-22T10:07:00" in said
    assert "reconciler resolve sales-pt --id 1101728006 -s 'b c'" in said
    assert "reconciler resolve sales-pt --not-created -s 'b c'" in said


def test_a_run_with_nothing_to_do_has_no_table() -> None:
    text = run_markdown(world.quiet_report())

    assert text.startswith("### 0 instances created: nothing to create\n")
    assert tables(text) == []


def test_a_run_that_ended_early_says_why() -> None:
    text = run_markdown(world.report(stopped="stopped by SIGTERM", signal=15))

    assert "Stopped early: stopped by SIGTERM." in text
    assert "(exit code 143)" in text


def test_a_declined_question_is_told() -> None:
    assert "declined, nothing was done" in run_markdown(world.report(declined=True))
