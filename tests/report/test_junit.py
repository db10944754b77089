"""Read back by junitparser, as CI servers do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Failure as Failed
from junitparser import JUnitXml, TestCase, TestSuite

from reconciler.manifest.problems import Problem, Severity
from reconciler.model import Place, Rejected
from reconciler.report.failure import Failure
from reconciler.report.junit import junit
from reconciler.report.words import Call
from tests.report import samples as world


def cases(text: str) -> dict[str, TestCase]:
    (suite,) = JUnitXml.fromstring(text.encode())
    assert isinstance(suite, TestSuite)
    assert suite.tests == len(list(suite))
    assert suite.failures == sum(bool(case.result) for case in suite)
    return {case.name: case for case in suite}


def test_each_entry_of_the_manifest_is_a_case_and_what_is_not_recorded_fails() -> None:
    found = cases(junit(world.mixed_report()))

    assert {name for name, case in found.items() if case.result} == {
        "sales-nl",
        "sales-be",
        "sales-pt",
        "former",
    }
    assert {name for name, case in found.items() if not case.result} == {
        "support-eu",
        "support-us",
        "sales-uk",
        "sales-de",
        "sales-fr",
        "sales-it",
        "sales-es",
        "sales-at",
    }


def test_a_failure_says_why_and_what_to_do() -> None:
    (failure,) = cases(
        junit(
            world.mixed_report(),
            call=Call(options=("-s", "x")),
        )
    )["sales-pt"].result

    assert isinstance(failure, Failed)
    assert failure.type == "unresolved"
    assert "reconciler resolve sales-pt --id 1101728006 -s x" in str(failure.text)


def test_creates_that_nobody_tried_fail() -> None:
    found = cases(junit(world.report(stopped="stopped by SIGTERM", signal=15)))

    assert found["support-eu"].result[0].message == "stopped by SIGTERM"
    assert found["sales-uk"].result[0].type == "conflict"
    assert found["sales-de"].result[0].type == "unresolved"


def test_a_run_that_ended_early_is_a_failed_case() -> None:
    found = cases(junit(Failure(7, "another run holds the state", 0.1)))

    assert found["reconciler"].result[0].type == "exit code 7"


@pytest.mark.parametrize(("severity", "fails"), [(Severity.ERROR, True), (Severity.WARNING, False)])
def test_an_error_of_the_manifest_fails_and_a_warning_does_not(
    severity: Severity, fails: bool
) -> None:
    problem = Problem(Place("a.yaml", 3, 5), severity, "b", "is <bad>", "do", "enum")

    found = cases(junit(Failure(3, "an error", 0.1, problems=(problem,))))

    assert bool(found["a.yaml:3:5 enum"].result) is fails


@given(st.text(), st.text())
def test_any_text_of_the_api_makes_a_document_that_can_be_read(key: str, text: str) -> None:
    xml = junit(world.report((key, Rejected(1, text)), plan=world.quiet_plan()))

    assert len(cases(xml)) == 2
