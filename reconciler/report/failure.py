"""A call that ended before it could answer, and what is certain about it all the same."""

from dataclasses import dataclass
from typing import Final

from reconciler.errors import ReconcilerError
from reconciler.manifest.problems import InvalidManifest, Problem
from reconciler.model import Instance
from reconciler.plan import Action
from reconciler.report.words import printable
from reconciler.results import PlanRefused, Result, WrongInstance

# Usage, manifest, unreadable account, lock, guard, token: these end a run before the first create.
_WITHOUT_DOCUMENT: Final = frozenset({1, 2, 130, 143})  # the program, the call, a signal
_BEFORE_ANYTHING: Final = frozenset({2, 3, 5, 7, 9, 10})


@dataclass(frozen=True, slots=True)
class Failure:
    """How a call ended: *message* says why, *hint* what to do, in words that may be shown.

    *actions* are those at which a guard stopped, *results* what was recorded before it did;
    *problems* are those of an invalid manifest; *candidates* are what may have been meant.
    """

    exit_code: int
    message: str
    seconds: float = 0.0
    hint: str | None = None
    actions: tuple[Action, ...] = ()
    problems: tuple[Problem, ...] = ()
    results: tuple[Result, ...] = ()
    candidates: tuple[Instance, ...] = ()

    @classmethod
    def of(cls, error: ReconcilerError, *, seconds: float = 0.0) -> "Failure":
        """Return what *error* tells."""
        refused = error if isinstance(error, PlanRefused) else None
        return cls(
            error.exit_code,
            error.message,
            seconds,
            error.hint,
            actions=refused.actions if refused else (),
            problems=error.problems if isinstance(error, InvalidManifest) else (),
            results=refused.results if refused else (),
            candidates=error.candidates if isinstance(error, WrongInstance) else (),
        )

    @property
    def bought_nothing(self) -> bool:
        """Whether it is certain that no instance was created; otherwise the state knows."""
        return self.exit_code in _BEFORE_ANYTHING

    @property
    def documented(self) -> bool:
        """Whether `-o json` and `--report` answer with a document at this exit code."""
        return self.exit_code not in _WITHOUT_DOCUMENT


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
