"""What a run did, for people: what was created, what was not and why, and what to type next."""

from collections.abc import Iterable, Sequence
from typing import Final, assert_never

from reconciler.model import Adopted, Created, NotSent, Outcome, Recovered, Rejected, Unknown
from reconciler.plan import Changed, Gone, Orphan
from reconciler.report.counting import counted, lasted, run_headline
from reconciler.report.layout import Color, Mark, Page
from reconciler.report.printable import printable
from reconciler.report.remedies import candidate, command
from reconciler.results import Report, Result

LISTED: Final = 50  # of each kind; above that failures are grouped by their reason
_FEW: Final = 5  # not sent for one reason; above that they are one line
_OFFERED: Final = 5  # candidates with a command of their own
_MARKS: Final = {
    "created": Mark("+", "created", Color.GOOD),
    "recovered": Mark("+", "recovered", Color.GOOD),
    "adopted": Mark("=", "adopted", Color.GOOD),
    "rejected": Mark("x", "rejected", Color.BAD),
    "not_sent": Mark("x", "not sent", Color.BAD),
    "unresolved": Mark("!", "unresolved", Color.BAD),
}
_SECTIONS: Final = (("created", "recovered", "adopted"), ("rejected", "not_sent"), ("unresolved",))


def run_text(report: Report, *, color: bool, width: int, options: Sequence[str] = ()) -> str:
    """Return the summary for a terminal of *width* columns (0: never folded).

    *options* are repeated in the commands it names.
    """
    page = Page(color, width)
    if report.declined:
        return "\n".join(page.title("0 instances created: declined, nothing was done")) + "\n"
    lines = page.title(run_headline(report))
    lines += page.prose(_figures(report))
    if report.stopped is not None:
        lines += page.prose(f"stopped early: {printable(report.stopped)}")
    groups: dict[str, list[Result]] = {word: [] for word in _MARKS}
    for result in report.results:
        groups[result.outcome.word].append(result)
    for words in _SECTIONS:
        section = [line for word in words for line in _group(word, groups[word], page, options)]
        lines += ["", *section] if section else []
    lines += _advice(report, page)
    return "\n".join(lines) + "\n"


def reason(outcome: Outcome) -> str:
    """Return in words why there is no new instance; empty where there is one."""
    match outcome:
        case Created() | Recovered() | Adopted():
            return ""
        case Rejected(code, description):
            said = code is None or description.startswith(str(code))
            return printable(description if said else f"code {code}: {description}")
        case NotSent(why) | Unknown(why):
            return printable(why)
        case _:
            assert_never(outcome)


def _figures(report: Report) -> str:
    wanted = counted(report.wanted, "entry", "entries")
    return f"{report.recorded} of {wanted} recorded, in {lasted(report.seconds)}"


def _group(
    word: str, results: Sequence[Result], page: Page, options: Sequence[str]
) -> Iterable[str]:
    mark = _MARKS[word]
    if _grouped(word, results):
        yield from _by_reason(mark, results, page)
        return
    for result in results[:LISTED]:
        yield from _lines(mark, result, page, options)
    if (rest := len(results) - LISTED) > 0:
        yield from page.prose(
            f"... and {rest} more {mark.word} (--report FILE lists all)", indent=4
        )


def _grouped(word: str, results: Sequence[Result]) -> bool:
    """Whether reasons tell more than entries: there are too many, or all share one."""
    if word == "not_sent" and len(results) > _FEW:
        return len(results) > LISTED or len({reason(result.outcome) for result in results}) == 1
    return word == "rejected" and len(results) > LISTED


def _by_reason(mark: Mark, results: Sequence[Result], page: Page) -> Iterable[str]:
    keys: dict[str, list[str]] = {}
    for result in results:
        keys.setdefault(reason(result.outcome), []).append(printable(result.key))
    for why, those in list(keys.items())[:LISTED]:
        yield from page.item(mark, counted(len(those), "entry", "entries"), why)
        more = f" and {len(those) - 3} more (--report FILE lists all)" if len(those) > 3 else ""
        yield from page.prose(", ".join(those[:3]) + more, indent=6)
    if (rest := len(keys) - LISTED) > 0:
        yield from page.prose(f"... and {rest} more reasons (--report FILE lists all)", indent=4)


def _lines(mark: Mark, result: Result, page: Page, options: Sequence[str]) -> list[str]:
    key = printable(result.key)
    match result.outcome:
        case Created(number) | Recovered(number) | Adopted(number):
            unknown = "" if result.outcome.token_known else "  its token is not known yet"
            return page.item(mark, key, f"{number}{unknown}")
        case Unknown():
            return _unresolved(mark, result, result.outcome, page, options)
        case Rejected() | NotSent():
            return page.item(mark, key, reason(result.outcome))
        case _:
            assert_never(result.outcome)


def _unresolved(
    mark: Mark, result: Result, outcome: Unknown, page: Page, options: Sequence[str]
) -> list[str]:
    lines = page.item(mark, printable(result.key), f"it may exist: {reason(outcome)}")
    lines += page.prose(f"announced {printable(outcome.since)}", indent=6)
    if not outcome.candidates:
        lines += page.prose("if you find it in the console:", indent=6)
        adopt = [command("resolve", result.key, "--id", "ID", options=options)]
    else:
        number = counted(len(outcome.candidates), "live instance", "live instances")
        lines += page.prose(f"the account has {number} that could be it:", indent=6)
        for row in outcome.candidates[:LISTED]:
            lines += page.prose(candidate(row, result.name), indent=8)
        lines += page.prose("if it is one of them:", indent=6)
        adopt = [
            command("resolve", result.key, "--id", str(row.id_instance), options=options)
            for row in outcome.candidates[:_OFFERED]
        ]
    lines += [" " * 8 + line for line in adopt]
    lines += page.prose("if you are certain that none was created:", indent=6)
    never = command("resolve", result.key, "--not-created", options=options)
    return [*lines, " " * 8 + never]


def _advice(report: Report, page: Page) -> list[str]:
    texts = []
    if report.token_refused:
        texts.append("The partner API refused the token: check it, then run again.")
    if report.counts["rejected"] and not report.token_refused:
        texts.append("Rejected: nothing was created. Correct the entries, then run again.")
    if report.counts["not_sent"]:
        texts.append("Not sent: nothing was created. The next run tries them again.")
    if report.counts["unresolved"]:
        texts.append(
            "Unresolved: never sent again blindly. The next run asks the account again; what it"
            " does not list once --settled-after is over counts as not created."
        )
    texts += _observed(report)
    return ["", *(line for text in texts for line in page.prose(text))] if texts else []


def _observed(report: Report) -> list[str]:
    plan = report.plan
    seen = [
        f"{number} {words}"
        for number, words in (
            (len(plan.of(Changed)), "recorded with other parameters"),
            (len(plan.of(Gone)), "gone from the account"),
            (len(plan.of(Orphan)), "no longer wanted"),
        )
        if number
    ]
    return [f"Left alone: {', '.join(seen)}; reconciler plan shows them."] if seen else []
