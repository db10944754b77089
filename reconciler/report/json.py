"""Plans, reports and statuses for programs, without any token. Each names its format's version."""

import json
from collections import Counter
from typing import Final

from reconciler.plan import Plan
from reconciler.report.rows import Json, instance_json, plan_rows, result_rows
from reconciler.report.status import AccountSays, Status, StatusRow, TokenIs
from reconciler.report.summary import failures, plan_counts
from reconciler.results import Report

PLAN: Final = "reconciler.plan/1"
REPORT: Final = "reconciler.report/1"
STATUS: Final = "reconciler.status/1"


def plan_json(plan: Plan, *, checksum: str) -> str:
    """Return *plan* as JSON; *checksum* binds it to manifest and state.

    It is what `plan --out` saves, too.
    """
    return _text(
        {
            "format": PLAN,
            "counts": plan_counts(plan),
            "apiUrl": None,
            "lineage": plan.lineage,
            "serial": plan.serial,
            "checksum": checksum,
            "refreshed": plan.refreshed,
            "actions": _actions(plan),
        }
    )


def run_json(report: Report) -> str:
    """Return *report* as JSON; `planned` counts what the plan had, `actions` lists it.

    Entries that were kept are only counted.
    """
    results = [
        {"key": result.key, "outcome": row.kind.word, **row.facts}
        for result, row in zip(report.results, result_rows(report.results), strict=True)
    ]
    return _text(
        {
            "format": REPORT,
            "counts": {**report.counts, "failed": failures(report)},
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
            "results": results,
            "actions": [each for each in _actions(report.plan) if each["action"] != "keep"],
        }
    )


def status_json(status: Status) -> str:
    """Return *status* as JSON; of tokens it says only what is there."""
    tokens = Counter(row.token for row in status.rows)
    account = Counter(row.account for row in status.rows)
    return _text(
        {
            "format": STATUS,
            "counts": {
                "recorded": len(status.rows),
                "unresolved": len(status.pending),
                "tokenUnknown": tokens[TokenIs.UNKNOWN],
                "gone": account[AccountSays.GONE],
                "renamed": account[AccountSays.RENAMED],
                "unrecorded": len(status.strangers),
            },
            "apiUrl": status.api_url,
            "lineage": status.lineage,
            "serial": status.serial,
            "refreshed": status.refreshed,
            "instances": [_status_row(row) for row in status.rows],
            "unresolved": [
                {"key": key, "name": pending.name, "since": pending.since}
                for key, pending in status.pending
            ],
            "unrecorded": [instance_json(row) for row in status.strangers],
        }
    )


def _text(document: Json) -> str:
    return json.dumps(document, indent=2) + "\n"


def _actions(plan: Plan) -> list[Json]:
    return [
        {"action": row.kind.word, "key": action.key, **row.facts}
        for action, row in zip(plan.actions, plan_rows(plan.actions), strict=True)
    ]


def _status_row(row: StatusRow) -> Json:
    recorded = row.recorded
    return {
        "key": row.key,
        "name": recorded.name,
        "idInstance": recorded.id_instance,
        "typeInstance": recorded.type_instance,
        "token": row.token.value,
        "origin": recorded.origin.value,
        "createdAt": recorded.created_at,
        "account": row.account.value if row.account else None,
        "listedName": row.listed_name,
    }
