"""What is wrong with a manifest, as values: where, how bad, about what, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from reconciler.errors import ManifestError
from reconciler.model import Place


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"  # nothing is wrong; something could not be looked at


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in words that may be shown: no field holds a secret.

    *subject* is the path of keys it is about (`support-eu.name`), empty when there is none.
    *rule* is a stable identifier of the kind of problem. *also* are other places that belong to
    it; *entries* are the entries that a value in `defaults`, or behind an anchor, breaks.
    *length* is how many characters of the line the problem spans.
    """

    place: Place
    severity: Severity
    subject: str
    message: str
    hint: str | None
    rule: str
    also: tuple[Place, ...] = ()
    entries: tuple[str, ...] = ()
    length: int = 1


class InvalidManifest(ManifestError):
    """The manifest has errors; *problems* are all that was found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        count = sum(problem.severity is Severity.ERROR for problem in problems)
        super().__init__(
            f"the manifest has {count} error{'s' if count > 1 else ''}; nothing was tried"
        )
        self.problems = problems


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort by file, line and column; what is wrong twice at one place is said once."""
    known: dict[tuple[Place, str, str], Problem] = {}
    for problem in problems:
        known.setdefault((problem.place, problem.subject, problem.message), problem)
    return tuple(sorted(known.values(), key=_position))


def _position(problem: Problem) -> tuple[str, int, int, str, str]:
    place = problem.place
    return place.path, place.line, place.column, problem.rule, problem.message
