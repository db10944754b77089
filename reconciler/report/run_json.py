"""What a run did, for programs: format `reconciler.report/1`, without any token."""

from typing import Final, assert_never

from reconciler.model import Adopted, Created, NotSent, Recovered, Rejected, Unknown
from reconciler.plan import Keep
from reconciler.report.counting import failed, plan_counts
from reconciler.report.plan_json import Json, action_json, instance_json, with_rows
from reconciler.results import Report, Result

FORMAT: Final = "reconciler.report/1"


def run_json(report: Report) -> str:
    """Return *report* as JSON; `planned` counts what the plan had, `actions` lists it.

    Entries that were kept are only counted.
    """
    head: Json = {
        "format": FORMAT,
        "counts": {**report.counts, "failed": failed(report)},
        "wanted": report.wanted,
        "recorded": report.recorded,
        "exitCode": report.exit_code,
        "runId": report.run_id,
        "started": report.started,
        "seconds": round(report.seconds, 3),
        "stopped": report.stopped,
        "signal": report.signal,
        "tokenRefused": report.token_refused,
        "declined": report.declined,
        "lineage": report.plan.lineage,
        "planned": plan_counts(report.plan),
    }
    actions = [each for each in report.plan.actions if not isinstance(each, Keep)]
    return with_rows(
        head,
        results=[_result(result) for result in report.results],
        actions=[action_json(action) for action in actions],
    )


def _result(result: Result) -> Json:
    outcome = result.outcome.word
    head: Json = {"key": result.key, "name": result.name, "outcome": outcome}
    match result.outcome:
        case Created(number) | Recovered(number) | Adopted(number):
            return head | {"idInstance": number, "tokenKnown": result.outcome.token_known}
        case Rejected(code, description):
            return head | {"code": code, "reason": description}
        case NotSent(reason):
            return head | {"reason": reason}
        case Unknown(reason, since, candidates):
            rows = [instance_json(row) for row in candidates]
            return head | {"reason": reason, "since": since, "candidates": rows}
        case _:
            assert_never(result.outcome)
