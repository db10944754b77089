"""A plan for a merge request's or a job's page: the bill as the heading, then a table."""

from typing import Final

from reconciler.plan import Action, Changed, Conflict, Difference, Keep, Plan
from reconciler.report.counting import ACTIONS, plan_headline
from reconciler.report.markdown import cell, code, folded, table
from reconciler.report.plan_text import note
from reconciler.report.printable import HIDDEN
from reconciler.report.remedies import candidate, command

LISTED: Final = 200  # rows; pages have a limit of their own
OPEN: Final = 20  # rows that are shown without a click


def plan_markdown(plan: Plan, *, checksum: str) -> str:
    """Return *plan* as GitHub-flavoured Markdown; *checksum* is what `apply` can demand."""
    order = {word: index for index, word in enumerate(ACTIONS.values())}
    shown = sorted(
        (action for action in plan.actions if not isinstance(action, Keep)),
        key=lambda action: order[ACTIONS[type(action)]],
    )
    lines = [f"### {cell(plan_headline(plan))}", ""]
    if shown:
        rows = [[ACTIONS[type(each)], cell(each.key), _details(each)] for each in shown[:LISTED]]
        body = table(["action", "entry", "details"], rows)
        lines += body[1:] if len(shown) <= OPEN else folded(f"{len(shown)} entries", body)
    if (rest := len(shown) - LISTED) > 0:
        lines += [f"... and {rest} more.", ""]
    lines.append(f"To apply exactly this: {code(command('apply', '--expect-checksum', checksum))}")
    return "\n".join(lines) + "\n"


def _details(action: Action) -> str:
    match action:
        case Conflict(_, candidates, held_by):
            rows = [cell(candidate(row, row.name)) for row in candidates[:5]]
            rows += [f"and {len(candidates) - 5} more"] if len(candidates) > 5 else []
            held = f"the unresolved create of {cell(held_by)} has its name" if held_by else ""
            return "<br>".join([held] * bool(held) + rows)
        case Changed(_, recorded, differences):
            changes = [_difference(each) for each in differences]
            return "<br>".join([str(recorded.id_instance), *changes])
        case _:
            return cell(note(action))


def _difference(each: Difference) -> str:
    if each.secret:
        return f"{cell(each.parameter)}: {HIDDEN} differs"
    old, new = (
        "not set" if value is None else code(str(value)[:200])
        for value in (each.recorded, each.wanted)
    )
    return f"{cell(each.parameter)}: {old} → {new}"
