"""JUnit XML, which every CI server can show: one test case for each entry of the manifest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import assert_never

from reconciler.manifest.problems import Problem, Severity
from reconciler.model import Adopted, Created, NotSent, Recovered, Rejected, Unknown
from reconciler.plan import Action, Changed, Conflict, Create, Gone, Keep, Orphan, Unresolved
from reconciler.report.failure import Failure, failure_headline
from reconciler.report.plan_text import note
from reconciler.report.printable import printable
from reconciler.report.remedies import candidate, command
from reconciler.report.run_text import reason
from reconciler.results import Report, Result


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case: *failure* is what went wrong, None when it passed; *text* is its output."""

    suite: str
    name: str
    kind: str = ""
    failure: str | None = None
    text: str = ""


def junit(
    run: Report | Failure, *, problems: Sequence[Problem] = (), options: Sequence[str] = ()
) -> str:
    """Return what *run* did and what the manifest's *problems* are.

    Recorded entries pass; what was rejected, not sent, or is unresolved fails, and so does every
    manifest error, and a run that ended early. *options* are repeated in the commands.
    """
    cases = [_problem(problem) for problem in problems]
    if isinstance(run, Failure):
        kind = f"exit code {run.exit_code}"
        cases.append(_Case("run", "reconciler", kind, failure_headline(run), run.message))
    else:
        cases += _entries(run, options)
    failures = sum(case.failure is not None for case in cases)
    totals = f'tests="{len(cases)}" failures="{failures}" errors="0" skipped="0"'
    about = f'name="reconciler" {totals} time="{run.seconds:.3f}"'
    if isinstance(run, Report):
        # JUnit's schema wants a local time: the zone is dropped, the time stays UTC
        about += f' timestamp="{_attribute(run.started.removesuffix("Z"))}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {totals}>"]
    lines += [f"  <testsuite {about}>", *(line for case in cases for line in _xml(case))]
    return "\n".join([*lines, "  </testsuite>", "</testsuites>"]) + "\n"


def _entries(report: Report, options: Sequence[str]) -> Iterable[_Case]:
    results = {result.key: result for result in report.results}
    for action in report.plan.actions:
        if (result := results.pop(action.key, None)) is not None:
            yield _result(result, options)
        elif not isinstance(action, Orphan):  # no entry of the manifest
            yield _untouched(action, report)
    for result in results.values():
        yield _result(result, options)


def _result(result: Result, options: Sequence[str]) -> _Case:
    outcome = result.outcome.word.replace("_", " ")
    match result.outcome:
        case Created(number) | Recovered(number) | Adopted(number):
            return _Case("instances", result.key, text=f"{outcome}: {number}")
        case Rejected() | NotSent():
            return _Case("instances", result.key, outcome, reason(result.outcome))
        case Unknown(_, since, candidates):
            ids = [str(row.id_instance) for row in candidates] or ["ID"]
            lines = [f"announced {since}", *(candidate(row, result.name) for row in candidates)]
            lines += [
                command("resolve", result.key, "--id", number, options=options) for number in ids
            ]
            lines.append(command("resolve", result.key, "--not-created", options=options))
            text = "\n".join(lines)
            return _Case("instances", result.key, outcome, reason(result.outcome), text)
        case _:
            assert_never(result.outcome)


def _untouched(action: Action, report: Report) -> _Case:
    match action:
        case Create():
            why = "declined" if report.declined else report.stopped or "not tried"
            return _Case("instances", action.key, "not sent", why)
        case Conflict():
            return _Case("instances", action.key, "conflict", "its name is taken in the account")
        case Unresolved():
            return _Case("instances", action.key, "unresolved", note(action))
        case Changed(_, recorded, differences):
            names = ", ".join(each.parameter for each in differences)
            text = f"{recorded.id_instance} is recorded with other parameters: {names}"
            return _Case("instances", action.key, text=text)
        case Keep() | Gone() | Orphan():
            return _Case("instances", action.key, text=note(action))
        case _:
            assert_never(action)


def _problem(problem: Problem) -> _Case:
    subject = f"{problem.subject}: " if problem.subject else ""
    message = f"{problem.place}: {subject}{problem.message}"
    name = f"{problem.place} {problem.rule}"
    hint = f"hint: {problem.hint}" if problem.hint else ""
    if problem.severity is Severity.WARNING:
        return _Case("manifest", name, text="\n".join(filter(None, [f"warning: {message}", hint])))
    return _Case("manifest", name, problem.rule, message, hint)


def _xml(case: _Case) -> Iterable[str]:
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
