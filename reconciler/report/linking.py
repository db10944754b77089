"""How linking phones ended, for people and for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.report.json import LINK
from reconciler.report.rows import Json
from reconciler.report.words import counted, printable


@dataclass(frozen=True, slots=True)
class PhoneLink:
    """What came of linking one instance: *linked*, maybe to a *phone* whose number is known, or not
    for a *reason*. *late*: another try may do."""

    key: str
    id_instance: int
    linked: bool
    phone: str | None = None
    reason: str = ""
    late: bool = False


def exit_code(links: Sequence[PhoneLink]) -> int:
    """Return 11 where another try may do for one of *links*, 5 where others are not linked."""
    if any(link.late for link in links):
        return 11
    return 0 if all(link.linked for link in links) else 5


def link_words(link: PhoneLink) -> str:
    """Say how it ended, without whom it is about."""
    if link.linked:
        return f"linked to {printable(link.phone)}" if link.phone else "linked"
    return f"not linked: {printable(link.reason)}"


def link_text(link: PhoneLink) -> str:
    """Return one line."""
    return f"{printable(link.key)} ({link.id_instance}): {link_words(link)}"


def links_text(links: Sequence[PhoneLink], linked_before: int) -> str:
    """Return one line for each of *links*, and the sum; others were *linked_before*."""
    linked = sum(link.linked for link in links)
    done = f"{linked} of {counted(len(links), 'instance')} linked"
    end = done if links else "no instance waits for a phone"
    before = f"; {linked_before} had a phone before" if linked_before else ""
    return "\n".join([*map(link_text, links), end + before])


def link_json(link: PhoneLink) -> str:
    """Return what came of one instance as JSON."""
    code = exit_code([link])
    document: Json = {"format": LINK}
    if code:
        hint = "try again; a code that was shown is of no use any more" if code == 11 else None
        message = f"not linked: {link.reason}"
        document["error"] = {"code": code, "message": message, "hint": hint}
    return json.dumps(document | _row(link) | {"exitCode": code}, indent=2) + "\n"


def links_json(links: Sequence[PhoneLink], linked_before: int) -> str:
    """Return what came of many as JSON; others were *linked_before*."""
    code = exit_code(links)
    document: Json = {"format": LINK}
    if code:
        missing = sum(not link.linked for link in links)
        message = f"{counted(missing, 'instance')} not linked"
        document["error"] = {"code": code, "message": message, "hint": "`instances` says why"}
    document |= {
        "linkedBefore": linked_before,
        "instances": [_row(link) for link in links],
        "exitCode": code,
    }
    return json.dumps(document, indent=2) + "\n"


def _row(link: PhoneLink) -> Json:
    return {
        "key": link.key,
        "idInstance": link.id_instance,
        "linked": link.linked,
        "phone": link.phone,
        "reason": link.reason or None,
    }
