"""What a run is about to do, once it has looked at the account and passed its guards."""

from dataclasses import dataclass

from reconciler.model import Account, Desired, NotSent
from reconciler.plan import Create, Delete, Plan, Update
from reconciler.results import Result


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that passed its guards. *results* is what settling and adopting did so far.

    *account* is None when it was not asked; *unreadable* says why it could not be.
    """

    plan: Plan
    account: Account | None
    results: tuple[Result, ...] = ()
    unreadable: str | None = None

    @property
    def creates(self) -> tuple[Desired, ...]:
        """What is about to be billed."""
        return tuple(action.desired for action in self.plan.of(Create))

    @property
    def deletes(self) -> tuple[Delete, ...]:
        """What is about to be deleted for ever."""
        return self.plan.of(Delete)

    @property
    def updates(self) -> tuple[Update, ...]:
        """What is about to be set, or looked at again."""
        return self.plan.of(Update)

    def unsent(self, reason: str) -> list[Result]:
        """Say of all that was about to be done that it is not, and why."""
        said = NotSent(reason)
        return [
            *(Result(entry.key, entry.name, said) for entry in self.creates),
            *(Result(each.key, each.desired.name, said, "update") for each in self.updates),
            *(Result(each.key, each.recorded.name, said, "delete") for each in self.deletes),
        ]
