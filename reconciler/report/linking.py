"""How linking a phone ended, for people and for programs."""

import json

from reconciler.report.json import LINK
from reconciler.report.rows import Json
from reconciler.report.words import printable


def link_text(key: str, id_instance: int, *, linked: bool, phone: str | None, reason: str) -> str:
    """Return one line."""
    who = f"{printable(key)} ({id_instance})"
    if linked:
        return f"{who}: linked" + (f" to {printable(phone)}" if phone else "")
    return f"{who}: not linked: {printable(reason)}"


def link_json(
    key: str, id_instance: int, *, linked: bool, phone: str | None, reason: str, code: int
) -> str:
    """Return the same as JSON; *code* is the exit code."""
    document: Json = {"format": LINK}
    if code:
        hint = "try again; the code that was shown is of no use any more" if code == 11 else None
        document["error"] = {"code": code, "message": f"not linked: {reason}", "hint": hint}
    document |= {
        "key": key,
        "idInstance": id_instance,
        "linked": linked,
        "phone": phone,
        "reason": reason or None,
        "exitCode": code,
    }
    return json.dumps(document, indent=2) + "\n"
