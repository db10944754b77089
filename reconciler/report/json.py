"""Answers for programs, without any token. Each document names its format and its version.

Whatever ended a call, it answers: where it failed, the document has an `error`, with the exit code,
the words, and what to do, and beside it what the guard saw that stopped it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from reconciler.manifest.problems import Problem, Severity
from reconciler.model import Place, Word
from reconciler.plan import Action, Plan
from reconciler.report.failure import Failure
from reconciler.report.outcomes import result_rows
from reconciler.report.rows import Json, instance_json, plan_rows
from reconciler.report.summary import failures, plan_counts, shortfall
from reconciler.report.words import NO_CALL, Call, counted
from reconciler.results import COUNTED, Report, Result

if TYPE_CHECKING:
    from reconciler.report.export import Exported

PLAN: Final = "reconciler.plan/1"
REPORT: Final = "reconciler.report/1"
STATUS: Final = "reconciler.status/1"
INVENTORY: Final = "reconciler.inventory/1"
WAIT: Final = "reconciler.wait/1"
IMPORT: Final = "reconciler.import/1"
ROTATE: Final = "reconciler.rotate/1"
LINK: Final = "reconciler.link/1"
PROBLEMS: Final = "reconciler.problems/1"
FORMATS: Final[Mapping[str, str]] = {  # of each command that has -o json
    "validate": PROBLEMS,
    "plan": PLAN,
    "apply": REPORT,
    "status": STATUS,
    "report": INVENTORY,
    "wait": WAIT,
    "import": IMPORT,
    "rotate": ROTATE,
    "link": LINK,
    "adopt": "reconciler.adopt/1",
    "resolve": "reconciler.resolve/1",
    "export": "reconciler.export-summary/1",
    "init": "reconciler.init/1",
    "state": "reconciler.state-change/1",
}


def failure_json(failure: Failure, *, command: str, run_id: str | None = None) -> str:
    """Return the answer of *command* (`state` for all of its kind), which failed.

    A failed apply says what it bought where that is certain: nothing.
    """
    document: Json = {
        "format": FORMATS[command],
        "error": _error(failure.exit_code, failure.message, failure.hint),
    }
    if command == "apply":
        document |= {"exitCode": failure.exit_code, "seconds": round(failure.seconds, 3)}
        document |= {"runId": run_id} if run_id else {}
        if failure.bought_nothing:
            nothing = {word.value: 0 for word in COUNTED}
            document |= {"counts": {**nothing, "failed": 0}, "results": []}
    if command == "adopt":
        document |= _adopted(failure.results)
    blocked: dict[str, list[Json]] = {}
    for row in _actions(failure.actions):
        blocked.setdefault(f"{row['action']}s", []).append(row)
    if failure.candidates:
        document["candidates"] = [instance_json(row) for row in failure.candidates]
    if failure.problems:
        document["problems"] = [_problem(problem) for problem in failure.problems]
    return _text(document | blocked)


def plan_json(plan: Plan, *, checksum: str | None, call: Call = NO_CALL) -> str:
    """Return *plan* as JSON; *checksum* binds it to manifest, state and URL, and is None where
    values are not known.

    It is what `plan --out` saves, too.
    """
    return _text(
        {
            "format": PLAN,
            "counts": plan_counts(plan),
            "apiUrl": call.api_url,
            "state": call.state,
            "lineage": plan.lineage,
            "serial": plan.serial,
            "checksum": checksum,
            "refreshed": plan.refreshed,
            "actions": _actions(plan.actions),
            "notCompared": [
                {"key": each.key, "parameter": each.parameter, "reason": each.why}
                for each in plan.not_compared
            ],
            "unread": [{"key": key, "reason": reason} for key, reason in plan.unread],
        }
    )


def run_json(report: Report, *, call: Call = NO_CALL) -> str:
    """Return *report* as JSON; `planned` counts what the plan had, `actions` lists it.

    Entries that were kept are only counted.
    """
    error = shortfall(report)
    return _text(
        {
            "format": REPORT,
            **({"error": _error(report.exit_code, *error)} if error else {}),
            "counts": {**report.counts, "failed": failures(report)},
            "wanted": report.wanted,
            "recorded": report.recorded,
            "tokensFound": report.tokens_found,
            "exitCode": report.exit_code,
            "runId": report.run_id,
            "started": report.started,
            "seconds": round(report.seconds, 3),
            "stopped": report.stopped,
            "signal": report.signal,
            "tokenRefused": report.token_refused,
            "declined": report.declined,
            "apiUrl": call.api_url,
            "state": call.state,
            "lineage": report.plan.lineage,
            "planned": plan_counts(report.plan),
            "results": _results(report.results),
            "actions": [each for each in _actions(report.plan.actions) if each["action"] != "keep"],
        }
    )


def problems_json(problems: Sequence[Problem]) -> str:
    """Return *problems* of a manifest as JSON."""
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = sum(problem.severity is Severity.WARNING for problem in problems)
    said = f"the manifest has {counted(errors, 'error')}"
    return _text(
        {
            "format": PROBLEMS,
            **({"error": _error(3, said, None)} if errors else {}),
            "valid": errors == 0,
            "errors": errors,
            "warnings": warnings,
            "problems": [_problem(problem) for problem in problems],
        }
    )


def adopt_json(results: Sequence[Result]) -> str:
    """Return what `adopt` recorded."""
    return _text({"format": FORMATS["adopt"], **_adopted(results)})


def _adopted(results: Sequence[Result]) -> Json:
    return {"counts": {"adopted": len(results)}, "results": _results(results)}


def resolve_json(key: str, *, id_instance: int | None) -> str:
    """Return what `resolve` settled: recorded as *id_instance*, None for not created."""
    outcome = Word.NOT_CREATED if id_instance is None else Word.RECOVERED
    facts = {"key": key, "outcome": outcome, "idInstance": id_instance}
    return _text({"format": FORMATS["resolve"], **facts})


def init_json(written: Iterable[str], kept: Iterable[str]) -> str:
    """Return which files `init` has *written*, and which were there and stay (*kept*)."""
    return _text({"format": FORMATS["init"], "written": list(written), "kept": list(kept)})


def export_json(
    instances: "Sequence[Exported]", pending: Iterable[str], *, file: str, changed: bool
) -> str:
    """Return what `export` wrote to *file*; *pending* are the keys of unresolved creates."""
    return _text(
        {
            "format": FORMATS["export"],
            "file": file,
            "changed": changed,
            "exported": len(instances),
            "tokenUnknown": [each.key for each in instances if each.token is None],
            "unresolved": list(pending),
        }
    )


def state_json(command: str, state: str, **facts: object) -> str:
    """Return what `state` *command* did to the file *state*; *facts* are the command's own."""
    return _text({"format": FORMATS["state"], "command": command, "state": state, **facts})


def _text(document: Json) -> str:
    return json.dumps(document, indent=2) + "\n"


def _error(code: int, message: str, hint: str | None) -> Json:
    return {"code": code, "message": message, "hint": hint}


def _actions(actions: Sequence[Action]) -> list[Json]:
    return [
        {"action": row.kind.word, "key": action.key, **row.facts}
        for action, row in zip(actions, plan_rows(actions), strict=True)
    ]


def _results(results: Sequence[Result]) -> list[Json]:
    return [
        {"key": result.key, "outcome": row.kind.word, **row.facts}
        for result, row in zip(results, result_rows(results), strict=True)
    ]


def _problem(problem: Problem) -> Json:
    return {
        **_place(problem.place),
        "severity": problem.severity.value,
        "rule": problem.rule,
        "subject": problem.subject,
        "message": problem.message,
        "hint": problem.hint,
        "also": [_place(place) for place in problem.also],
        "entries": list(problem.entries),
    }


def _place(place: Place) -> Json:
    return {"path": place.path, "line": place.line, "column": place.column}
