"""What stands above and below the rows of a report: counts, headlines, and what to do next."""

from collections import Counter
from collections.abc import Mapping, Sequence

from reconciler.model import NotSent, Rejected
from reconciler.plan import (
    Changed,
    Conflict,
    Gone,
    Keep,
    Lookalike,
    Missing,
    Orphan,
    Plan,
    Unresolved,
)
from reconciler.report.rows import ACTIONS, RESULTS, Way
from reconciler.report.words import command, counted, printable
from reconciler.results import Report


def plan_counts(plan: Plan) -> dict[str, int]:
    """Return the number of actions of each kind, creates first."""
    found = Counter(map(type, plan.actions))
    return {kind.word: found[action] for action, kind in ACTIONS.items()}


def plan_headline(plan: Plan) -> str:
    """Return the plan in one line; the number of instances that will be billed leads it."""
    counts = plan_counts(plan)
    create, *others = (kind for action, kind in ACTIONS.items() if action is not Keep)
    billed = f"{create.counted(counts[create.word])} to create"
    if not counts[create.word]:
        billed = "0 new billed instances: nothing to create"
    remarkable = [kind.counted(counts[kind.word]) for kind in others if counts[kind.word]]
    return ", ".join([billed, ACTIONS[Keep].counted(counts["keep"]), *remarkable])


def plan_advice(
    plan: Plan, owners: Mapping[int, str], *, options: Sequence[str] = ()
) -> list[list[Way]]:
    """Return what a person can do about *plan*, in paragraphs."""
    paragraphs = []
    if conflicts := plan.of(Conflict):
        paragraphs.append(conflict_advice(conflicts, owners, options=options))
    if lookalikes := plan.of(Lookalike):
        paragraphs.append(_renamed(lookalikes[0], options))
    rest = []
    if plan.of(Unresolved):
        rest.append(Way("Unresolved: apply first asks the account what became of these creates."))
    if any(isinstance(action, Changed | Gone | Missing | Orphan) for action in plan.actions):
        text = "What changed, is gone or is no longer wanted is reported; apply leaves it alone."
        rest.append(Way(text))
    return [*paragraphs, rest] if rest else paragraphs


def conflict_advice(
    conflicts: Sequence[Conflict], owners: Mapping[int, str], *, options: Sequence[str] = ()
) -> list[Way]:
    """Return the ways to record what exists instead of creating it again."""
    free = {
        each.key: [row for row in each.candidates if row.id_instance not in owners]
        for each in conflicts
        if each.held_by is None and each.exact
    }
    clear = [key for key, rows in free.items() if len(rows) == 1]
    unclear = [key for key, rows in free.items() if len(rows) > 1]
    alike = [each for each in conflicts if each.candidates and not each.exact]
    ways = []
    if clear:
        adopt = command("adopt", *clear if len(clear) < 4 else ["--all"], options=options)
        ways.append(Way("To record what exists, instead of buying it again:", (adopt,)))
    if unclear:
        choices = [command("adopt", key, "--id", "ID", options=options) for key in unclear[:3]]
        ways.append(Way("Where several have the name, choose one:", tuple(choices)))
    if alike:
        key, row = alike[0].key, alike[0].candidates[0]
        same = command("adopt", key, "--id", f"{row.id_instance}", options=options)
        ways.append(Way("Where a name is only alike, and it is the same instance:", (same,)))
        new = command("apply", "--new", key, options=options)
        ways.append(Way("where it is another one:", (new,)))
    return [*ways, Way("To create a new instance all the same, give the entry another name.")]


def _renamed(first: Lookalike, options: Sequence[str]) -> list[Way]:
    """Return the answers to a create that looks like a renamed entry."""
    return [
        Way(
            f"Renamed? Write `lifecycle: {{previously: {printable(first.orphan)}}}` below"
            f" {printable(first.key)}, or move the record:",
            (command("state", "mv", first.orphan, first.key, options=options),),
        ),
        Way("Really new:", (command("apply", "--new", first.key, options=options),)),
    ]


def run_headline(report: Report) -> str:
    """Return what the run did in one line; the number of instances that it created leads it."""
    if report.declined:
        return "0 instances created: declined, nothing was done"
    made, *others = RESULTS.values()
    created = f"{counted(report.counts[made.word], 'instance')} created"
    if not report.results and not report.stopped:
        created += ": nothing to create"
    told = [kind.counted(report.counts[kind.word]) for kind in others if report.counts[kind.word]]
    return ", ".join([created, *told])


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
    left = [RESULTS[kind].counted(counts[RESULTS[kind].word]) for kind in (Rejected, NotSent)]
    told = ", ".join(text for text in left if not text.startswith("0 "))
    return told, "nothing was created for these; `results` says why"


def run_advice(report: Report) -> list[Way]:
    """Return what a person should know, or do, about all that went wrong or was left alone."""
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
    return [Way(text) for text in texts + _left_alone(report.plan)]


def _left_alone(plan: Plan) -> list[str]:
    words = {Changed: "recorded with other parameters", Gone: "", Missing: "", Orphan: ""}
    found = Counter(map(type, plan.actions))
    seen = [
        f"{found[kind]} {said or ACTIONS[kind].phrase}"
        for kind, said in words.items()
        if found[kind]
    ]
    return [f"Left alone: {', '.join(seen)}; reconciler plan shows them."] if seen else []
