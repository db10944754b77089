"""Read back by the official parser."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from reconciler.model import Created
from reconciler.report.failure import Failure
from reconciler.report.metrics import GAUGES, metrics_text
from reconciler.secrets import Secret
from tests.report import samples as world


def values(text: str) -> dict[str, float]:
    families = list(text_string_to_metric_families(text))
    assert all(family.type == "gauge" and family.documentation for family in families)
    return {
        sample.name.removeprefix("reconciler_"): sample.value
        for family in families
        for sample in family.samples
    }


def test_a_successful_run_tells_all() -> None:
    report = world.report(("a", Created(1, Secret(world.TOKEN))), wanted=3, recorded=3, seconds=2.5)

    assert values(metrics_text(report, previous=None, now=1000.5)) == {
        "last_run_timestamp_seconds": 1000.5,
        "last_success_timestamp_seconds": 1000.5,
        "wanted_instances": 3,
        "recorded_instances": 3,
        "created_instances": 1,
        "renamed_instances": 0,
        "updated_instances": 0,
        "deleted_instances": 0,
        "not_confirmed_instances": 0,
        "failed_instances": 0,
        "unresolved_instances": 0,
        "pending_age_seconds": 0,
        "changed_instances": 1,
        "drifted_instances": 0,
        "gone_instances": 1,
        "missing_instances": 0,
        "orphan_instances": 1,
        "run_seconds": 2.5,
        "exit_code": 0,
    }


def test_a_failed_run_keeps_the_time_of_the_last_success() -> None:
    before = metrics_text(world.quiet_report(), previous=None, now=1000)

    found = values(metrics_text(world.mixed_report(), previous=before, now=2000))

    assert found["last_success_timestamp_seconds"] == 1000
    assert found["last_run_timestamp_seconds"] == 2000
    assert found["exit_code"] == 6
    assert found["failed_instances"] == 2


def test_a_first_run_that_fails_knows_of_no_success() -> None:
    found = values(metrics_text(world.mixed_report(), previous=None, now=2000))

    assert "last_success_timestamp_seconds" not in found


def test_a_declined_question_is_no_success() -> None:
    found = values(metrics_text(world.report(declined=True), previous=None, now=2000))

    assert "last_success_timestamp_seconds" not in found


@pytest.mark.parametrize(("code", "certain"), [(3, True), (7, True), (8, False), (1, False)])
def test_a_run_that_ended_early_leaves_what_it_did_not_learn(code: int, certain: bool) -> None:
    before = metrics_text(world.mixed_report(), previous=None, now=1000)

    found = values(metrics_text(Failure(code, "x", 0.1), previous=before, now=2000))

    assert found["wanted_instances"] == 10
    assert found["recorded_instances"] == 7
    assert found["unresolved_instances"] == 2
    assert (found.get("created_instances") == 0) is certain
    assert ("created_instances" in found) is certain


@given(st.text() | st.text(alphabet='{}"#\n\\=, 1e.naif+-_TYPEHLgu'))
def test_a_damaged_file_is_replaced(previous: str) -> None:
    text = metrics_text(world.quiet_report(), previous=previous, now=5)

    assert text == metrics_text(world.quiet_report(), previous=None, now=5)


def test_the_age_of_what_is_unresolved_is_told() -> None:
    now = datetime.fromisoformat(world.SINCE).timestamp() + 600

    found = values(metrics_text(world.mixed_report(), previous=None, now=now))

    assert found["pending_age_seconds"] == 600


def test_what_only_the_account_can_tell_is_kept_when_nobody_asked_it() -> None:
    before = metrics_text(world.mixed_report(), previous=None, now=1000)

    known = values(metrics_text(world.quiet_report(), previous=before, now=2000))
    unknown = values(metrics_text(world.quiet_report(), previous=None, now=2000))

    assert known["missing_instances"] == 0
    assert "missing_instances" not in unknown
    assert unknown["gone_instances"] == 0


def test_every_gauge_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")

    assert [name for name in GAUGES if f"`{name}`" not in page] == []
