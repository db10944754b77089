from dataclasses import replace

import pytest

from reconciler.report.summary import plan_headline, run_headline
from tests.report import samples as world


@pytest.mark.parametrize(
    ("number", "start"),
    [
        (0, "0 new billed instances: nothing to create, "),
        (1, "1 new billed instance to create, "),
        (2, "2 new billed instances to create, "),
    ],
)
def test_a_plan_begins_with_what_will_be_billed(number: int, start: str) -> None:
    assert plan_headline(world.big_plan(number)).startswith(start)


def test_a_run_with_nothing_to_do_says_so() -> None:
    assert run_headline(world.quiet_report()) == "0 instances created: nothing to create"


def test_a_run_that_only_found_tokens_says_so() -> None:
    report = replace(world.quiet_report(), tokens_found=1)

    assert run_headline(report) == "0 instances created: nothing to create, 1 token found"
