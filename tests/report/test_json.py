import pytest

from reconciler.plan import Plan
from reconciler.report.json import plan_json, run_json, status_json
from reconciler.report.status import Status, status_of
from reconciler.results import Report
from reconciler.state.model import State
from tests.report import samples as world
from tests.report.schemas import checked


@pytest.mark.parametrize(
    "plan",
    [world.mixed_plan(), world.quiet_plan(), world.big_plan(3), Plan((), "", 0, refreshed=False)],
    ids=["mixed", "quiet", "new", "empty"],
)
def test_a_plan_is_what_its_schema_describes(plan: Plan) -> None:
    document = checked(plan_json(plan, checksum=world.CHECKSUM), "plan")

    assert [row["key"] for row in document["actions"]] == [a.key for a in plan.actions]


def test_creates_are_counted_first() -> None:
    document = checked(plan_json(world.mixed_plan(), checksum=world.CHECKSUM), "plan")

    assert next(iter(document["counts"].items())) == ("create", 2)


def test_a_secret_value_is_told_from_a_string() -> None:
    document = checked(plan_json(world.mixed_plan(), checksum=world.CHECKSUM), "plan")
    (create,) = (row for row in document["actions"] if row["key"] == "support-us")

    assert create["parameters"]["webhookUrlToken"] == {"secret": True}
    assert create["parameters"]["webhookUrl"] == "https://a.example/"


def test_each_action_has_a_line_of_its_own() -> None:
    text = plan_json(world.big_plan(100), checksum=world.CHECKSUM)

    assert sum('"action": "create"' in line for line in text.splitlines()) == 100


def test_the_schema_refuses_an_action_of_an_unknown_kind() -> None:
    import jsonschema

    text = plan_json(world.mixed_plan(), checksum=world.CHECKSUM)

    with pytest.raises(jsonschema.ValidationError):
        checked(text.replace('"action": "keep"', '"action": "destroy"'), "plan")


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


@pytest.mark.parametrize(
    "status",
    [
        status_of(world.sealed_state(), world.SEALED_ACCOUNT),
        status_of(world.sealed_state()),
        status_of(State("")),
    ],
    ids=["refreshed", "offline", "empty"],
)
def test_a_status_is_what_its_schema_describes(status: Status) -> None:
    document = checked(status_json(status), "status")

    assert [row["key"] for row in document["instances"]] == [row.key for row in status.rows]
    assert document["counts"]["recorded"] == len(status.rows)
