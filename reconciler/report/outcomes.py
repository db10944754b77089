"""What is to be said of what became of the entries: once, for every format."""

from collections.abc import Iterable, Iterator
from typing import Final, assert_never

from reconciler.model import (
    Adopted,
    Created,
    Deleted,
    NotSent,
    Outcome,
    Recovered,
    Rejected,
    Renamed,
    Spared,
    Unconfirmed,
    Unknown,
    Updated,
)
from reconciler.report.kinds import NO_FREE_INSTANCE, RESULTS
from reconciler.report.rows import Detail, Json, Row, Way, instance_json
from reconciler.report.words import NO_CALL, Call, candidate, command, counted, printable
from reconciler.results import Result

_OFFERED: Final = 5  # candidates with a command of their own


def result_rows(results: Iterable[Result], call: Call = NO_CALL) -> Iterator[Row]:
    """Yield a row for each of *results*."""
    return (_result_row(result, call) for result in results)


def _result_row(result: Result, call: Call) -> Row:  # noqa: C901 - a branch an outcome
    outcome = result.outcome
    kind, key = RESULTS[type(outcome)], printable(result.key)
    match outcome:
        case Created(number) | Recovered(number) | Adopted(number):
            known = outcome.token is not None
            note = str(number) if known else f"{number}  its token is not known yet"
            facts: Json = {"idInstance": number, "tokenKnown": known}
            return Row(kind, key, note, facts={"name": result.name} | facts)
        case Renamed(previously):
            note = f"was {printable(previously)}"
            return Row(kind, key, note, facts={"name": result.name, "previously": previously})
        case Updated(number, parameters):
            facts = {"idInstance": number, "parameters": list(parameters)}
            note = f"{number}  {', '.join(map(printable, parameters))}"
            return Row(kind, key, note, facts={"name": result.name} | facts)
        case Deleted(number):
            facts = {"name": result.name, "idInstance": number}
            return Row(kind, key, str(number), facts=facts)
        case Spared(why):
            remedy, facts = "it exists, and is billed", {"reason": why}
        case Unconfirmed(why):
            remedy, facts = "the next run looks again before it sends anything", {"reason": why}
        case Rejected(code, description):
            remedy = f"{nothing_done(result)}: correct the entry"
            if code == NO_FREE_INSTANCE:
                remedy = f"{nothing_done(result)}: it is temporary, run again later"
            facts = {"code": code, "reason": description}
        case NotSent(why):
            remedy, facts = f"{nothing_done(result)}: the next run tries it again", {"reason": why}
        case Unknown():
            return _unknown_row(result, outcome, call)
        case _:
            assert_never(outcome)
    return Row(kind, key, reason(outcome), remedy=remedy, facts={"name": result.name} | facts)


def nothing_done(result: Result) -> str:
    """Say that what was tried was not done."""
    done = {"update": "set", "delete": "deleted"}
    return f"nothing was {done.get(result.verb, 'created')}"


def _unknown_row(result: Result, outcome: Unknown, call: Call) -> Row:
    def answer(*words: str) -> str:
        return command("resolve", result.key, *words, options=call.options)

    details = [Detail(f"announced {printable(outcome.since)}")]
    lead, ids = "if you find it in the console:", ["ID"]
    if outcome.candidates:
        number = counted(len(outcome.candidates), "live instance", "live instances")
        details.append(Detail(f"the account has {number} that could be it:"))
        lead = "if it is one of them:"
        ids = [str(row.id_instance) for row in outcome.candidates[:_OFFERED]]
    facts: Json = {
        "name": result.name,
        "reason": outcome.reason,
        "since": outcome.since,
        "candidates": [instance_json(row) for row in outcome.candidates],
    }
    return Row(
        RESULTS[Unknown],
        printable(result.key),
        f"it may exist: {reason(outcome)}",
        tuple(details),
        tuple(candidate(row, result.name) for row in outcome.candidates),
        "never sent again blindly: say what became of it with reconciler resolve",
        (
            Way(lead, tuple(answer("--id", number) for number in ids)),
            Way("if you are certain that none was created:", (answer("--not-created"),)),
        ),
        facts=facts,
    )


def reason(outcome: Outcome) -> str:
    """Return in words why there is no new instance; empty where there is one."""
    match outcome:
        case Created() | Recovered() | Adopted() | Renamed() | Updated() | Deleted():
            return ""
        case Rejected(code, description):
            said = code is None or description.startswith(str(code))
            return printable(description if said else f"code {code}: {description}")
        case NotSent(why) | Spared(why) | Unconfirmed(why) | Unknown(why):
            return printable(why)
        case _:
            assert_never(outcome)
