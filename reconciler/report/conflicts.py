"""Names that the account has already: who has them, and the commands that go on from there."""

from collections.abc import Mapping, Sequence
from typing import Final

from reconciler.plan import Conflict, Create, Plan, Unresolved
from reconciler.report.counting import counted
from reconciler.report.layout import Color, Mark, Page
from reconciler.report.printable import printable
from reconciler.report.remedies import candidate, command

LISTED: Final = 50
_MARK: Final = Mark("!", "conflict", Color.BAD)


def conflict_text(
    conflicts: Sequence[Conflict],
    *,
    color: bool,
    width: int,
    owners: Mapping[int, str] | None = None,
    options: Sequence[str] = (),
) -> str:
    """Return why a run stops at *conflicts* and what a person can do.

    *owners* maps the ids that the state records to their entries; *options* are repeated in the
    commands.
    """
    page = Page(color, width)
    number = counted(len(conflicts), "name is", "names are")
    text = f"0 instances created: {number} taken in the account already, and creating would buy"
    lines = [*page.title(f"{text} a second instance"), ""]
    for conflict in conflicts[:LISTED]:
        lines += conflict_lines(conflict, owners or {}, page)
    if (rest := len(conflicts) - LISTED) > 0:
        lines += page.prose(f"... and {rest} more (reconciler plan --refresh -o json)", indent=4)
    return "\n".join([*lines, *way_out(conflicts, owners or {}, page, options)]) + "\n"


def owners_in(plan: Plan) -> dict[int, str]:
    """Return which entry records which id, as far as *plan* tells."""
    return {
        action.recorded.id_instance: action.key
        for action in plan.actions
        if not isinstance(action, Create | Conflict | Unresolved)
    }


def conflict_lines(conflict: Conflict, owners: Mapping[int, str], page: Page) -> list[str]:
    """Return *conflict* with its candidates: id, time, and the entry that records them."""
    key, lines = printable(conflict.key), []
    if conflict.held_by is not None:
        note = f"the unresolved create of {printable(conflict.held_by)} has its name"
        lines += page.item(_MARK, key, note)
    if conflict.candidates:
        number = counted(len(conflict.candidates), "live instance has", "live instances have")
        lines += page.item(_MARK, key, f"{number} its name")
    for row in conflict.candidates[:LISTED]:
        owner = owners.get(row.id_instance)
        whose = f"  recorded as {printable(owner)}" if owner is not None else ""
        lines += page.prose(candidate(row, row.name) + whose, indent=8)
    if (rest := len(conflict.candidates) - LISTED) > 0:
        lines += page.prose(f"... and {rest} more", indent=8)
    return lines


def way_out(
    conflicts: Sequence[Conflict],
    owners: Mapping[int, str],
    page: Page,
    options: Sequence[str] = (),
) -> list[str]:
    """Return the commands that record what exists instead of creating it again."""
    free = {
        each.key: [row for row in each.candidates if row.id_instance not in owners]
        for each in conflicts
        if each.held_by is None
    }
    clear = [key for key, rows in free.items() if len(rows) == 1]
    unclear = [key for key, rows in free.items() if len(rows) > 1]
    lines = [""]
    if clear:
        lines += page.prose("To record what exists, instead of buying it again:")
        lines.append(
            "  " + command("adopt", *clear if len(clear) < 4 else ["--all"], options=options)
        )
    if unclear:
        lines += page.prose("Where several have the name, choose one:")
        lines += [
            "  " + command("adopt", key, "--id", "ID", options=options) for key in unclear[:3]
        ]
    lines += page.prose("To create a new instance all the same, give the entry another name.")
    return lines
