"""What the account says about creates whose answer was lost.

A create is only announced when the account has no live instance of its name, and the announcement
names a snapshot of the ids that were there before. So a live instance that is neither recorded nor
in the snapshot, and that no person has forgotten, is a *newcomer*, and exactly one newcomer of the
announced name is ours. Everything else is not proof, and nothing is guessed from it.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final

from reconciler.evidence.listings import objections, shows_another_account
from reconciler.evidence.names import ListedNames, longest_name
from reconciler.model import Account, Instance, Pending
from reconciler.state.model import State

# timeCreated has no zone: it may be off by 14 hours either way, and clocks differ.
_ZONES: Final = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class Found:
    """Exactly one newcomer has the announced name, and no other has one like it."""

    instance: Instance


@dataclass(frozen=True, slots=True)
class Absent:
    """The account lists nothing that could be it, and lists all that it must."""


@dataclass(frozen=True, slots=True)
class Unproven:
    """Nothing listed could be it, but the listing is no proof of absence: it *why*."""

    why: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Two of that name, or newcomers whose names match no create: a person has to look."""

    candidates: tuple[Instance, ...]


Evidence = Found | Absent | Unproven | Ambiguous


def judge(state: State, account: Account) -> dict[str, Evidence]:
    """Return the evidence for each pending create of *state*, by key."""
    if shows_another_account(state, account):
        stranger = Unproven("lists none of the recorded instances")
        return dict.fromkeys(state.pending, stranger)
    known = state.known_ids
    unrecorded = tuple(row for row in account.live if row.id_instance not in known)
    names = Counter(pending.name for pending in state.pending.values())
    longest = longest_name(account)
    why = "; ".join(objections(state, account))
    silence = Unproven(why) if why else Absent()
    checked = {
        snapshot: _Newcomers.of(
            (row for row in unrecorded if row.id_instance not in ids), names, longest
        )
        for snapshot, ids in state.snapshots.items()
    }
    evidence = {
        key: (
            _after_a_look(pending, checked[pending.snapshot], sole=names[pending.name] == 1)
            if pending.snapshot in checked
            else _without_a_look(pending, unrecorded, names, longest)
        )
        or silence
        for key, pending in state.pending.items()
    }
    return {key: _of_entry(key, each, state) for key, each in evidence.items()}


def _of_entry(key: str, evidence: Evidence, state: State) -> Evidence:
    """Return *evidence* for *key*: it is a second instance where one is recorded already, as when
    two machines announced the entry. Recording it would throw the first one's token away."""
    recorded = state.instances.get(key)
    if isinstance(evidence, Found) and recorded is not None and not recorded.deleted:
        return Ambiguous((evidence.instance,))
    return evidence


def known_ids(state: State, account: Account | None) -> frozenset[int]:
    """Return the ids whose appearance in an answer proves no create.

    They are recorded already, forgotten, or were listed before, now or by an earlier run: an
    answer that a middlebox kept, or that was meant for another create, names a known instance.
    """
    listed = account.ids if account else frozenset()
    return state.known_ids.union(listed, *state.snapshots.values())


@dataclass(frozen=True, slots=True)
class _Newcomers:
    """The live instances that nobody records and that were not there before."""

    by_name: Mapping[str, tuple[Instance, ...]]
    strangers: tuple[Instance, ...]  # their names match no create
    rewritten: ListedNames  # the strangers, by what their names may have been

    @classmethod
    def of(cls, rows: Iterable[Instance], names: Container[str], longest: int) -> "_Newcomers":
        by_name: dict[str, tuple[Instance, ...]] = {}
        for row in rows:
            by_name[row.name] = (*by_name.get(row.name, ()), row)
        others = (same for name, same in by_name.items() if name not in names)
        strangers = tuple(chain.from_iterable(others))
        return cls(by_name, strangers, ListedNames(strangers, longest=longest))


def _after_a_look(
    pending: Pending, newcomers: _Newcomers, *, sole: bool
) -> Found | Ambiguous | None:
    """Judge a create; it is not the *sole* one of its name in a state that was merged by hand."""
    match newcomers.by_name.get(pending.name, ()):
        case (only,) if sole and not newcomers.rewritten.like(pending.name):
            return Found(only)
        case several:
            candidates = (*several, *newcomers.strangers)
            return Ambiguous(candidates) if candidates else None


def _without_a_look(
    pending: Pending, unrecorded: tuple[Instance, ...], names: Container[str], longest: int
) -> Ambiguous | None:
    """Judge a create before which nobody looked: even one namesake may have been there already."""
    earliest = datetime.fromisoformat(pending.since) - _ZONES
    young = (row for row in unrecorded if not _older(row, earliest))
    newcomers = _Newcomers.of(young, names, longest)
    candidates = (*newcomers.by_name.get(pending.name, ()), *newcomers.strangers)
    return Ambiguous(candidates) if candidates else None


def _older(row: Instance, moment: datetime) -> bool:
    """Whether *row* was certainly created before *moment*; a text that is no time is no proof."""
    try:
        created = datetime.fromisoformat(row.time_created)
    except ValueError:
        return False
    return (created if created.tzinfo else created.replace(tzinfo=UTC)) < moment
