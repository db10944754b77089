"""What stands above and below the rows of a report: counts, headlines, and what to do next."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from reconciler.model import Created, NotSent, Rejected, Unknown, Word
from reconciler.plan import Conflict, Drifted, Keep, Lookalike, Missing, Plan, Unresolved
from reconciler.report.kinds import ACTIONS, LEFT_ALONE, NO_FREE_INSTANCE, RESULTS
from reconciler.report.outcomes import nothing_done
from reconciler.report.rows import Way
from reconciler.report.words import NO_CALL, Call, command, counted, listed, printable
from reconciler.results import Report

_NAMED: Final = 5  # entries of which a sentence says that something of theirs was not compared


def plan_counts(plan: Plan) -> dict[str, int]:
    """Return the number of actions of each kind, creates first."""
    found = Counter(map(type, plan.actions))
    return {kind.word: found[action] for action, kind in ACTIONS.items()}


def left_alone(plan: Plan) -> dict[str, int]:
    """Return how many instances there are of each kind that apply only reports."""
    counts = plan_counts(plan)
    return {ACTIONS[kind].word: counts[ACTIONS[kind].word] for kind in LEFT_ALONE}


def pending_age(since: Iterable[str], now: float) -> int:
    """Return for how many seconds the oldest of the creates announced at *since* is unresolved.

    *now* is in seconds since 1970; without any the age is 0.
    """
    ages = [now - datetime.fromisoformat(text).timestamp() for text in since if text]
    return max(0, round(max(ages, default=0)))


def unresolved_since(run: Plan | Report) -> list[str]:
    """Return when each create was announced that is unresolved in a plan, or after a run."""
    if isinstance(run, Plan):
        return [action.pending.since for action in run.of(Unresolved)]
    return [each.outcome.since for each in run.results if isinstance(each.outcome, Unknown)]


def plan_headline(plan: Plan) -> str:
    """Return the plan in one line; the number of instances that will be billed leads it."""
    counts = plan_counts(plan)
    create, *others = (kind for action, kind in ACTIONS.items() if action is not Keep)
    billed = f"{create.counted(counts[create.word])} to create"
    if not counts[create.word]:
        billed = "0 new billed instances: nothing to create"
    remarkable = [kind.counted(counts[kind.word]) for kind in others if counts[kind.word]]
    if number := len(plan.not_compared):
        remarkable.append(f"{counted(number, 'value')} not compared")
    if number := len(plan.unread):
        remarkable.append(f"{number} not read")
    return ", ".join([billed, ACTIONS[Keep].counted(counts["keep"]), *remarkable])


def not_compared(plan: Plan) -> Iterator[str]:
    """Yield a sentence for each reference whose value is not known here: what it keeps from being
    compared."""
    entries: dict[tuple[str, str], list[str]] = {}
    for each in plan.not_compared:
        entries.setdefault((each.parameter, each.why), []).append(each.key)
    for (parameter, why), keys in entries.items():
        of = listed(keys, limit=_NAMED)
        yield f"Not compared: {parameter} of {of}, since {printable(why)}. apply needs it."


def unread(plan: Plan) -> Iterator[str]:
    """Yield a sentence for each reason why instances did not tell their settings."""
    reasons: dict[str, list[str]] = {}
    for key, why in plan.unread:
        reasons.setdefault(why, []).append(key)
    for why, keys in reasons.items():
        yield f"Not read: the settings of {listed(keys, limit=_NAMED)}: {printable(why)}."


def plan_advice(plan: Plan, owners: Mapping[int, str], call: Call = NO_CALL) -> list[list[Way]]:
    """Return what a person can do about *plan*, in paragraphs."""
    paragraphs = []
    if conflicts := plan.of(Conflict):
        paragraphs.append(conflict_advice(conflicts, owners, call))
    if lookalikes := plan.of(Lookalike):
        paragraphs.append(_renamed(lookalikes[0], call))
    found = set(map(type, plan.actions))
    paragraphs.append([Way(k.advice) for kind, k in ACTIONS.items() if k.advice and kind in found])
    paragraphs.append([Way(text) for text in (*not_compared(plan), *unread(plan))])
    if not plan.lineage and call.state:
        paragraphs.append([_no_state(plan, call)])
    return [ways for ways in paragraphs if ways]


def _no_state(plan: Plan, call: Call) -> Way:
    text = f"There is no state yet at {printable(call.state or '')}"
    if plan.refreshed:
        return Way(f"{text}; the account was read.")
    look = command("plan", "--refresh", options=call.options)
    return Way(f"{text}. If instances exist already, look at the account first:", (look,))


def conflict_advice(
    conflicts: Sequence[Conflict], owners: Mapping[int, str], call: Call = NO_CALL
) -> list[Way]:
    """Return the ways to record what exists instead of creating it again."""
    free = {
        each.key: [row for row in each.candidates if row.id_instance not in owners]
        for each in conflicts
        if each.held_by is None and each.recorded_as is None and each.exact
    }
    clear = [key for key, rows in free.items() if len(rows) == 1]
    unclear = [key for key, rows in free.items() if len(rows) > 1]
    forgotten = [each for each in conflicts if each.recorded_as == each.key and each.candidates]
    alike = [each for each in conflicts if each.candidates and not each.exact]
    ways = []
    if clear:
        adopt = command("adopt", *clear if len(clear) < 4 else ["--all"], options=call.options)
        ways.append(Way("To record what exists, instead of buying it again:", (adopt,)))
    if forgotten:
        takes = [
            command("adopt", each.key, "--id", f"{row.id_instance}", options=call.options)
            for each in forgotten[:3]
            for row in each.candidates[:1]
        ]
        ways.append(Way("To take back what was forgotten (`state rm`):", tuple(takes)))
    if unclear:
        choices = [command("adopt", key, "--id", "ID", options=call.options) for key in unclear[:3]]
        ways.append(Way("Where several have the name, choose one:", tuple(choices)))
    if alike:
        key, row = alike[0].key, alike[0].candidates[0]
        same = command("adopt", key, "--id", f"{row.id_instance}", options=call.options)
        ways.append(Way("Where a name is only alike, and it is the same instance:", (same,)))
        new = command("apply", "--new", key, options=call.options)
        ways.append(Way("where it is another one:", (new,)))
    return [*ways, Way("To create a new instance all the same, give the entry another name.")]


def _renamed(first: Lookalike, call: Call) -> list[Way]:
    """Return the answers to a create that looks like a renamed entry."""
    return [
        Way(
            "Look-alike: a key that was renamed would be bought a second time. Was it? Write"
            f" `lifecycle: {{previously: {printable(first.orphan)}}}` below {printable(first.key)},"
            " or move the record:",
            (command("state", "mv", first.orphan, first.key, options=call.options),),
        ),
        Way("Really new:", (command("apply", "--new", first.key, options=call.options),)),
    ]


def run_headline(report: Report) -> str:
    """Return what the run did in one line; the number of instances that it created leads it."""
    if report.declined:
        return "0 instances created: declined, nothing was done"
    made, *others = dict.fromkeys(RESULTS.values())
    created = f"{counted(report.counts[made.word], 'instance')} created"
    if not report.results and not report.stopped:
        created += ": nothing to create"
    found = [f"{counted(report.tokens_found, 'token')} found"] if report.tokens_found else []
    told = [kind.counted(report.counts[kind.word]) for kind in others if report.counts[kind.word]]
    return ", ".join([created, *told, *found])


def failures(report: Report) -> int:
    """Return how many entries were refused or not sent."""
    return report.counts["rejected"] + report.counts["not_sent"]


def shortfall(report: Report) -> tuple[str, str] | None:
    """Return what keeps the run from having succeeded, and what to do; None where it has."""
    counts = report.counts
    if report.exit_code == 0:
        return None
    if report.signal is not None:
        return report.stopped or "stopped by a signal", "the next run goes on from what is recorded"
    if report.token_refused:
        return "the partner API refused the token", "check GREEN_API_PARTNER_TOKEN, then run again"
    if number := counts["unresolved"]:
        creates = counted(number, "create")
        return f"the fate of {creates} is unknown", "the next run asks the account again"
    if number := counts["not_confirmed"]:
        told = counted(number, "request is", "requests are")
        return f"{told} not confirmed yet", "the next run looks again, and sends nothing blindly"
    left = [RESULTS[kind].counted(counts[RESULTS[kind].word]) for kind in (Rejected, NotSent)]
    told = ", ".join(text for text in left if not text.startswith("0 "))
    return told, "nothing was done for these; `results` says why"


def run_advice(report: Report, call: Call = NO_CALL) -> list[Way]:
    """Return what a person should know, or do, after the run."""
    counts, texts = report.counts, []
    if report.token_refused:
        texts.append("The partner API refused the token: check it, then run again.")
    waiting = sum(
        isinstance(each.outcome, Rejected) and each.outcome.code == NO_FREE_INSTANCE
        for each in report.results
    )
    if waiting:
        texts.append("Code 100: the API has no free instance just now. Run again later.")
    if counts["rejected"] > waiting and not report.token_refused:
        texts.append(f"Rejected: {_undone(report, Rejected)}. Correct the entries, then run again.")
    if counts["not_sent"]:
        stays = "" if report.stopped else "; a reason that stays is for a person to mend"
        said = f"Not sent: {_undone(report, NotSent)}. The next run tries them again{stays}."
        texts.append(said)
    if counts["not_confirmed"]:
        texts.append(
            "Not confirmed: sent, and not shown yet. The next run looks before it sends anything;"
            " what is not shown after ten minutes was not done, and is done anew if asked for."
        )
    if counts["unresolved"]:
        texts.append(
            "Unresolved: never sent again blindly. The next run asks the account again; what it"
            " does not list once --settled-after is over counts as not created."
        )
    ways = [*map(Way, texts), *_left_alone(report.plan, call)]
    if any(counts[word] for word in (Word.CREATED, Word.RECOVERED, Word.ADOPTED)):
        export = command("export", options=call.options)
        ways.append(Way("Next, ids and tokens for those who use the instances:", (export,)))
    if counts[Word.CREATED]:
        key = next(each.key for each in report.results if isinstance(each.outcome, Created))
        link = command("link", key, options=call.options)
        ways.append(Way("A new instance works once a phone is linked to it:", (link,)))
    return ways


def _undone(report: Report, kind: type) -> str:
    results = [each for each in report.results if isinstance(each.outcome, kind)]
    words = {nothing_done(each) for each in results}
    return words.pop() if len(words) == 1 else "nothing was done"


def _left_alone(plan: Plan, call: Call) -> list[Way]:
    found = Counter(map(type, plan.actions))
    seen = [ACTIONS[kind].counted(found[kind]) for kind in LEFT_ALONE if found[kind]]
    if not seen:
        return []
    asked = {Missing: "--refresh", Drifted: "--live"}  # without it, a plan knows of none
    needed = [option for kind, option in asked.items() if found[kind]]
    show = command("plan", *needed, options=call.options)
    return [Way(f"Left alone: {', '.join(seen)}. What they are, and what to do:", (show,))]
