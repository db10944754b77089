"""What a run did: one result for each entry that was touched, and the report of them all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.model import Instance
from reconciler.plan import Plan


@dataclass(frozen=True, slots=True)
class InstanceCreated:
    """Made in this run. *token_known* is False when no answer and no listing carried its token."""

    id_instance: int
    token_known: bool = True


@dataclass(frozen=True, slots=True)
class InstanceRecovered:
    """Made by us, its answer lost, found again in the account."""

    id_instance: int
    token_known: bool = True


@dataclass(frozen=True, slots=True)
class InstanceAdopted:
    """Existed before, and is recorded from now on."""

    id_instance: int
    token_known: bool = True


@dataclass(frozen=True, slots=True)
class CreateRejected:
    """The API refused it; nothing was created. *code* is the API's, as status or in the body."""

    code: int | None
    description: str


@dataclass(frozen=True, slots=True)
class CreateNotSent:
    """Nothing was created, and the next run will try it."""

    reason: str


@dataclass(frozen=True, slots=True)
class CreateUnknown:
    """It may exist. *candidates* are the live instances that could be it; *since* is ISO 8601."""

    reason: str
    since: str
    candidates: tuple[Instance, ...] = ()


Fate = (
    InstanceCreated
    | InstanceRecovered
    | InstanceAdopted
    | CreateRejected
    | CreateNotSent
    | CreateUnknown
)


@dataclass(frozen=True, slots=True)
class Result:
    """The fate of the entry *key* (sent as *name*) in this run."""

    key: str
    name: str
    fate: Fate


EVENTS: Final[Mapping[type, str]] = {
    InstanceCreated: "created",
    InstanceRecovered: "recovered",
    InstanceAdopted: "adopted",
    CreateRejected: "rejected",
    CreateNotSent: "not_sent",
    CreateUnknown: "unresolved",
}


@dataclass(frozen=True, slots=True)
class Report:
    """The whole run: *plan* as it was carried out, *results* in manifest order.

    *stopped* says in words why launching ended early, None when it did not. *signal* is the
    number of the signal that stopped the run. *wanted* and *recorded* count entries of the
    manifest, at the end. *started* is ISO 8601 in UTC, *seconds* the run's length.
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
    counts: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        counts = dict.fromkeys(EVENTS.values(), 0)
        for result in self.results:
            counts[EVENTS[type(result.fate)]] += 1
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
        return 5 if self.counts["rejected"] or self.counts["not_sent"] else 0
