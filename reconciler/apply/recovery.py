"""What the account says about creates whose answer was lost. Pure: evidence in, verdict out.

A create is only announced when the account has no live instance of its name, and the announcement
names a snapshot of the ids that were there before. So a live instance that is neither recorded nor
in the snapshot is a *newcomer*, and exactly one newcomer of the announced name is ours. Everything
else is not proof, and nothing is guessed from it.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final

from reconciler.model import Account, Instance, Pending
from reconciler.state.model import State

# timeCreated has no zone: it may be off by 14 hours either way, and clocks differ.
_ZONES: Final = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one newcomer has the announced name."""

    instance: Instance


@dataclass(frozen=True, slots=True)
class Absent:
    """The account lists nothing that could be it, so far."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Two of that name, or newcomers whose names match no create: a person has to look."""

    candidates: tuple[Instance, ...]


Evidence = Found | Absent | Ambiguous


def judge(state: State, account: Account) -> dict[str, Evidence]:
    """Return the evidence for each pending create of *state*, by key."""
    recorded = {entry.id_instance for entry in state.instances.values()}
    unrecorded = tuple(row for row in account.live if row.id_instance not in recorded)
    names = Counter(pending.name for pending in state.pending.values())
    checked = {
        snapshot: _Newcomers.of((row for row in unrecorded if row.id_instance not in ids), names)
        for snapshot, ids in state.snapshots.items()
    }
    return {
        key: _proven(pending, checked[pending.snapshot], sole=names[pending.name] == 1)
        if pending.snapshot in checked
        else _unproven(pending, unrecorded, names)
        for key, pending in state.pending.items()
    }


def age(pending: Pending, now: datetime) -> float:
    """Return the seconds since *pending* was announced; negative when the clock stepped back."""
    return (now - datetime.fromisoformat(pending.since)).total_seconds()


@dataclass(frozen=True, slots=True)
class _Newcomers:
    """The live instances that nobody records and that were not there before."""

    by_name: Mapping[str, tuple[Instance, ...]]
    strangers: tuple[Instance, ...]  # their names match no create

    @classmethod
    def of(cls, rows: Iterable[Instance], names: Container[str]) -> "_Newcomers":
        by_name: dict[str, tuple[Instance, ...]] = {}
        for row in rows:
            by_name[row.name] = (*by_name.get(row.name, ()), row)
        strangers = [same for name, same in by_name.items() if name not in names]
        return cls(by_name, tuple(chain.from_iterable(strangers)))


def _proven(pending: Pending, newcomers: _Newcomers, *, sole: bool) -> Evidence:
    """Judge a create; it is not the *sole* one of its name in a state that was merged by hand."""
    match newcomers.by_name.get(pending.name, ()):
        case (only,) if sole:
            return Found(only)
        case several:
            candidates = (*several, *newcomers.strangers)
            return Ambiguous(candidates) if candidates else Absent()


def _unproven(
    pending: Pending, unrecorded: tuple[Instance, ...], names: Container[str]
) -> Evidence:
    """Judge a create before which nobody looked: even one namesake may have been there already."""
    earliest = datetime.fromisoformat(pending.since) - _ZONES
    young = (row for row in unrecorded if not _older(row, earliest))
    newcomers = _Newcomers.of(young, names)
    candidates = (*newcomers.by_name.get(pending.name, ()), *newcomers.strangers)
    return Ambiguous(candidates) if candidates else Absent()


def _older(row: Instance, moment: datetime) -> bool:
    """Whether *row* was certainly created before *moment*; a text that is no time is no proof."""
    try:
        created = datetime.fromisoformat(row.time_created)
    except ValueError:
        return False
    return (created if created.tzinfo else created.replace(tzinfo=UTC)) < moment
