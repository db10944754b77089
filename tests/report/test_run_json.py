import pytest

from reconciler.report.run_json import run_json
from reconciler.results import Report
from tests.report import samples as world
from tests.report.schemas import checked


@pytest.mark.parametrize(
    "report",
    [
        world.mixed_report(),
        world.quiet_report(),
        world.report(declined=True),
        world.report(stopped="stopped by SIGINT", signal=2),
    ],
    ids=["mixed", "quiet", "declined", "stopped"],
)
def test_a_report_is_what_its_schema_describes(report: Report) -> None:
    document = checked(run_json(report), "report")

    assert document["exitCode"] == report.exit_code
    assert [row["key"] for row in document["results"]] == [r.key for r in report.results]


def test_what_was_created_is_counted_first_and_failures_are_summed() -> None:
    counts = checked(run_json(world.mixed_report()), "report")["counts"]

    assert next(iter(counts.items())) == ("created", 2)
    assert counts["failed"] == counts["rejected"] + counts["not_sent"] == 2


def test_what_the_run_left_alone_is_listed_and_what_it_kept_is_not() -> None:
    document = checked(run_json(world.mixed_report()), "report")

    assert document["planned"]["keep"] == 1
    assert {row["action"] for row in document["actions"]} >= {"changed", "gone", "orphan"}
    assert "keep" not in {row["action"] for row in document["actions"]}
