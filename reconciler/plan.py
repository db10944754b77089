"""Compare what is wanted with what is recorded: `diff` decides everything and does nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TypeVar

from reconciler.actions import (
    DONE,
    Action,
    Among,
    Changed,
    Conflict,
    Create,
    Delete,
    Drifted,
    Gone,
    Keep,
    Lookalike,
    Missing,
    NotCompared,
    Orphan,
    Rename,
    Unresolved,
    Update,
    left_alone,
)
from reconciler.checksum import checksum
from reconciler.evidence.listings import deleted_since, objections
from reconciler.evidence.lookalikes import Orphans
from reconciler.evidence.settings import LiveSettings, differing, settable
from reconciler.evidence.taken import Names, Oddity, oddities
from reconciler.model import (
    Account,
    Desired,
    Digest,
    Instance,
    Kept,
    Recorded,
)
from reconciler.secrets import Secret, Unset
from reconciler.state.digest import digest
from reconciler.state.model import ListedDeleted, Moved, State

__all__ = [  # the actions, too: whoever reads a plan needs both
    "DONE",
    "Action",
    "Among",
    "Changed",
    "Conflict",
    "Create",
    "Delete",
    "Drifted",
    "Gone",
    "Keep",
    "Lookalike",
    "Missing",
    "NotCompared",
    "Orphan",
    "Plan",
    "Rename",
    "Unresolved",
    "Update",
    "checksum",
    "diff",
]
A = TypeVar("A", bound=Action)


@dataclass(frozen=True, slots=True)
class Plan:
    """The actions in manifest order, then the leftovers.

    *lineage* and *serial* are those of the state it was computed from (an empty lineage: there
    is no state yet); *refreshed* tells whether the account was asked. *objections* say why its
    listing is no proof of absence, in words that follow "the listing"; *oddities* are what it has
    that does not fit the records. *not_compared* may differ: their values are not known here.
    *unread* are the keys of instances that were asked for their settings and did not tell, and why.
    """

    actions: tuple[Action, ...]
    lineage: str
    serial: int
    refreshed: bool
    objections: tuple[str, ...] = ()
    oddities: tuple[Oddity, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()

    def of(self, kind: type[A]) -> tuple[A, ...]:
        """Return the actions of one *kind*."""
        return tuple(action for action in self.actions if isinstance(action, kind))

    def selected(
        self,
        only: Sequence[str] = (),
        exclude: Sequence[str] = (),
        among: "Among | None" = None,
    ) -> "Plan":
        """Return the plan without what is to be done, and what stops it, that is not chosen.

        All three count together: a key must fit a glob of *only* (if there is any), none of
        *exclude*, and be *among* those of which a saved plan said the same (if there is one).
        """

        def chosen(kind: type[Action], key: str) -> bool:
            kind = Create if kind in (Conflict, Lookalike) else kind
            return (
                (among is None or key in among.get(kind, ()))
                and (not only or any(fnmatchcase(key, glob) for glob in only))
                and not any(fnmatchcase(key, glob) for glob in exclude)
            )

        left = (
            action
            if not isinstance(action, (*DONE, Conflict, Lookalike))
            or chosen(type(action), action.key)
            else left_alone(action)
            for action in self.actions
        )
        return replace(self, actions=tuple(action for action in left if action is not None))


def diff(
    entries: Sequence[Desired],
    state: State,
    account: Account | None = None,
    *,
    new: Collection[str] = (),
    live: LiveSettings | None = None,
    update: bool = False,
    recreate: bool = False,
    prune: bool = False,
) -> Plan:
    """Compare *entries* with *state*, and with *account* and the instances' own settings (*live*)
    where they were asked.

    *new* are the keys of which a person says that they are no renamed entries. *recreate*: what is
    gone is wanted anew. With *update*, what differs is to be set. *prune*: what no entry wants any
    more is to be deleted.
    """
    lineage, serial = state.lineage, state.serial
    renames = {rename.key: rename for rename in _renames(entries, state)}
    if renames:  # everything else is compared with what will be recorded by then
        state = state.after(Moved(each.previously, key) for key, each in renames.items())
    if account and (gone := deleted_since(state, account)):
        state = state.after(ListedDeleted(*each) for each in gone)
    world = _World.of(entries, state, account, live=live, update=update)
    actions: list[Action] = []
    for entry in entries:
        action = _wanted(entry, world, new=entry.key in new, recreate=recreate)
        if (rename := renames.get(entry.key)) is not None:
            actions.append(rename)
        if rename is None or not isinstance(action, Keep):
            actions.append(action)
    actions += [
        world.absent(key, recorded) or _left_over(key, recorded, world, prune=prune)
        for key, recorded in world.left_over()
    ]
    unwanted = (each for each in state.pending.items() if each[0] not in world.wanted)
    actions += [Unresolved(key, pending, None) for key, pending in unwanted]
    return Plan(
        tuple(actions),
        lineage,
        serial,
        refreshed=account is not None,
        objections=objections(state, account) if account else (),
        oddities=oddities(state, account) if account else (),
        not_compared=tuple(_not_compared(entries, state)),
        unread=tuple(_unread(entries, state, live)) if live else (),
    )


def _unread(
    entries: Iterable[Desired], state: State, live: LiveSettings
) -> Iterable[tuple[str, str]]:
    for entry in entries:
        recorded = state.instances.get(entry.key)
        if recorded is not None and recorded.id_instance in live.silent:
            yield entry.key, live.silent[recorded.id_instance]


def _not_compared(entries: Iterable[Desired], state: State) -> Iterable[NotCompared]:
    for entry in entries:
        recorded = state.instances.get(entry.key)
        for name, value in entry.parameters.items():
            if isinstance(value, Unset) and recorded and name in recorded.parameters:
                yield NotCompared(entry.key, name, value.why)


@dataclass(frozen=True)
class _World:
    """The manifest, the state and the account, indexed for one look per entry.

    What *account* lists as deleted is recorded so in *state*. *live* is by id, None when the
    account was not asked. *objections* say why its listing is no proof.
    """

    wanted: Mapping[str, Desired]
    state: State
    live: Mapping[int, Instance] | None
    objections: tuple[str, ...]
    doubtful: bool  # the listing may be old: what it lacks counts for nothing
    names: Names
    settings: LiveSettings | None = None
    update: bool = False
    digests: dict[tuple[str, Secret], Digest] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        entries: Sequence[Desired],
        state: State,
        account: Account | None,
        *,
        live: LiveSettings | None,
        update: bool,
    ) -> "_World":
        wanted = {entry.key: entry for entry in entries}
        listed = None if account is None else {row.id_instance: row for row in account.live}
        return cls(
            wanted,
            state,
            listed,
            objections(state, account) if account else (),
            doubtful=account is not None and bool(account.doubts),
            names=Names(state, account, wanted),
            settings=live,
            update=update,
        )

    def left_over(self) -> Iterable[tuple[str, Recorded]]:
        """Yield what is recorded and no longer wanted."""
        return (each for each in self.state.instances.items() if each[0] not in self.wanted)

    @cached_property
    def successors(self) -> Mapping[str | None, str]:
        """The keys that entries had before, and of each the entry's now."""
        return {each.lifecycle.previously: each.key for each in self.wanted.values()}

    @cached_property
    def orphans(self) -> Orphans:
        return Orphans(self.left_over())

    def absent(self, key: str, recorded: Recorded) -> Gone | Missing | None:
        """Return what is known of an instance that is recorded, and not there; else None."""
        if self.live is None:
            return Gone(key, recorded) if recorded.deleted else None
        if recorded.id_instance in self.live:
            return None
        if recorded.deleted:
            return Gone(key, recorded)
        return None if self.doubtful else Missing(key, recorded)

    def kept(self, entry: Desired) -> Mapping[str, Kept] | None:
        """Return the parameters of *entry* as the state would keep them; None where one is not
        known here.

        Each digest is computed once: a secret of the defaults comes back in every entry.
        """
        if any(isinstance(value, Unset) for value in entry.parameters.values()):
            return None
        return {
            name: self._digest(name, value) if isinstance(value, Secret) else value
            for name, value in entry.parameters.items()
        }

    def _digest(self, name: str, secret: Secret) -> Digest:
        if (known := self.digests.get((name, secret))) is None:
            value = secret.reveal_typed()
            known = self.digests[name, secret] = digest(self.state.lineage, name, value)
        return known

    def agrees(self, entry: Desired, recorded: Recorded) -> bool:
        """Whether *recorded* is what *entry* wants."""
        return recorded.parameters == self.kept(entry)


