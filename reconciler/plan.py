"""Compare what is wanted with what is recorded: `diff` decides everything and does nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final, TypeVar

from reconciler.model import Account, Desired, Digest, Instance, Kept, Pending, Recorded, Scalar
from reconciler.secrets import Secret
from reconciler.state.digest import digest, kept
from reconciler.state.model import State


@dataclass(frozen=True, slots=True)
class Create:
    """Wanted, not recorded: one POST."""

    desired: Desired

    @property
    def key(self) -> str:
        return self.desired.key


@dataclass(frozen=True, slots=True)
class Keep:
    """Wanted, and recorded with these parameters."""

    key: str
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Difference:
    """One parameter whose wanted value is not the recorded one; None where it is not set.

    Of a secret one neither value is here, only whether it is set.
    """

    parameter: str
    recorded: Scalar | None
    wanted: Scalar | None
    secret: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """Wanted, but recorded with other parameters."""

    desired: Desired
    recorded: Recorded
    differences: tuple[Difference, ...]

    @property
    def key(self) -> str:
        return self.desired.key


@dataclass(frozen=True, slots=True)
class Orphan:
    """Recorded, no longer wanted: it goes on costing money."""

    key: str
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Announced, and nobody knows what became of it. *desired* is None when no longer wanted."""

    key: str
    pending: Pending
    desired: Desired | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Wanted, not recorded, but the name is taken: by live *candidates* of the account, or by
    the unresolved create of another entry (*held_by*)."""

    desired: Desired
    candidates: tuple[Instance, ...]
    held_by: str | None = None

    @property
    def key(self) -> str:
        return self.desired.key


@dataclass(frozen=True, slots=True)
class Gone:
    """Recorded, but the account no longer has it."""

    key: str
    recorded: Recorded


Action = Create | Keep | Changed | Orphan | Unresolved | Conflict | Gone
_GLOBS: Final = frozenset("*?[")
A = TypeVar("A", bound=Action)


@dataclass(frozen=True, slots=True)
class Plan:
    """The actions in manifest order, then the leftovers.

    *lineage* and *serial* are those of the state it was computed from (an empty lineage: there
    is no state yet); *refreshed* tells whether the account was asked.
    """

    actions: tuple[Action, ...]
    lineage: str
    serial: int
    refreshed: bool

    def of(self, kind: type[A]) -> tuple[A, ...]:
        """Return the actions of one *kind*."""
        return tuple(action for action in self.actions if isinstance(action, kind))

    def selected(self, only: Sequence[str], exclude: Sequence[str]) -> "Plan":
        """Return the plan without the creates and conflicts that the globs leave out."""

        exact = {glob for glob in only if not _GLOBS.intersection(glob)}
        patterns = [glob for glob in only if glob not in exact]

        def wanted(key: str) -> bool:
            named = not only or key in exact or any(fnmatchcase(key, glob) for glob in patterns)
            return named and not any(fnmatchcase(key, glob) for glob in exclude)

        chosen = tuple(
            action
            for action in self.actions
            if not isinstance(action, Create | Conflict) or wanted(action.key)
        )
        return Plan(chosen, self.lineage, self.serial, self.refreshed)


def diff(entries: Sequence[Desired], state: State, account: Account | None = None) -> Plan:
    """Compare *entries* with *state*, and with *account* where it was asked."""
    world = _World.of(state, account)
    actions: list[Action] = []
    for entry in entries:
        recorded = state.instances.get(entry.key)
        if recorded is None:
            actions.append(_not_recorded(entry, world))
        elif world.agrees(entry, recorded):
            actions.append(Keep(entry.key, recorded))
        else:
            actions.append(_other(entry, recorded, world))
    keys = {entry.key for entry in entries}
    actions += [
        _leftover(key, recorded, world)
        for key, recorded in state.instances.items()
        if key not in keys
    ]
    actions += [
        Unresolved(key, pending, None) for key, pending in state.pending.items() if key not in keys
    ]
    return Plan(tuple(actions), state.lineage, state.serial, account is not None)


def checksum(entries: Iterable[Desired], state: State) -> str:
    """Return the hex SHA-256 that binds a saved plan to *entries*, lineage and serial.

    It does not depend on whether the account was asked. Secret values enter as the digests that
    the state would hold, never as they are.
    """
    import hashlib
    import json

    sha = hashlib.sha256(f"{state.lineage}\n{state.serial}\n".encode())
    for entry in entries:
        parameters = {name: _plain(value) for name, value in kept(entry, state.lineage).items()}
        sha.update(json.dumps([entry.key, entry.name, parameters], sort_keys=True).encode())
        sha.update(b"\n")
    return sha.hexdigest()


def _plain(value: Kept) -> Scalar | list[str]:
    return [value.text] if isinstance(value, Digest) else value


@dataclass(frozen=True, slots=True)
class _World:
    """The state and the account, indexed for one look per entry."""

    state: State
    listed: frozenset[int] | None  # live ids; None when the account was not asked
    by_name: Mapping[str, tuple[Instance, ...]]
    pending_names: Mapping[str, str]
    digests: dict[tuple[str, Secret], Digest] = field(default_factory=dict)

    @classmethod
    def of(cls, state: State, account: Account | None) -> "_World":
        live = account.live if account else ()
        by_name: dict[str, tuple[Instance, ...]] = {}
        for row in live:
            by_name[row.name] = (*by_name.get(row.name, ()), row)
        listed = frozenset(row.id_instance for row in live) if account else None
        pending_names = {pending.name: key for key, pending in state.pending.items()}
        return cls(state, listed, by_name, pending_names)

    def kept(self, entry: Desired) -> Mapping[str, Kept]:
        """Return the parameters of *entry* as the state would keep them.

        Each digest is computed once: a secret of the defaults comes back in every entry.
        """
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
        """Whether *recorded* is what *entry* wants, and still exists as far as is known."""
        return (
            recorded.parameters == self.kept(entry)
            and recorded.name == entry.name
            and (self.listed is None or recorded.id_instance in self.listed)
        )

    def lacks(self, recorded: Recorded) -> bool:
        return self.listed is not None and recorded.id_instance not in self.listed


def _not_recorded(entry: Desired, world: _World) -> Action:
    if (pending := world.state.pending.get(entry.key)) is not None:
        return Unresolved(entry.key, pending, entry)
    candidates = world.by_name.get(entry.name, ())
    held_by = world.pending_names.get(entry.name)
    if candidates or held_by:
        return Conflict(entry, candidates, held_by)
    return Create(entry)


def _other(entry: Desired, recorded: Recorded, world: _World) -> Action:
    if world.lacks(recorded):
        return Gone(entry.key, recorded)
    if differences := _differences(entry, recorded, world.state.lineage):
        return Changed(entry, recorded, differences)
    return Keep(entry.key, recorded)  # a secret that is none to the manifest any more


def _leftover(key: str, recorded: Recorded, world: _World) -> Action:
    return Gone(key, recorded) if world.lacks(recorded) else Orphan(key, recorded)


def _differences(entry: Desired, recorded: Recorded, lineage: str) -> tuple[Difference, ...]:
    wanted, held = entry.parameters, recorded.parameters
    found = [
        _difference(name, held.get(name), wanted.get(name))
        for name in dict.fromkeys((*wanted, *held))
        if not _same(name, held.get(name), wanted.get(name), lineage)
    ]
    if entry.name != recorded.name:
        found.insert(0, Difference("name", recorded.name, entry.name, secret=False))
    return tuple(found)


def _same(name: str, held: Kept | None, wanted: Scalar | Secret | None, lineage: str) -> bool:
    if isinstance(wanted, Secret):
        wanted = wanted.reveal_typed()
    if isinstance(held, Digest) and wanted is not None:
        return digest(lineage, name, wanted) == held
    return held == wanted


def _difference(name: str, held: Kept | None, wanted: Scalar | Secret | None) -> Difference:
    if isinstance(wanted, Secret) or isinstance(held, Digest):
        masked = [None if value is None else "***" for value in (held, wanted)]
        return Difference(name, masked[0], masked[1], secret=True)
    return Difference(name, held, wanted, secret=False)
