"""What a run did: one result for each entry that was touched, and the report of them all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.errors import GuardError
from reconciler.model import Instance, Outcome, Word
from reconciler.plan import Action, Plan

COUNTED: Final = tuple(word for word in Word if word is not Word.NOT_CREATED)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the entry *key* (sent as *name*) in this run; *verb* is what was tried."""

    key: str
    name: str
    outcome: Outcome
    verb: str = "create"


@dataclass(frozen=True, slots=True)
class Report:
    """The whole run: *plan* as it was carried out, *results* in manifest order.

    *stopped* says in words why launching ended early, None when it did not. *signal* is the
    number of the signal that stopped the run. *wanted* and *recorded* count entries of the
    manifest, at the end; *tokens_found* counts tokens that were not known before. *started* is
    ISO 8601 in UTC, *seconds* the run's length.
    """

    run_id: str
    started: str
    seconds: float
    plan: Plan
    results: tuple[Result, ...]
    wanted: int
    recorded: int
    stopped: str | None = None
    token_refused: bool = False
    signal: int | None = None
    declined: bool = False
    tokens_found: int = 0
    counts: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        counts = {word.value: 0 for word in COUNTED}
        for result in self.results:
            counts[result.outcome.word] += 1
        object.__setattr__(self, "counts", counts)

    @property
    def exit_code(self) -> int:
        """The most urgent of what holds (the state's own failures, 8, are raised instead)."""
        if self.signal is not None:
            return 128 + self.signal
        if self.token_refused:
            return 10
        if self.counts["unresolved"]:
            return 6
        if self.counts["not_confirmed"]:
            return 11
        return 5 if self.counts["rejected"] or self.counts["not_sent"] else 0


class WrongInstance(GuardError):
    """An id that a person named is not to be recorded; *candidates* may have been meant."""

    def __init__(self, message: str, *, hint: str, candidates: tuple[Instance, ...]) -> None:
        super().__init__(message, hint=hint)
        self.candidates = candidates


class PlanRefused(GuardError):
    """A guard stopped at *actions* of the plan, before anything was sent.

    *results* is what was recorded before, without sending anything.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str,
        actions: tuple[Action, ...],
        results: tuple[Result, ...] = (),
    ) -> None:
        super().__init__(message, hint=hint)
        self.actions = actions
        self.results = results
