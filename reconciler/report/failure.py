"""A run that ended before it could report, and what is certain about it all the same."""

from dataclasses import dataclass
from typing import Final

from reconciler.report.words import printable

# Usage, manifest, unreadable account, lock, guard, token: these end a run before the first create.
_BEFORE_ANYTHING: Final = frozenset({2, 3, 5, 7, 9, 10})


@dataclass(frozen=True, slots=True)
class Failure:
    """How a run ended: *message* says why, in words that may be shown."""

    exit_code: int
    message: str
    seconds: float

    @property
    def bought_nothing(self) -> bool:
        """Whether it is certain that no instance was created; otherwise the state knows."""
        return self.exit_code in _BEFORE_ANYTHING


def failure_text(failure: Failure) -> str:
    """Return *failure* for a log or a heartbeat: what was bought comes first."""
    lines = [failure_headline(failure), *map(printable, failure.message.splitlines())]
    return "\n".join(lines) + "\n"


def failure_headline(failure: Failure) -> str:
    """Return in one line what was bought and the exit code."""
    end = f"the run failed (exit code {failure.exit_code})"
    if failure.bought_nothing:
        return f"0 instances created: {end}"
    return f"{end}; what it created is in the state: see reconciler status"
