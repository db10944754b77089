import pytest

from reconciler.errors import StateLocked
from reconciler.manifest.problems import InvalidManifest
from reconciler.model import Created
from reconciler.plan import Conflict, Plan
from reconciler.report.failure import Failure
from reconciler.report.json import (
    adopt_json,
    failure_json,
    init_json,
    plan_json,
    problems_json,
    resolve_json,
    run_json,
    state_json,
)
from reconciler.report.status import Status, status_of
from reconciler.report.status_json import status_json
from reconciler.results import PlanRefused, Report, Result
from reconciler.secrets import Secret
from reconciler.state.model import State
from tests.report import samples as world
from tests.report.golden import PROBLEMS
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


SCHEMAS = {
    "validate": "validate",
    "plan": "plan",
    "apply": "report",
    "status": "status",
    "adopt": "adopt",
    "resolve": "resolve",
    "export": "export-summary",
    "init": "init",
    "state": "state-change",
}


@pytest.mark.parametrize("command", SCHEMAS)
def test_a_command_that_failed_answers_in_its_own_format(command: str) -> None:
    failure = Failure.of(StateLocked("another run holds the state", hint="wait"))

    document = checked(failure_json(failure, command=command), SCHEMAS[command])

    assert document["error"] == {
        "code": 7,
        "message": "another run holds the state",
        "hint": "wait",
    }


@pytest.mark.parametrize("command", ["apply", "adopt"])
def test_what_a_guard_saw_is_there_as_data(command: str) -> None:
    conflicts = world.mixed_plan().of(Conflict)
    failure = Failure.of(PlanRefused("2 names are taken", hint="adopt", actions=conflicts))

    document = checked(failure_json(failure, command=command), SCHEMAS[command])

    assert [row["key"] for row in document["conflicts"]] == ["sales-uk", "sales-pt"]
    assert [row["idInstance"] for row in document["conflicts"][1]["candidates"]] == [
        1101728006,
        1101728007,
    ]


@pytest.mark.parametrize("command", ["plan", "apply", "adopt", "resolve", "state"])
def test_the_problems_of_a_manifest_come_with_the_error(command: str) -> None:
    document = checked(
        failure_json(Failure.of(InvalidManifest(PROBLEMS)), command=command), SCHEMAS[command]
    )

    assert document["error"]["code"] == 3
    assert [row["line"] for row in document["problems"]] == [3, 4]


@pytest.mark.parametrize(("code", "certain"), [(3, True), (9, True), (8, False)])
def test_a_failed_apply_says_that_nothing_was_bought_where_that_is_certain(
    code: int, certain: bool
) -> None:
    document = checked(failure_json(Failure(code, "x"), command="apply", run_id="ab"), "report")

    assert (document.get("counts", {}).get("created") == 0) is certain


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (world.mixed_report(), 6),
        (world.report(world.FATES[4], world.FATES[5]), 5),
        (world.report(token_refused=True), 10),
        (world.quiet_report(), None),
        (world.report(declined=True), None),
    ],
    ids=["unknown", "rejected and not sent", "token", "done", "declined"],
)
def test_a_report_has_an_error_where_something_is_left_to_do(
    report: Report, code: int | None
) -> None:
    document = checked(run_json(report), "report")

    assert document.get("error", {}).get("code") == code


def test_an_invalid_manifest_is_an_error_and_a_valid_one_none() -> None:
    assert checked(problems_json(PROBLEMS), "validate")["error"]["message"] == (
        "the manifest has 1 error"
    )
    assert "error" not in checked(problems_json(PROBLEMS[1:]), "validate")


def test_each_command_answers_in_its_format() -> None:
    made = [Result("a", "a", Created(1, Secret(world.TOKEN)))]

    assert checked(adopt_json(made), "adopt")["counts"] == {"adopted": 1}
    assert checked(resolve_json("a", id_instance=None), "resolve")["outcome"] == "not_created"
    assert checked(init_json(["a"], ["b"]), "init")["kept"] == ["b"]
    assert checked(state_json("seal", "s.json", sealed=2), "state-change")["sealed"] == 2


def test_an_adoption_that_is_unclear_says_what_was_adopted_all_the_same() -> None:
    made = [Result("a", "a", Created(1, Secret(world.TOKEN)))]
    conflicts = world.mixed_plan().of(Conflict)
    refused = PlanRefused("not adopted", hint="choose", actions=conflicts, results=tuple(made))

    document = checked(failure_json(Failure.of(refused), command="adopt"), "adopt")

    assert document["counts"] == {"adopted": 1}
    assert len(document["conflicts"]) == 2
