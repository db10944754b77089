"""Which names a create must not use, and which live instances nobody explains."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from reconciler.evidence.listings import objections
from reconciler.evidence.names import ListedNames, folded, longest_name
from reconciler.model import Account, Desired, Instance, Recorded
from reconciler.state.model import State


@dataclass(frozen=True, slots=True)
class Taken:
    """Why a name can't be used.

    Live *candidates* have it, or one that it may have become; the unresolved create of *held_by*
    has it; the record of *recorded_as* has it (its own key: a person forgot that record, and the
    instance stayed).
    """

    candidates: tuple[Instance, ...] = ()
    held_by: str | None = None
    recorded_as: str | None = None

    def only_by(self, key: str, recorded: Recorded) -> bool:
        """Whether nothing but the record of *key*, and its own row, has the name."""
        ids = {row.id_instance for row in self.candidates}
        return (
            self.held_by is None
            and self.recorded_as in (None, key)
            and ids <= {recorded.id_instance}
        )


@dataclass(frozen=True)
class Names:
    """The names of live instances, records and unresolved creates, beside what is *wanted*."""

    state: State
    account: Account | None
    wanted: Mapping[str, Desired]

    def taken(self, entry: Desired, *, new: bool) -> Taken | None:
        """Return what has the name of *entry*, which is not recorded; None when it is free.

        A person who says that it is *new* has seen the records and the likenesses. What nobody
        records under that very name, and what may still come, is not answered by that.
        """
        exact = self._live.get(entry.name, ())
        owner = self._recorded.get(entry.name)
        if new:
            exact = tuple(row for row in exact if row.id_instance not in self._ids)
            owner = None
        held_by = self._held_by(entry.name, new=new)
        candidates = exact or (() if new or owner else self._unexplained.like(entry.name))
        if candidates or held_by or owner:
            return Taken(candidates, held_by, owner)
        return None

    def _held_by(self, name: str, *, new: bool) -> str | None:
        """Return whose announced create has *name*: exactly, or alike and no longer wanted."""
        if new:
            return self._pending.get(name)
        return self._pending.get(name) or self._left_over.get(folded(name))

    @cached_property
    def _ids(self) -> frozenset[int]:
        """The instances that a person knows of: recorded ones, and forgotten ones."""
        return self.state.known_ids

    @cached_property
    def _live(self) -> Mapping[str, tuple[Instance, ...]]:
        return _by_name(self.account.live if self.account else ())

    @cached_property
    def _recorded(self) -> Mapping[str, str]:
        """Which entry has a name, or had it before a person forgot it (`state rm`); an instance
        that was deleted has none any more."""
        forgotten = {
            stone.name: stone.key
            for known, stone in self.state.tombstones.items()
            if not stone.deleted and not self._is_gone(known)
        }
        return forgotten | {
            each.name: key for key, each in self.state.instances.items() if not each.deleted
        }

    def _is_gone(self, id_instance: int) -> bool:
        """Whether the account shows that a forgotten instance does not exist any more."""
        if self.account is None or id_instance in self._live_ids:
            return False
        return id_instance in self.account.ids or not objections(self.state, self.account)

    @cached_property
    def _live_ids(self) -> frozenset[int]:
        return (
            frozenset(row.id_instance for row in self.account.live) if self.account else frozenset()
        )

    @cached_property
    def _pending(self) -> Mapping[str, str]:
        return {pending.name: key for key, pending in self.state.pending.items()}

    @cached_property
    def _left_over(self) -> Mapping[str, str]:
        return {
            folded(pending.name): key
            for key, pending in self.state.pending.items()
            if key not in self.wanted
        }

    @cached_property
    def _unexplained(self) -> ListedNames:
        """The live instances whose names are nobody's: one may be what a server made of ours."""
        if self.account is None:
            return ListedNames((), longest=0)
        named = {entry.name for entry in self.wanted.values()}
        explained = named.union(self._recorded, self._pending)
        rows = (
            row
            for row in self.account.live
            if row.id_instance not in self._ids and row.name not in explained
        )
        return ListedNames(rows, longest=longest_name(self.account))


@dataclass(frozen=True, slots=True)
class Relabelled:
    """The instance of *key*, recorded as *recorded_name*, is listed under another name."""

    key: str
    recorded_name: str
    listed: Instance


@dataclass(frozen=True, slots=True)
class Twin:
    """A live instance that nobody records has the name of *key*'s: it is billed, too."""

    key: str
    recorded_id: int
    listed: Instance


Oddity = Relabelled | Twin


def oddities(state: State, account: Account) -> tuple[Oddity, ...]:
    """Return what *account* lists that does not fit the records, and may cost money."""
    recorded = {each.id_instance: key for key, each in state.instances.items()}
    forgotten = state.tombstones
    owners = {folded(each.name): key for key, each in state.instances.items()}
    announced = {pending.name for pending in state.pending.values()}
    found: list[Oddity] = []
    for row in account.live:
        if (key := recorded.get(row.id_instance)) is not None:
            if row.name != (name := state.instances[key].name):
                found.append(Relabelled(key, name, row))
        elif row.id_instance in forgotten or row.name in announced:
            continue
        elif (key := owners.get(folded(row.name))) is not None:
            found.append(Twin(key, state.instances[key].id_instance, row))
    return tuple(found)


def _by_name(rows: Iterable[Instance]) -> dict[str, tuple[Instance, ...]]:
    by_name: dict[str, tuple[Instance, ...]] = {}
    for row in rows:
        by_name[row.name] = (*by_name.get(row.name, ()), row)
    return by_name
