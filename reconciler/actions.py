"""What a plan can say of an entry, or of a record that no entry wants any more."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.differences import Difference
from reconciler.model import LINKED, Desired, Instance, Pending, Recorded


@dataclass(frozen=True, slots=True)
class OfEntry:
    """What is to be said of an entry of the manifest."""

    desired: Desired

    @property
    def key(self) -> str:
        return self.desired.key


@dataclass(frozen=True, slots=True)
class Create(OfEntry):
    """Wanted, not recorded: one POST. *replaces* is the record of the one before it, which is gone
    (`--recreate`)."""

    replaces: Recorded | None = None


@dataclass(frozen=True, slots=True)
class Rename(OfEntry):
    """Wanted, and recorded or announced under the key that the entry had before: the record moves,
    and nothing is sent. *recorded* is None while the instance is only announced.

    What else is to be said of the entry is said by a second action, unless its instance is kept.
    """

    previously: str
    recorded: Recorded | None


@dataclass(frozen=True, slots=True)
class Keep:
    """Wanted, and recorded with these parameters."""

    key: str
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Changed(OfEntry):
    """Wanted, but recorded with other parameters."""

    recorded: Recorded
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Drifted(OfEntry):
    """Wanted, and recorded with these parameters, but the instance itself has others: they stand as
    *recorded* in the differences."""

    recorded: Recorded
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Update(OfEntry):
    """Changed or drifted, and to be set: one setSettings of what *differences* name, if that was
    not announced before; then the instance is only looked at."""

    recorded: Recorded
    differences: tuple[Difference, ...]

    @property
    def announced(self) -> str | None:
        """When it was announced by a run that could not confirm it, None if it was not."""
        update = self.recorded.update
        return None if update is None or update.confirmed else update.since


@dataclass(frozen=True, slots=True)
class Orphan:
    """Recorded, no longer wanted: it goes on costing money. *kept* says why `--prune` leaves it."""

    key: str
    recorded: Recorded
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """Recorded, no longer wanted, not protected, and to be deleted for ever (`--prune`).

    *state* is the instance's own word, None where it was not asked: apply asks before it deletes.
    """

    key: str
    recorded: Recorded
    state: str | None = None

    @property
    def linked(self) -> bool:
        return self.state == LINKED


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Announced, and nobody knows what became of it. *desired* is None when no longer wanted."""

    key: str
    pending: Pending
    desired: Desired | None


@dataclass(frozen=True, slots=True)
class Conflict(OfEntry):
    """Wanted, not recorded, but the name is taken: by live *candidates* of the account (of that
    name, or of one that a server may have made of it), by the unresolved create of another entry
    (*held_by*), or by the record of one (*recorded_as*; its own: forgotten, and not deleted)."""

    candidates: tuple[Instance, ...]
    held_by: str | None = None
    recorded_as: str | None = None

    @property
    def exact(self) -> bool:
        """Whether the candidates have the very name; else theirs are like it."""
        return any(row.name == self.desired.name for row in self.candidates)


@dataclass(frozen=True, slots=True)
class Lookalike(OfEntry):
    """Wanted, not recorded, and like the record of *orphan*, which is not wanted any more: a
    renamed key would be bought again. *why* says what is alike, after the orphan's key."""

    orphan: str
    recorded: Recorded
    why: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Recorded, and listed as deleted, now or once: it costs nothing any more."""

    key: str
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Missing:
    """Recorded, and not listed at all. Until it is listed again, or forgotten by a person, what
    else is not listed proves nothing, either."""

    key: str
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A *parameter* of a recorded entry whose wanted value is not known here; *why* not."""

    key: str
    parameter: str
    why: str


Action = (
    Create
    | Rename
    | Update
    | Delete
    | Keep
    | Changed
    | Drifted
    | Orphan
    | Unresolved
    | Conflict
    | Lookalike
    | Gone
    | Missing
)
# By apply; the others are asked about, stopped at, or reported.
DONE: Final = (Create, Rename, Update, Delete)
Among = Mapping[type[Action], Collection[str]]  # which keys are done what to


def left_alone(action: Action) -> Action | None:
    """Return what is to be said of what *action* is about where nobody chose to do it."""
    match action:
        case Create(desired, Recorded() as gone):
            return Gone(desired.key, gone)
        case Delete(key, recorded):
            return Orphan(key, recorded, "it was not chosen")
        case _:
            return None