def _renames(entries: Sequence[Desired], state: State) -> Iterable[Rename]:
    """Yield the entries whose records are found under the keys that they had before, and moved."""
    before = [entry for entry in entries if entry.lifecycle.previously is not None]
    wanted = {entry.key for entry in entries} if before else set()
    for entry in before:
        previously = entry.lifecycle.previously or ""
        known = previously in state.instances or previously in state.pending
        held = entry.key in state.instances or entry.key in state.pending
        if known and not held and previously not in wanted:
            yield Rename(entry, previously, state.instances.get(previously))


def _wanted(entry: Desired, world: _World, *, new: bool, recreate: bool) -> Action:
    recorded = world.state.instances.get(entry.key)
    if recorded is None or (recorded.deleted and entry.key in world.state.pending):
        return _not_recorded(entry, world, new=new)
    absent = world.absent(entry.key, recorded)
    if recreate and isinstance(absent, Gone):
        action = _not_recorded(entry, world, new=new)
        return action if isinstance(action, Conflict) else Create(entry, recorded)
    return absent or _recorded(entry, recorded, world)


def _left_over(key: str, recorded: Recorded, world: _World, *, prune: bool) -> Orphan | Delete:
    """Return what becomes of an instance that no entry wants: deleted only if nothing is against
    it, for that can't be taken back."""
    row = world.live.get(recorded.id_instance) if world.live is not None else None
    if successor := world.successors.get(key):
        kept = f"{successor} says `previously: {key}`, and is there itself"
    elif not prune:
        kept = ""
    elif recorded.protected:
        kept = "it is protected"
    elif key in world.state.pending:
        kept = "a create of its entry is unresolved"
    elif world.objections:
        kept = f"the listing {world.objections[0]}"
    elif row is not None and not (row.is_partner is True and row.is_free is not True):
        kept = "its plan is not the partner's"
    else:
        told = world.settings.states if world.settings else {}
        return Delete(key, recorded, told.get(recorded.id_instance))
    return Orphan(key, recorded, kept)


def _not_recorded(entry: Desired, world: _World, *, new: bool) -> Action:
    if (pending := world.state.pending.get(entry.key)) is not None:
        return Unresolved(entry.key, pending, entry)
    taken = world.names.taken(entry, new=new)
    like = None if new or not world.orphans else world.orphans.like(entry, world.kept(entry))
    if taken and not (like and taken.only_by(like.key, like.recorded)):
        return Conflict(entry, taken.candidates, taken.held_by, taken.recorded_as)
    if like:
        return Lookalike(entry, like.key, like.recorded, like.why)
    return Create(entry)


def _recorded(
    entry: Desired, recorded: Recorded, world: _World
) -> Keep | Changed | Drifted | Update:
    agrees = world.agrees(entry, recorded)
    if agrees and world.settings is None:
        return Keep(entry.key, recorded)
    found = differing(entry, recorded, world.state.lineage, world.settings)
    if not found:  # or a secret that is none to the manifest any more
        return Keep(entry.key, recorded)
    if world.update and (to_set := settable(entry, found)):
        return Update(entry, recorded, to_set)
    return (Drifted if agrees else Changed)(entry, recorded, found)
