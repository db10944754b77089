"""Plans and reports for pages that render GitHub's or GitLab's Markdown.

The heading says what is billed; below it are tables, of which every cell is text, never markup.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from reconciler.plan import Conflict, Keep, Plan
from reconciler.report.failure import Failure, failure_headline
from reconciler.report.kinds import ACTIONS
from reconciler.report.outcomes import result_rows
from reconciler.report.rows import Detail, Row, owners_in, plan_rows
from reconciler.report.summary import not_compared, plan_headline, run_headline, unread
from reconciler.report.words import NO_CALL, Call, command, counted, lasted, printable
from reconciler.results import Report

LISTED: Final = 200  # rows of each table; pages have a limit of their own
OPEN: Final = 20  # rows that are shown without a click
_SEEN: Final = 5  # live instances in a cell
_BREAK: Final = "<!-- -->"  # shows nothing, and keeps a mention or a link from being made
_SHOWN: Final = str.maketrans(
    {char: "\\" + char for char in "\\`*_[]|~$"}
    | {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "@" + _BREAK, "#": "#" + _BREAK}
)


def plan_markdown(plan: Plan, *, checksum: str | None, call: Call = NO_CALL) -> str:
    """Return *plan* as GitHub-flavoured Markdown; *checksum* is what `apply` can demand, None where
    values are not known."""
    order = {kind: index for index, kind in enumerate(ACTIONS)}
    shown = sorted(
        (action for action in plan.actions if not isinstance(action, Keep)),
        key=lambda action: order[type(action)],
    )
    lines = [f"### {cell(plan_headline(plan))}", "", *_where(call)]
    if shown:
        owners = owners_in(plan) if plan.of(Conflict) else {}
        rows = [
            [row.kind.title, cell(row.key), _broken([cell(row.note), *_details(row)])]
            for row in plan_rows(shown[:LISTED], owners)
        ]
        body = table(["action", "entry", "details"], rows)
        lines += body[1:] if len(shown) <= OPEN else folded(f"{len(shown)} entries", body)
    lines += _rest(len(shown))
    for text in (*not_compared(plan), *unread(plan)):
        lines += [cell(text), ""]
    if checksum is not None:
        apply = command("apply", "--expect-checksum", checksum, options=call.options)
        lines.append(f"To apply exactly this: {code(apply)}")
    return "\n".join(lines).rstrip("\n") + "\n"


def run_markdown(report: Report, *, call: Call = NO_CALL) -> str:
    """Return *report* as GitHub-flavoured Markdown."""
    rows = list(result_rows(report.results, call))
    bad, good = [row for row in rows if row.failed], [row for row in rows if not row.failed]
    wanted = counted(report.wanted, "entry", "entries")
    lines = [
        f"### {cell(run_headline(report))}",
        "",
        f"{report.recorded} of {wanted} recorded, in {lasted(report.seconds)}"
        f" (exit code {report.exit_code}).",
        "",
        *_where(call),
    ]
    if report.stopped is not None:
        lines += [f"Stopped early: {cell(report.stopped)}.", ""]
    if bad:
        cells = [
            [
                cell(row.key),
                row.kind.title,
                cell(row.note),
                _broken(_remedies(row)),
            ]
            for row in bad[:LISTED]
        ]
        lines += table(["entry", "outcome", "reason", "what to do"], cells)[1:]
        lines += _rest(len(bad))
    if good:
        cells = [[cell(row.key), row.kind.title, cell(row.note)] for row in good[:LISTED]]
        body = table(["entry", "outcome", "id"], cells)
        lines += folded(f"{len(good)} recorded in this run", [*body, *_rest(len(good))])
    return "\n".join(lines).rstrip("\n") + "\n"


def failure_markdown(failure: Failure) -> str:
    """Return what is certain about a run that ended before it could report."""
    text = "<br>".join(cell(line) for line in failure.message.splitlines())
    return f"### {cell(failure_headline(failure))}\n\n{text}\n"


def cell(text: str) -> str:
    """Return *text* so that it shows as itself: no markup, no link, nobody mentioned."""
    return printable(text).translate(_SHOWN).replace("://", f":{_BREAK}//")


def code(text: str) -> str:
    """Return *text* as code, to be copied."""
    return f"<code>{cell(text)}</code>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table; the cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return ["", *(f"| {' | '.join(line)} |" for line in lines), ""]


def folded(summary: str, lines: Sequence[str]) -> list[str]:
    """Return *lines* behind a click."""
    return ["<details>", f"<summary>{cell(summary)}</summary>", *lines, "</details>", ""]


def _where(call: Call) -> list[str]:
    where = cell(call.where)
    return [f"{where[0].upper()}{where[1:]}.", ""] if where else []


def _details(row: Row) -> list[str]:
    more = [f"and {len(row.seen) - _SEEN} more"] if len(row.seen) > _SEEN else []
    return [*map(_detail, row.details), *map(cell, row.seen[:_SEEN]), *more]


def _detail(detail: Detail) -> str:
    return " ".join([cell(detail.text), " → ".join(code(value) for value in detail.values)])


def _remedies(row: Row) -> list[str]:
    commands = [code(text) for way in row.ways for text in way.commands]
    return [cell(row.remedy), *map(cell, row.seen[:_SEEN]), *commands]


def _broken(parts: Iterable[str]) -> str:
    return "<br>".join(filter(None, parts))


def _rest(number: int) -> list[str]:
    return [f"... and {number - LISTED} more.", ""] if number > LISTED else []
