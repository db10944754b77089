"""Plans and reports for people: the bill first, then what needs their eyes, then what to type."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from reconciler.plan import Action, Conflict, Keep, Plan
from reconciler.report.kinds import ACTIONS, RESULTS, Kind
from reconciler.report.outcomes import result_rows
from reconciler.report.page import Page
from reconciler.report.rows import Row, owners_in, plan_rows
from reconciler.report.summary import (
    conflict_advice,
    plan_advice,
    plan_headline,
    run_advice,
    run_headline,
)
from reconciler.report.words import NO_CALL, Call, counted, lasted, listed, printable
from reconciler.results import Report, Result

LISTED: Final = 50  # of each kind; what nobody would read to the end is abbreviated
_FEW: Final = 5  # not sent for one reason; above that they are one line
_SECTIONS: Final = (
    ("renamed",),
    ("created", "recovered", "adopted"),
    ("updated",),
    ("deleted",),
    ("rejected", "not_sent"),
    ("not_confirmed",),
    ("unresolved",),
)


def plan_text(plan: Plan, *, color: bool, width: int, call: Call = NO_CALL) -> str:
    """Return *plan* for a terminal of *width* columns (0: never folded), creates first.

    What is kept is only counted.
    """
    page = Page(color, width)
    lines = page.title(plan_headline(plan))
    lines += page.prose(call.where) if call.where else []
    groups: dict[Kind, list[Action]] = {kind: [] for kind in ACTIONS.values()}
    for action in plan.actions:
        groups[ACTIONS[type(action)]].append(action)
    del groups[ACTIONS[Keep]]
    owners = owners_in(plan) if plan.of(Conflict) else {}
    for kind, actions in groups.items():
        if actions:
            lines += ["", *_listed(kind, actions, owners, page)]
    for ways in plan_advice(plan, owners, call):
        lines += ["", *page.ways(ways)]
    return "\n".join(lines) + "\n"


def conflict_text(
    conflicts: Sequence[Conflict],
    owners: Mapping[int, str],
    *,
    color: bool,
    width: int,
    call: Call = NO_CALL,
) -> str:
    """Return why a run stops at *conflicts* and what a person can do; *owners* tells which entry
    records which id."""
    page = Page(color, width)
    number = counted(len(conflicts), "name is", "names are")
    text = f"0 instances created: {number} taken in the account already, and creating would buy"
    lines = [*page.title(f"{text} a second instance"), ""]
    lines += _listed(ACTIONS[Conflict], conflicts, owners, page)
    lines += ["", *page.ways(conflict_advice(conflicts, owners, call))]
    return "\n".join(lines) + "\n"


def run_text(report: Report, *, color: bool, width: int, call: Call = NO_CALL) -> str:
    """Return what a run did, for a terminal of *width* columns (0: never folded)."""
    page = Page(color, width)
    lines = page.title(run_headline(report))
    if report.declined:
        return "\n".join(lines) + "\n"
    wanted = counted(report.wanted, "entry", "entries")
    lines += page.prose(f"{report.recorded} of {wanted} recorded, in {lasted(report.seconds)}")
    lines += page.prose(call.where) if call.where else []
    if report.stopped is not None:
        lines += page.prose(f"stopped early: {printable(report.stopped)}")
    groups: dict[str, list[Result]] = {kind.word: [] for kind in RESULTS.values()}
    for result in report.results:
        groups[RESULTS[type(result.outcome)].word].append(result)
    for words in _SECTIONS:
        section = [line for word in words for line in _results(groups[word], page, call)]
        lines += ["", *section] if section else []
    if ways := run_advice(report, call):
        lines += ["", *page.ways(ways)]
    return "\n".join(lines) + "\n"


def _listed(
    kind: Kind, actions: Sequence[Action], owners: Mapping[int, str], page: Page
) -> Iterable[str]:
    for row in plan_rows(actions[:LISTED], owners):
        yield from _row(row, page, indent=4)
    if (rest := len(actions) - LISTED) > 0:
        verb = "to create" if kind.word == "create" else kind.title
        yield from page.prose(f"... and {rest} more {verb} (-o json shows all)", indent=4)


def _results(results: Sequence[Result], page: Page, call: Call) -> Iterable[str]:
    if not results:
        return
    kind = RESULTS[type(results[0].outcome)]
    rows = list(result_rows(results, call))
    if _grouped(kind, rows):
        yield from _by_reason(kind, rows, page)
        return
    for row in rows[:LISTED]:
        yield from _row(row, page, indent=6)
    if (rest := len(rows) - LISTED) > 0:
        yield from page.prose(f"... and {rest} more {kind.title} ({_more(kind)})", indent=4)


def _row(row: Row, page: Page, *, indent: int) -> Iterable[str]:
    yield from page.item(row.kind, row.key, row.note)
    for detail in row.details:
        yield from page.detail(detail, indent=indent)
    for seen in row.seen[:LISTED]:
        yield from page.prose(seen, indent=8)
    if (rest := len(row.seen) - LISTED) > 0:
        yield from page.prose(f"... and {rest} more", indent=8)
    yield from page.ways(row.ways, indent=indent)


def _grouped(kind: Kind, rows: Sequence[Row]) -> bool:
    """Whether reasons tell more than entries: there are too many, or all share one."""
    if kind.word == "not_sent" and len(rows) > _FEW:
        return len(rows) > LISTED or len({row.note for row in rows}) == 1
    return kind.word == "rejected" and len(rows) > LISTED


def _by_reason(kind: Kind, rows: Sequence[Row], page: Page) -> Iterable[str]:
    keys: dict[str, list[str]] = {}
    for row in rows:
        keys.setdefault(row.note, []).append(row.key)
    for why, those in list(keys.items())[:LISTED]:
        yield from page.item(kind, counted(len(those), "entry", "entries"), why)
        more = f" ({_more(kind)})" if len(those) > 3 else ""
        yield from page.prose(listed(those, limit=3) + more, indent=6)
    if (rest := len(keys) - LISTED) > 0:
        yield from page.prose(f"... and {rest} more reasons ({_more(kind)})", indent=4)


def _more(kind: Kind) -> str:
    return f"reconciler {kind.lister} lists them"
