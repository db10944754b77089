import time
from collections.abc import Mapping

import pytest

from reconciler.model import (
    Created,
    NotSent,
    Outcome,
    Rejected,
    Unknown,
)
from reconciler.plan import Conflict, Gone, Keep, Missing, Orphan, Plan
from reconciler.report.text import conflict_text, plan_text, run_text
from reconciler.report.words import Call
from reconciler.secrets import Secret
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


def lines(*fates: tuple[str, Outcome], width: int = 0, **changes: object) -> list[str]:
    report = world.report(*fates, plan=world.quiet_plan(), **changes)
    return run_text(report, color=False, width=width).splitlines()


def test_the_number_created_is_the_first_thing_said() -> None:
    assert lines(("a", Created(1, Secret(world.TOKEN))))[0] == "1 instance created"


def test_each_candidate_has_its_command() -> None:
    fate = Unknown("lost", world.SINCE, (world.row(11, "a"), world.row(12, "b")))

    said = [line.strip() for line in lines(("a", fate))]

    assert "11  created 2026-11-22T10:06:00" in said
    assert '12  created 2026-11-22T10:06:00  named "b"' in said
    assert "reconciler resolve a --id 11" in said
    assert "reconciler resolve a --id 12" in said
    assert "reconciler resolve a --not-created" in said


def test_a_thousand_failures_are_grouped_by_their_reasons() -> None:
    fates: list[tuple[str, Outcome]] = [
        (f"desk-{i}", NotSent("name not known" if i % 10 else "connection refused"))
        for i in range(1000)
    ]

    said = lines(*fates)

    assert "  x not sent    100 entries  connection refused" in said
    assert "  x not sent    900 entries  name not known" in said
    assert len(said) < 12


def test_a_thousand_creates_are_abbreviated() -> None:
    said = lines(*((f"desk-{i}", Created(i, Secret(world.TOKEN))) for i in range(1000)))

    assert "    ... and 950 more created (reconciler status lists them)" in said


def test_a_refused_token_is_said_once_and_not_blamed_on_the_entries() -> None:
    said = lines(("a", Rejected(401, "Unauthorized")), token_refused=True)

    assert "The partner API refused the token: check it, then run again." in said
    assert not [line for line in said if line.startswith("Rejected")]


def text(*conflicts: Conflict, owners: Mapping[int, str] | None = None) -> list[str]:
    said = conflict_text(
        conflicts,
        owners or {},
        color=False,
        width=0,
        call=Call(options=("-s", "x")),
    )
    return said.splitlines()


def conflict(key: str, *ids: int) -> Conflict:
    return Conflict(world.desired(key), tuple(world.row(number, key) for number in ids))


def test_a_candidate_that_is_recorded_is_said_to_be_and_not_offered() -> None:
    lines = text(conflict("a", 1, 2), owners={1: "b"})

    assert "        1  created 2026-11-22T10:06:00  recorded as b" in lines
    assert "  reconciler adopt a -s x" in lines


def test_a_single_candidate_can_be_adopted_by_its_key() -> None:
    lines = text(conflict("a", 1))

    assert "        1  created 2026-11-22T10:06:00" in lines
    assert "  reconciler adopt a -s x" in lines


def test_many_single_candidates_can_be_adopted_at_once() -> None:
    lines = text(*(conflict(f"k{number}", number) for number in range(1, 9)))

    assert "  reconciler adopt --all -s x" in lines


def test_of_several_candidates_a_person_chooses() -> None:
    lines = text(conflict("a", 1, 2))

    assert "  reconciler adopt a --id ID -s x" in lines
    assert "  reconciler adopt a -s x" not in lines


def test_a_candidate_that_another_entry_records_is_not_offered() -> None:
    recorded = Keep("b", world.recorded(1, "a"))
    plan = Plan((conflict("a", 1), recorded), world.LINEAGE, 1, refreshed=True)

    lines = plan_text(plan, color=False, width=0).splitlines()

    assert "        1  created 2026-11-22T10:06:00  recorded as b" in lines
    assert not [line for line in lines if "adopt" in line]


def test_a_name_held_by_an_unresolved_create_is_told() -> None:
    lines = text(Conflict(world.desired("a"), (), held_by="b"))

    assert "  ! conflict    a  the unresolved create of b has its name" in lines
    assert not [line for line in lines if "adopt" in line]


def test_without_a_state_a_plan_says_where_to_look() -> None:
    call = Call(world.API, "s.json", ("-s", "s.json"))

    said = plan_text(world.big_plan(1), color=False, width=0, call=call).splitlines()

    assert said[-2].startswith("There is no state yet at s.json. If instances exist already, ")
    assert said[-1] == "  reconciler plan --refresh -s s.json"
    assert "no state" not in plan_text(world.quiet_plan(), color=False, width=0, call=call)


def test_a_plan_and_a_report_name_account_and_state() -> None:
    call = Call(world.API, "s.json")

    plan = plan_text(world.quiet_plan(), color=False, width=0, call=call)
    run = run_text(world.quiet_report(), color=False, width=0, call=call)

    assert f"at {world.API}, state s.json" in plan.splitlines()
    assert f"at {world.API}, state s.json" in run.splitlines()


def test_that_no_instance_is_free_is_told_as_temporary() -> None:
    said = lines(("a", Rejected(100, "no free instances")))

    assert "Code 100: the API has no free instance just now. Run again later." in said
    assert not [line for line in said if "Correct" in line]


def test_after_creating_the_next_step_is_told_and_otherwise_not() -> None:
    assert "  reconciler export" in lines(("a", Created(1, Secret(world.TOKEN))))
    assert "  reconciler export" not in lines(("a", NotSent("offline")))


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        (Missing, "  reconciler plan --refresh"),
        (Gone, "  reconciler plan"),
        (Orphan, "  reconciler plan"),
    ],
)
def test_what_was_left_alone_is_promised_where_it_is_shown(
    kind: type[Gone | Missing | Orphan], command: str
) -> None:
    plan = Plan((kind("a", world.recorded(1, "a")),), world.LINEAGE, 1, refreshed=True)

    said = run_text(world.report(plan=plan), color=False, width=0).splitlines()

    assert said[-1] == command
