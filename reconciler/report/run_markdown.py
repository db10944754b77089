"""What a run did, for a job's page: the heading says what was bought, a table what went wrong."""

from collections.abc import Sequence
from typing import Final, assert_never

from reconciler.model import Adopted, Created, NotSent, Recovered, Rejected, Unknown
from reconciler.report.counting import counted, lasted, run_headline
from reconciler.report.markdown import cell, code, folded, table
from reconciler.report.remedies import candidate, command
from reconciler.report.run_text import reason
from reconciler.results import Report, Result

LISTED: Final = 200  # rows of each table; pages have a limit of their own


def run_markdown(report: Report, *, options: Sequence[str] = ()) -> str:
    """Return *report* as GitHub-flavoured Markdown; *options* are repeated in its commands."""
    bad = [result for result in report.results if _failed(result)]
    good = [result for result in report.results if not _failed(result)]
    wanted = counted(report.wanted, "entry", "entries")
    lines = [
        f"### {cell(run_headline(report))}",
        "",
        f"{report.recorded} of {wanted} recorded, in {lasted(report.seconds)}"
        f" (exit code {report.exit_code}).",
        "",
    ]
    if report.declined:
        lines += ["Declined: nothing was done.", ""]
    if report.stopped is not None:
        lines += [f"Stopped early: {cell(report.stopped)}.", ""]
    if bad:
        rows = [_bad_row(result, options) for result in bad[:LISTED]]
        lines += [*table(["entry", "outcome", "reason", "what to do"], rows)[1:]]
        lines += _rest(len(bad))
    if good:
        rows = [_good_row(result) for result in good[:LISTED]]
        body = table(["entry", "outcome", "id"], rows)
        lines += folded(f"{len(good)} recorded in this run", [*body, *_rest(len(good))])
    return "\n".join(lines).rstrip("\n") + "\n"


def _failed(result: Result) -> bool:
    return isinstance(result.outcome, Rejected | NotSent | Unknown)


def _rest(number: int) -> list[str]:
    return [f"... and {number - LISTED} more.", ""] if number > LISTED else []


def _good_row(result: Result) -> list[str]:
    match result.outcome:
        case Created(number) | Recovered(number) | Adopted(number):
            note = "" if result.outcome.token_known else " (its token is not known yet)"
            return [cell(result.key), result.outcome.word, f"{number}{note}"]
        case _:
            return [cell(result.key), result.outcome.word, ""]


def _bad_row(result: Result, options: Sequence[str]) -> list[str]:
    outcome = result.outcome.word.replace("_", " ")
    why = cell(reason(result.outcome))
    return [cell(result.key), outcome, why, _what_to_do(result, options)]


def _what_to_do(result: Result, options: Sequence[str]) -> str:
    match result.outcome:
        case Rejected():
            return "nothing was created: correct the entry"
        case NotSent():
            return "nothing was created: the next run tries it again"
        case Unknown(_, _, candidates):
            ids = [str(row.id_instance) for row in candidates[:5]] or ["ID"]
            seen = [cell(candidate(row, result.name)) for row in candidates[:5]]
            found = [code(command("resolve", result.key, "--id", i, options=options)) for i in ids]
            never = code(command("resolve", result.key, "--not-created", options=options))
            return "<br>".join([*seen, *found, never])
        case Created() | Recovered() | Adopted():
            return ""
        case _:
            assert_never(result.outcome)
