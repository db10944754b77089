"""Every surface of the sample world, as it is kept in tests/data/report.

`python -m tests.report.golden` writes the files anew; read the diff before you commit it.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from reconciler.manifest.problems import Problem, Severity
from reconciler.model import NotSent, Place
from reconciler.plan import Conflict
from reconciler.report.ci import (
    annotations,
    output_lines,
    plan_outputs,
    run_outputs,
    section_end,
    section_start,
)
from reconciler.report.failure import Failure, failure_text
from reconciler.report.json import plan_json, run_json
from reconciler.report.junit import junit
from reconciler.report.markdown import plan_markdown, run_markdown
from reconciler.report.metrics import metrics_text
from reconciler.report.rows import owners_in
from reconciler.report.status import status_of
from reconciler.report.status_json import status_json
from reconciler.report.status_text import status_text
from reconciler.report.text import conflict_text, plan_text, run_text
from reconciler.report.words import Call
from tests.report import samples as world

FOLDER = Path(__file__).parent.parent / "data" / "report"
CALL = Call(world.API, "prod state.json", ("-s", "prod state.json"))
PROBLEMS = (
    Problem(Place("a.yaml", 3, 5), Severity.ERROR, "b.stateWebhook", "is <bad>", "yes", "enum"),
    Problem(Place("a.yaml", 4, 5), Severity.WARNING, "", "is odd", None, "advice"),
)
FAILURE = Failure(9, "the plan is stale; nothing was sent\nmake a new plan", 0.5)
INVALID = Failure(3, "the manifest has 1 error; nothing was tried", 0.5, None, (), PROBLEMS)


def _plan(color: bool = False, width: int = 80) -> str:
    plan = world.mixed_plan()
    return plan_text(plan, color=color, width=width, call=CALL)


def _run(color: bool = False, width: int = 80) -> str:
    return run_text(world.mixed_report(), color=color, width=width, call=CALL)


def _status(width: int, *, refreshed: bool = True) -> str:
    account = world.SEALED_ACCOUNT if refreshed else None
    return status_text(status_of(world.sealed_state(), account), color=False, width=width)


def _conflicts() -> str:
    plan = world.mixed_plan()
    return conflict_text(plan.of(Conflict), owners_in(plan), color=False, width=80, call=CALL)


def _offline() -> str:
    fates = [(f"desk-{number:04}", NotSent("connection refused")) for number in range(60)]
    plan = world.big_plan(60)
    return run_text(
        world.report(*fates, plan=plan, wanted=60, recorded=0, stopped="connection refused"),
        color=False,
        width=80,
    )


SURFACES: Mapping[str, Callable[[], str]] = {
    "conflicts.txt": _conflicts,
    "failure.txt": lambda: failure_text(FAILURE),
    "failure.junit.xml": lambda: junit(INVALID),
    "failure.prom": lambda: metrics_text(
        FAILURE,
        previous=metrics_text(world.quiet_report(), previous=None, now=1795000000),
        now=1795000600,
    ),
    "gitlab.txt": lambda: "\n".join(
        [section_start("the run", "Log", at=1), section_end("the run", at=2), ""]
    ),
    "plan.color.txt": lambda: _plan(color=True),
    "plan.40.txt": lambda: _plan(width=40),
    "plan.80.txt": _plan,
    "plan.big.txt": lambda: plan_text(world.big_plan(1000), color=False, width=80),
    "plan.quiet.txt": lambda: plan_text(world.quiet_plan(), color=False, width=80),
    "plan.live.txt": lambda: plan_text(world.live_plan(), color=False, width=80, call=CALL),
    "plan.update.txt": lambda: plan_text(world.update_plan(), color=False, width=80, call=CALL),
    "plan.update.json": lambda: plan_json(world.update_plan(), checksum=world.CHECKSUM),
    "plan.update.md": lambda: plan_markdown(world.update_plan(), checksum=world.CHECKSUM),
    "run.update.txt": lambda: run_text(world.update_report(), color=False, width=80, call=CALL),
    "run.update.json": lambda: run_json(world.update_report()),
    "run.update.md": lambda: run_markdown(world.update_report(), call=CALL),
    "plan.json": lambda: plan_json(world.mixed_plan(), checksum=world.CHECKSUM),
    "plan.md": lambda: plan_markdown(world.mixed_plan(), checksum=world.CHECKSUM),
    "plan.big.md": lambda: plan_markdown(world.big_plan(300), checksum=world.CHECKSUM),
    "plan.outputs.txt": lambda: output_lines(
        plan_outputs(world.mixed_plan(), checksum=world.CHECKSUM, now=1795000000)
    ),
    "run.color.txt": lambda: _run(color=True),
    "run.40.txt": lambda: _run(width=40),
    "run.80.txt": _run,
    "run.0.txt": lambda: _run(width=0),
    "run.offline.txt": _offline,
    "run.quiet.txt": lambda: run_text(world.quiet_report(), color=False, width=80),
    "run.declined.txt": lambda: run_text(world.report(declined=True), color=False, width=80),
    "run.json": lambda: run_json(world.mixed_report()),
    "run.md": lambda: run_markdown(world.mixed_report(), call=CALL),
    "run.junit.xml": lambda: junit(world.mixed_report(), call=CALL),
    "run.prom": lambda: metrics_text(world.mixed_report(), previous=None, now=1795000000),
    "run.annotations.txt": lambda: "\n".join([*annotations(world.mixed_report()), ""]),
    "run.outputs.txt": lambda: output_lines(run_outputs(world.mixed_report(), now=1795000000)),
    "status.40.txt": lambda: _status(40),
    "status.120.txt": lambda: _status(120),
    "status.offline.txt": lambda: _status(0, refreshed=False),
    "status.json": lambda: status_json(status_of(world.sealed_state(), world.SEALED_ACCOUNT)),
}


def main() -> None:
    """Write every file anew."""
    for name, render in SURFACES.items():
        (FOLDER / name).write_text(render(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
