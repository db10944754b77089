"""JUnit XML, which every CI server can show: one test case for each entry of the manifest."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from reconciler.manifest.problems import Problem, Severity
from reconciler.plan import (
    Changed,
    Create,
    Delete,
    Drifted,
    Gone,
    Keep,
    Missing,
    Orphan,
    Rename,
    Update,
)
from reconciler.report.failure import Failure, failure_headline
from reconciler.report.outcomes import result_rows
from reconciler.report.rows import Row, plan_rows
from reconciler.report.words import NO_CALL, Call, printable
from reconciler.results import Report


@dataclass(frozen=True, slots=True)
class JUnitCase:
    """One test case: *failure* is what went wrong, None when it passed; *text* is its output."""

    suite: str
    name: str
    kind: str = ""
    failure: str | None = None
    text: str = ""


def junit(run: Report | Failure, *, call: Call = NO_CALL) -> str:
    """Return what *run* did, or why it ended early.

    Recorded entries pass; what was rejected, not sent, or is unresolved fails, and so does every
    manifest error, and a run that ended early.
    """
    cases: list[JUnitCase] = []
    if isinstance(run, Failure):
        cases += [_problem(problem) for problem in run.problems]
        kind = f"exit code {run.exit_code}"
        cases.append(JUnitCase("run", "reconciler", kind, failure_headline(run), run.message))
    else:
        cases += _entries(run, call)
    failures = sum(case.failure is not None for case in cases)
    totals = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0"'
    about = f'name="reconciler" {totals} time="{run.seconds:.3f}"'
    if isinstance(run, Report):
        # JUnit's schema wants a local time: the zone is dropped, the time stays UTC
        about += f' timestamp="{_attribute(run.started.removesuffix("Z"))}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {totals}>"]
    lines += [f"  <testsuite {about}>", *(line for case in cases for line in _xml(case))]
    return "\n".join([*lines, "  </testsuite>", "</testsuites>"]) + "\n"


def _entries(report: Report, call: Call) -> Iterable[JUnitCase]:
    rows = result_rows(report.results, call)
    told = {result.key: row for result, row in zip(report.results, rows, strict=True)}
    for action, row in zip(report.plan.actions, plan_rows(report.plan.actions), strict=True):
        if (result := told.pop(action.key, None)) is not None:
            yield _case(action.key, result, fails=result.failed)
        elif isinstance(action, Create | Update):
            why = "declined" if report.declined else report.stopped or "not tried"
            yield JUnitCase("instances", action.key, "not sent", why)
        elif not isinstance(action, Orphan | Delete):  # no entry of the manifest
            observed = isinstance(
                action, Keep | Changed | Drifted | Gone | Missing | Rename | Update
            )
            yield _case(action.key, row, fails=not observed)
    for key, row in told.items():
        yield _case(key, row, fails=row.failed)


def _case(key: str, row: Row, *, fails: bool) -> JUnitCase:
    """Return *row* as a case; it can have been recorded and yet need somebody's eyes."""
    below = [" ".join([detail.text, " -> ".join(detail.values)]) for detail in row.details]
    commands = [text for way in row.ways for text in way.commands]
    text = "\n".join(line.strip() for line in [*below, *row.seen, *commands])
    if fails:
        return JUnitCase("instances", key, row.kind.title, row.note, text)
    said = f"{row.kind.title}: {row.note}" if row.note else row.kind.title
    return JUnitCase("instances", key, text="\n".join(filter(None, [said, text])))


def _problem(problem: Problem) -> JUnitCase:
    subject = f"{problem.subject}: " if problem.subject else ""
    message = f"{problem.place}: {subject}{problem.message}"
    name = f"{problem.place} {problem.rule}"
    hint = f"hint: {problem.hint}" if problem.hint else ""
    if problem.severity is not Severity.ERROR:
        text = "\n".join(filter(None, [f"warning: {message}", hint]))
        return JUnitCase("manifest", name, text=text)
    return JUnitCase("manifest", name, problem.rule, message, hint)


def _xml(case: JUnitCase) -> Iterable[str]:
    about = f'classname="{case.suite}" name="{_attribute(case.name)}"'
    text = "\n".join(escape(printable(line)) for line in case.text.splitlines())
    yield f"    <testcase {about}>"
    if case.failure is not None:
        kind, message = _attribute(case.kind), _attribute(case.failure)
        yield f'      <failure type="{kind}" message="{message}">{text}</failure>'
    elif text:
        yield f"      <system-out>{text}</system-out>"
    yield "    </testcase>"


def _attribute(text: str) -> str:
    return escape(printable(text))
