"""What is to be said of a plan's actions, and of what became of them: once, for every format.

A `Row` says it all: sign and word, the key, the note beside it, the details below, what to do, and
the facts for programs. The formats only print rows. A new verb is a `Kind` and a branch here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from reconciler.differences import Difference
from reconciler.model import (
    Desired,
    Instance,
    Place,
    Recorded,
    Scalar,
)
from reconciler.plan import (
    Action,
    Changed,
    Conflict,
    Create,
    Delete,
    Drifted,
    Gone,
    Keep,
    Lookalike,
    Missing,
    Orphan,
    Plan,
    Rename,
    Unresolved,
    Update,
)
from reconciler.report.kinds import ACTIONS, Kind, Tone
from reconciler.report.words import (
    HIDDEN,
    candidate,
    command,
    counted,
    printable,
    quoted,
)
from reconciler.secrets import Secret

Json = dict[str, object]
SECRET: Final = {"secret": True}  # stands, for programs, for a value that must not be shown
_OFFERED: Final = 5  # candidates with a command of their own


@dataclass(frozen=True, slots=True)
class Detail:
    """A line below a row: *text*, and where a value is told, the one or two that it goes over."""

    text: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """A way to go on: a sentence, and the commands that do what it says."""

    text: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """All that is to be said of one action or result. Every text is printable already.

    *note* stands beside the key, *details* and the live instances *seen* below it. *remedy* says in
    one clause what follows from it, *ways* which commands answer. *facts* is what programs get
    beside kind and key.
    """

    kind: Kind
    key: str
    note: str = ""
    details: tuple[Detail, ...] = ()
    seen: tuple[str, ...] = ()
    remedy: str = ""
    ways: tuple[Way, ...] = ()
    place: Place | None = None
    facts: Json = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return self.kind.tone is Tone.BAD


def plan_rows(actions: Iterable[Action], owners: Mapping[int, str] | None = None) -> Iterator[Row]:
    """Yield a row for each of *actions*; *owners* tells which entry records which id."""
    return (_action_row(action, owners or {}) for action in actions)


def owners_in(plan: Plan) -> dict[int, str]:
    """Return which entry records which id, as far as *plan* tells."""
    return {
        action.recorded.id_instance: action.key
        for action in plan.actions
        if not isinstance(action, Create | Rename | Conflict | Lookalike | Unresolved)
    } | {
        action.recorded.id_instance: action.key
        for action in plan.of(Rename)
        if action.recorded is not None
    }


def owners_among(instances: Mapping[str, Recorded]) -> dict[int, str]:
    """Return which entry records which id."""
    return {recorded.id_instance: key for key, recorded in instances.items()}


def _action_row(  # noqa: C901, PLR0911 - a branch a kind
    action: Action, owners: Mapping[int, str]
) -> Row:
    kind, key = ACTIONS[type(action)], printable(action.key)
    match action:
        case Create():
            return _create_row(action, kind, key)
        case Conflict():
            return _conflict_row(action, kind, key, owners)
        case Lookalike(desired, orphan, recorded, why):
            number = recorded.id_instance
            note = f"{printable(orphan)} ({number}), which is no longer wanted, {why}"
            facts = {"orphan": orphan, "idInstance": number, "reason": why}
            return Row(kind, key, note, place=desired.place, facts=_wanted(desired) | facts)
        case Unresolved(_, pending, desired):
            wanted = "" if desired else "; no longer in the manifest"
            name = pending.name if desired is None else desired.name
            return Row(
                kind,
                key,
                f"announced {printable(pending.since)}{wanted}",
                place=desired.place if desired else None,
                facts={"name": name, "since": pending.since, "wanted": desired is not None},
            )
        case Rename():
            return _rename_row(action, kind, key)
        case Changed() | Drifted() | Update():
            return _differing_row(action, kind, key)
        case Gone(_, recorded):
            note = f"{recorded.id_instance} is not in the account any more"
        case Missing(_, recorded):
            forget = command("state", "rm", action.key)
            note = f"{recorded.id_instance} is not listed; if it was deleted: {forget}"
        case Orphan(_, recorded, kept):
            note = _orphaned(recorded, kept)
        case Delete():
            return _delete_row(action, kind, key)
        case Keep(_, recorded):
            note = str(recorded.id_instance)
        case _:
            assert_never(action)
    facts = {"name": recorded.name, "idInstance": recorded.id_instance}
    return Row(kind, key, note, facts=facts)


def _orphaned(recorded: Recorded, kept: str) -> str:
    notes = [f"{recorded.id_instance} exists, and is billed"]
    notes += [f"not deleted: {printable(kept)}"] if kept else []
    if recorded.deletion:
        notes.append(f"its deletion, announced {printable(recorded.deletion)}, is not confirmed")
    return "; ".join(notes)


def _delete_row(delete: Delete, kind: Kind, key: str) -> Row:
    number, state = delete.recorded.id_instance, delete.state
    note = f"{number} is deleted for ever, with its chats and its queue"
    if delete.linked:
        note = f"{number} is kept, unless --even-linked: a phone is linked to it"
    facts: Json = {"name": delete.recorded.name, "idInstance": number, "state": state}
    return Row(kind, key, note, facts=facts)


def _create_row(create: Create, kind: Kind, key: str) -> Row:
    desired, gone = create.desired, create.replaces
    notes = [f"named {quoted(desired.name, limit=80)}"] if desired.name != desired.key else []
    notes += [f"in place of {gone.id_instance}, which is gone"] if gone else []
    facts = _wanted(desired) | {"parameters": _parameters(desired)}
    facts |= {"replaces": gone.id_instance} if gone else {}
    return Row(kind, key, "; ".join(notes), place=desired.place, facts=facts)


def _rename_row(rename: Rename, kind: Kind, key: str) -> Row:
    known = rename.recorded.id_instance if rename.recorded else None
    what = f"the record of {known}" if known else "the announcement"
    note = f"takes over {what} from {printable(rename.previously)}; nothing is sent"
    facts: Json = {"previously": rename.previously, "idInstance": known}
    return Row(kind, key, note, place=rename.desired.place, facts=_wanted(rename.desired) | facts)


def _differing_row(action: Changed | Drifted | Update, kind: Kind, key: str) -> Row:
    number = action.recorded.id_instance
    facts: Json = {"differences": [_difference_json(each) for each in action.differences]}
    note = str(number)
    if isinstance(action, Update):
        facts |= {"announced": action.announced}
        if action.announced:
            note += f"  announced {printable(action.announced)}: it is looked at first"
    return Row(
        kind,
        key,
        note,
        tuple(_difference(each) for each in action.differences),
        place=action.desired.place,
        facts=_wanted(action.desired) | {"idInstance": number} | facts,
    )


def _conflict_row(conflict: Conflict, kind: Kind, key: str, owners: Mapping[int, str]) -> Row:
    desired = conflict.desired
    facts: Json = {
        "candidates": [instance_json(row) for row in conflict.candidates],
        "heldBy": conflict.held_by,
        "recordedAs": conflict.recorded_as,
    }
    return Row(
        kind,
        key,
        _taken(conflict),
        seen=tuple(_owned(row, desired.name, owners) for row in conflict.candidates),
        place=desired.place,
        facts=_wanted(desired) | facts,
    )


def instance_json(row: Instance) -> Json:
    """Return a live instance as a candidate: without its token."""
    return {"idInstance": row.id_instance, "name": row.name, "timeCreated": row.time_created}


def _taken(conflict: Conflict) -> str:
    holders = {"unresolved create": conflict.held_by, "record": conflict.recorded_as}
    notes = [f"the {what} of {printable(key)} has its name" for what, key in holders.items() if key]
    if conflict.recorded_as == conflict.key:
        notes = ["its instance was forgotten (`state rm`), and exists as far as is known"]
    if conflict.candidates:
        number = counted(len(conflict.candidates), "live instance has", "live instances have")
        notes.append(f"{number} {'its name' if conflict.exact else 'a name like it'}")
    return "; ".join(notes)


def _owned(row: Instance, name: str, owners: Mapping[int, str]) -> str:
    owner = owners.get(row.id_instance)
    whose = f"  recorded as {printable(owner)}" if owner is not None else ""
    return candidate(row, name) + whose


def _wanted(desired: Desired) -> Json:
    place = {"path": desired.place.path, "line": desired.place.line, "column": desired.place.column}
    return {"name": desired.name, "place": place}


def _parameters(desired: Desired) -> Json:
    return {
        name: SECRET if isinstance(value, Secret) else value
        for name, value in desired.parameters.items()
    }


def _difference(each: Difference) -> Detail:
    sign = "+" if each.recorded is None else "-" if each.wanted is None else "~"
    text = f"{sign} {printable(each.parameter)}:"
    if each.secret:
        said = {"+": "is to be set", "-": "is to be taken away", "~": "differs"}
        return Detail(text, (f"{HIDDEN} {said[sign]}",))
    return Detail(
        text,
        tuple(value_text(value) for value in (each.recorded, each.wanted) if value is not None),
    )


def value_text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else str(value)


def _difference_json(each: Difference) -> Json:
    hidden = {
        name: SECRET if each.secret and value is not None else value
        for name, value in (("recorded", each.recorded), ("wanted", each.wanted))
    }
    return {"parameter": each.parameter, **hidden}
