"""What GitHub Actions reads: annotations as workflow commands, and the step's outputs."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Final, assert_never

from reconciler.model import Adopted, Created, NotSent, Place, Recovered, Rejected, Unknown
from reconciler.plan import Changed, Conflict, Create, Plan, Unresolved
from reconciler.report.counting import counted, failed, plan_counts
from reconciler.report.failure import Failure
from reconciler.report.printable import printable
from reconciler.report.run_text import reason
from reconciler.results import Report, Result
from reconciler.secrets import Secret

SHOWN: Final = 10  # annotations of one level that GitHub shows for a step; the rest is lost


def annotations(report: Report) -> list[str]:
    """Return a workflow command for each entry that was not recorded, and for missing tokens."""
    places = _places(report.plan)
    errors = [
        annotation("error", f"{result.key} {_outcome(result)}", text, places.get(result.key))
        for result in report.results
        if (text := _failure(result))
    ]
    if len(errors) > SHOWN:
        rest = counted(len(errors) - SHOWN + 1, "more entry", "more entries")
        text = f"{rest} not recorded; the job summary lists them"
        errors = [*errors[: SHOWN - 1], annotation("error", "reconciler", text)]
    unknown = sum(
        not outcome.token_known
        for result in report.results
        if isinstance(outcome := result.outcome, Created | Recovered | Adopted)
    )
    if unknown:
        text = f"{counted(unknown, 'instance')} recorded without a token; the next run asks for it"
        errors.append(annotation("warning", "reconciler", text))
    return errors


def annotation(level: str, title: str, message: str, place: Place | None = None) -> str:
    """Return one workflow command; *level* is `error`, `warning` or `notice`."""
    where = (
        {"file": PurePath(place.path).as_posix(), "line": str(place.line), "col": str(place.column)}
        if place
        else {}
    )
    properties = {**where, "title": printable(title)}
    pairs = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    text = "\n".join(printable(line) for line in message.splitlines())
    return f"::{level} {pairs}::{_data(text)}"


def plan_outputs(plan: Plan, *, checksum: str) -> dict[str, str]:
    """Return a plan step's outputs; `changes` is `true` when apply would have something to do."""
    counts = plan_counts(plan)
    todo = counts["create"] + counts["unresolved"] + counts["conflict"]
    return {
        "changes": _bool(todo > 0),
        "create": str(counts["create"]),
        "unresolved": str(counts["unresolved"]),
        "checksum": checksum,
    }


def run_outputs(report: Report) -> dict[str, str]:
    """Return an apply step's outputs; `changes` is `true` when the run recorded an instance."""
    counts = report.counts
    recorded = counts["created"] + counts["recovered"] + counts["adopted"]
    return {
        "changes": _bool(recorded > 0),
        "created": str(counts["created"]),
        "failed": str(failed(report)),
        "unresolved": str(counts["unresolved"]),
    }


def failure_outputs(failure: Failure) -> dict[str, str]:
    """Return the outputs of a run that ended early; empty where nobody knows."""
    certain = failure.bought_nothing
    changes, number = ("false", "0") if certain else ("", "")
    return {"changes": changes, "created": number, "failed": number, "unresolved": ""}


def output_lines(outputs: Mapping[str, str]) -> str:
    """Return *outputs* as the file named by GITHUB_OUTPUT takes them."""
    return "".join(f"{name}={printable(value)}\n" for name, value in outputs.items())


def mask(secret: Secret) -> str:
    """Return the workflow command that hides *secret* in the job's log from here on."""
    return f"::add-mask::{_data(secret.reveal())}"


def _places(plan: Plan) -> dict[str, Place]:
    return {
        action.key: action.desired.place
        for action in plan.actions
        if isinstance(action, Create | Conflict | Changed | Unresolved) and action.desired
    }


def _outcome(result: Result) -> str:
    return result.outcome.word.replace("_", " ")


def _failure(result: Result) -> str:
    match result.outcome:
        case Created() | Recovered() | Adopted():
            return ""
        case Rejected():
            return f"nothing was created: {reason(result.outcome)}"
        case NotSent():
            return f"nothing was created, the next run tries it: {reason(result.outcome)}"
        case Unknown():
            return f"it may exist: {reason(result.outcome)}; see reconciler resolve"
        case _:
            assert_never(result.outcome)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _bool(value: bool) -> str:
    return "true" if value else "false"
