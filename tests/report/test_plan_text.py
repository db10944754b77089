import time

from reconciler.plan import Keep, Plan
from reconciler.report.plan_text import plan_text
from tests.report import samples as world


def test_a_plan_of_many_keeps_is_one_line() -> None:
    keeps = tuple(Keep(f"k{i}", world.recorded(i + 1, f"k{i}")) for i in range(10_000))
    plan = Plan(keeps, world.LINEAGE, 1, refreshed=False)
    started = time.perf_counter()

    text = plan_text(plan, color=True, width=80)

    assert len(text.splitlines()) == 1
    assert time.perf_counter() - started < 1  # about 5 ms; a second allows for any machine


def test_fifty_creates_are_listed_and_the_others_counted() -> None:
    lines = plan_text(world.big_plan(1000), color=False, width=80).splitlines()

    assert lines[0].startswith("1000 new billed instances to create")
    assert sum("+ create" in line for line in lines) == 50
    assert lines[-1] == "    ... and 950 more to create (-o json shows all)"


def test_each_way_in_which_a_parameter_differs_is_told_apart() -> None:
    lines = plan_text(world.mixed_plan(), color=False, width=0).splitlines()

    assert "    ~ delaySendMessagesMilliseconds: 500 -> 1000" in lines
    assert '    + outgoingWebhook: "yes"' in lines
    assert '    - stateWebhook: "yes"' in lines
    assert "    ~ webhookUrlToken: (secret) differs" in lines
