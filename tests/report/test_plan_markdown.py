from reconciler.report.plan_markdown import plan_markdown
from tests.report import samples as world
from tests.report.tables import shown, tables


def test_the_table_has_a_row_for_all_that_is_not_kept() -> None:
    text = plan_markdown(world.mixed_plan(), checksum=world.CHECKSUM)

    ((head, *rows),) = tables(text)
    assert head == ["action", "entry", "details"]
    assert [len(row) for row in rows] == [3] * 9
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
