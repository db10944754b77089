"""How many of what: the figures that every format begins with, and the words for them."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from reconciler.plan import Changed, Conflict, Create, Gone, Keep, Orphan, Plan, Unresolved

if TYPE_CHECKING:
    from reconciler.results import Report  # a plan need not pay for it

ACTIONS: Final[Mapping[type, str]] = {  # what costs money comes first
    Create: "create",
    Conflict: "conflict",
    Unresolved: "unresolved",
    Changed: "changed",
    Gone: "gone",
    Orphan: "orphan",
    Keep: "keep",
}


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return `1 instance` or `2 instances`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def plan_counts(plan: Plan) -> dict[str, int]:
    """Return the number of actions of each kind, creates first."""
    found = Counter(map(type, plan.actions))
    return {word: found[kind] for kind, word in ACTIONS.items()}


def plan_headline(plan: Plan) -> str:
    """Return the plan in one line; the number of instances that will be billed leads it."""
    counts = plan_counts(plan)
    billed = f"{counted(counts['create'], 'new billed instance')} to create"
    if not counts["create"]:
        billed = "0 new billed instances: nothing to create"
    return ", ".join([billed, f"{counts['keep']} kept", *_remarkable(counts)])


def run_headline(report: "Report") -> str:
    """Return what the run did in one line; the number of instances that it created leads it."""
    counts = report.counts
    others = [
        f"{counts[kind]} {words}"
        for kind, words in (
            ("recovered", "recovered"),
            ("adopted", "adopted"),
            ("rejected", "rejected"),
            ("not_sent", "not sent"),
            ("unresolved", "unresolved"),
        )
        if counts[kind]
    ]
    created = f"{counted(counts['created'], 'instance')} created"
    if not report.results and not report.stopped and not report.declined:
        created += ": nothing to create"
    return ", ".join([created, *others])


def failed(report: "Report") -> int:
    """Return how many entries were refused or not sent."""
    return report.counts["rejected"] + report.counts["not_sent"]


def lasted(seconds: float) -> str:
    """Return a length of time as a person says it: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 03 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left:02} min" if hours else f"{minutes} min {rest:02} s"


def _remarkable(counts: Mapping[str, int]) -> list[str]:
    phrases = {
        "conflict": counted(counts["conflict"], "name conflict"),
        "unresolved": f"{counts['unresolved']} unresolved",
        "changed": f"{counts['changed']} changed",
        "gone": f"{counts['gone']} gone from the account",
        "orphan": f"{counts['orphan']} no longer wanted",
    }
    return [phrase for kind, phrase in phrases.items() if counts[kind]]
