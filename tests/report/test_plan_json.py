import pytest

from reconciler.plan import Plan
from reconciler.report.plan_json import plan_json
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
