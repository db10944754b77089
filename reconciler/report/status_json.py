"""The status for programs: format `reconciler.status/1`; it says of tokens only what is there."""

from collections import Counter
from typing import Final

from reconciler.report.plan_json import Json, instance_json, with_rows
from reconciler.report.status import AccountSays, Row, Status, TokenIs

FORMAT: Final = "reconciler.status/1"


def status_json(status: Status) -> str:
    """Return *status* as JSON, one instance a line."""
    head: Json = {
        "format": FORMAT,
        "counts": _counts(status),
        "apiUrl": status.api_url,
        "lineage": status.lineage,
        "serial": status.serial,
        "refreshed": status.refreshed,
    }
    pending: list[Json] = [
        {"key": key, "name": pending.name, "since": pending.since}
        for key, pending in status.pending
    ]
    return with_rows(
        head,
        instances=[_row(row) for row in status.rows],
        unresolved=pending,
        unrecorded=[instance_json(row) for row in status.strangers],
    )


def _counts(status: Status) -> dict[str, int]:
    tokens = Counter(row.token for row in status.rows)
    account = Counter(row.account for row in status.rows)
    return {
        "recorded": len(status.rows),
        "unresolved": len(status.pending),
        "tokenUnknown": tokens[TokenIs.UNKNOWN],
        "gone": account[AccountSays.GONE],
        "renamed": account[AccountSays.RENAMED],
        "unrecorded": len(status.strangers),
    }


def _row(row: Row) -> Json:
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
