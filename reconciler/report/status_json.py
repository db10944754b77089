"""The status for programs; of tokens it says only what is there."""

import json
from collections import Counter

from reconciler.differences import Difference
from reconciler.model import Digest, Kept, Recorded
from reconciler.report.details import Details
from reconciler.report.json import STATUS
from reconciler.report.rows import SECRET, Json, instance_json
from reconciler.report.status import AccountSays, Status, StatusRow, TokenIs
from reconciler.report.words import NO_CALL, Call


def status_json(status: Status, details: Details | None = None, *, call: Call = NO_CALL) -> str:
    """Return *status* as JSON, with the *details* of one key where that was asked for."""
    tokens = Counter(row.token for row in status.rows)
    account = Counter(row.account for row in status.rows)
    document: Json = {
        "format": STATUS,
        "counts": {
            "recorded": len(status.rows),
            "unresolved": len(status.pending),
            "tokenUnknown": tokens[TokenIs.UNKNOWN],
            "gone": account[AccountSays.GONE],
            "missing": account[AccountSays.MISSING],
            "renamed": account[AccountSays.RENAMED],
            "unrecorded": len(status.strangers),
            "drifted": sum(bool(row.settings and row.settings.drifted) for row in status.rows),
            "unread": sum(bool(row.settings and row.settings.reason) for row in status.rows),
        },
        "apiUrl": status.api_url,
        "state": call.state,
        "lineage": status.lineage,
        "serial": status.serial,
        "refreshed": status.refreshed,
        "instances": [_row(row) for row in status.rows],
        "unresolved": [
            {"key": key, "name": pending.name, "since": pending.since}
            for key, pending in status.pending
        ],
        "unrecorded": [instance_json(row) for row in status.strangers],
    }
    document |= {"details": _details(details)} if details else {}
    return json.dumps(document, indent=2) + "\n"


def _row(row: StatusRow) -> Json:
    recorded, said = row.recorded, row.state
    sighting = said.sighting if said else None
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
        "drifted": None if row.settings is None else list(row.settings.drifted),
        "unread": row.settings.reason if row.settings else None,
        "stateInstance": sighting.word if sighting else None,
        "stateSince": f"{sighting.since:%Y-%m-%dT%H:%M:%SZ}"
        if sighting and sighting.since
        else None,
        "stateUnread": said.reason if said else None,
    }


def _details(details: Details) -> Json:
    row, listed, profile = details.row, details.listed, details.profile
    return {
        "key": details.key,
        "record": _record(row.recorded) if row else None,
        "listed": listed
        and {
            "name": listed.name,
            "timeCreated": listed.time_created,
            "timeDeleted": listed.time_deleted or None,
            "deleted": listed.deleted,
            "expired": listed.is_expired,
            "expires": listed.expires or None,
            "isPartner": listed.is_partner,
            "isFree": listed.is_free,
        },
        "linked": profile
        and {
            "phone": profile.phone,
            "chatId": profile.chat_id,
            "suspendedUntil": profile.suspended_until,
        },
        "differences": [_difference(each) for each in row.settings.differences]
        if row and row.settings
        else None,
        "history": [
            {
                "at": each.at or None,
                "event": each.word,
                "note": each.note or None,
                "phone": each.phone,
            }
            for each in details.history
        ],
    }


def _record(recorded: Recorded) -> Json:
    update = recorded.update
    return {
        "parameters": {name: _kept(value) for name, value in recorded.parameters.items()},
        "apiUrl": recorded.extra.get("apiUrl"),
        "protected": recorded.protected,
        "reportedAsOrphan": recorded.reported,
        "deleted": recorded.deleted,
        "deletionAnnounced": recorded.deletion,
        "rotating": recorded.rotating,
        "update": update
        and {
            "since": update.since,
            "confirmed": update.confirmed,
            "parameters": list(update.parameters),
        },
    }


def _kept(value: Kept) -> object:
    return SECRET if isinstance(value, Digest) else value


def _difference(each: Difference) -> Json:
    hidden = {
        name: SECRET if each.secret and value is not None else value
        for name, value in (("live", each.recorded), ("recorded", each.wanted))
    }
    return {"parameter": each.parameter, **hidden}
