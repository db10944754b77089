import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import UsageError
from reconciler.plan import Create, Delete, Rename, Update
from reconciler.report.json import plan_json
from reconciler.report.planfile import SavedPlan, read_plan
from tests.report import samples as world

TEXT = plan_json(world.mixed_plan(), checksum=world.CHECKSUM)


def changed(**members: Any) -> str:
    return json.dumps(json.loads(TEXT) | members)


def test_a_saved_plan_is_read_back() -> None:
    saved = read_plan(TEXT, source="plan.json")

    assert saved == SavedPlan(
        world.CHECKSUM,
        {
            Create: ("support-eu", "support-us"),
            Rename: ("sales-at",),
            Update: (),
            Delete: (),
        },
    )


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert read_plan("\ufeff" + TEXT, source="plan.json") == read_plan(TEXT, source="plan.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p.json:1:1: not a saved plan: not JSON"),
        ("{\n  oops", "p.json:2:3: not a saved plan: not JSON"),
        ("[" * 100_000, "p.json: not a saved plan: not JSON"),
        ("1" * 5000, "p.json: not a saved plan: not JSON"),
        ("[]", "p.json: not a saved plan"),
        ("{}", "p.json: not a saved plan"),
        (
            '{"format": "reconciler.state/1"}',
            'p.json: not a saved plan: its format is "reconciler.state/1"',
        ),
        (
            '{"format": "reconciler.plan/2"}',
            'p.json: a plan in the format "reconciler.plan/2", but this program reads'
            " reconciler.plan/1",
        ),
        (
            changed(checksum=None),
            "p.json: this plan was made without some of the manifest's values, so nothing binds to"
            " it",
        ),
        (changed(checksum=[]), "p.json: a damaged plan: checksum is missing or is no string"),
        (changed(actions={}), "p.json: a damaged plan: actions is missing or is no array"),
        (changed(actions=[1]), "p.json: a damaged plan: actions must hold objects"),
        (
            changed(actions=[{"action": "create"}]),
            "p.json: a damaged plan: key is missing or is no string",
        ),
        (
            changed(actions=[{"action": "create", "key": "a"}] * 2),
            "p.json: a damaged plan: an entry has the action create twice",
        ),
    ],
)
def test_what_is_no_plan_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_plan(text, source="p.json")

    assert refused.value.message == message
    assert refused.value.hint == "save one with: reconciler plan --out plan.json"


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_any_other_text_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        read_plan(text, source="p.json")
