from reconciler.report.run_markdown import run_markdown
from tests.report import samples as world
from tests.report.tables import shown, tables


def test_what_went_wrong_has_a_table_and_what_was_recorded_another() -> None:
    bad, good = tables(run_markdown(world.mixed_report()))

    assert [row[0] for row in bad] == ["entry", "sales-nl", "sales-be", "sales-pt", "former"]
    assert {len(row) for row in bad} == {4}
    assert [row[:2] for row in good[1:]] == [
        ["support-eu", "created"],
        ["support-us", "created"],
        ["sales-uk", "adopted"],
        ["sales-de", "recovered"],
    ]


def test_an_unresolved_entry_names_its_candidates_and_commands() -> None:
    bad, _ = tables(run_markdown(world.mixed_report(), options=["-s", "b c"]))

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
    assert "Declined: nothing was done." in run_markdown(world.report(declined=True))
