"""A state and a journal joined, whatever became of either since they were written.

A journal that continues the very text that is there is simply carried out. Any other text has seen
some of the journal's events, all of them, or none: it was put in place and the journal outlived
it, or another machine's state was put over this one (by git, or from a backup) while the journal
of a killed run lay here. Then nothing that the journal knows may be lost, and nothing that the text
knows taken back: where it can't be told whether a create was settled meanwhile, it is unresolved
again, and the next run asks the account.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from reconciler.errors import StateError
from reconciler.model import Pending, Recorded, SettingsUpdate, Token, Tombstone
from reconciler.state.changes import (
    DeleteAnnounced,
    DeleteClosed,
    SettingsConfirmed,
    UpdateAnnounced,
    UpdateClosed,
)
from reconciler.state.encoding import Line
from reconciler.state.model import (
    Addressed,
    Closed,
    Event,
    ExposureEnded,
    Forgotten,
    Intent,
    Listed,
    ListedDeleted,
    Moved,
    OrphansReported,
    ProtectionChanged,
    Record,
    Rotation,
    State,
    TokenFound,
)
from reconciler.state.strictjson import shown


def joined(
    base: State,
    lines: Sequence[Line],
    *,
    continues: bool,
    source: str,
    listed: Mapping[str, frozenset[int]] = MappingProxyType({}),
) -> State:
    """Return *base* with what the *lines* of its journal add; *source* names the journal.

    *listed* are snapshots that are known beside: what was joined before may have done with one.

    Raises StateError where both know an instance for one key, and not the same.
    """
    if continues:
        _check_story(base, lines, source)
        return base.after(line.event for line in lines)
    told = State(base.lineage).after(line.event for line in lines)
    state = base.after(_closings(base, lines))
    state = state.after(_marks(state, told, lines))
    _check_instances(state, told, source)
    state = state.after(_records(state, told, lines))
    state = state.after(_tokens(state, lines, written=base.serial))
    state = state.after(_rotations(state, lines, written=base.serial))
    state = state.after(_intents(state, told, {**listed, **base.snapshots}))
    state = state.after(_updates(state, lines))
    state = state.after(_address(state, lines, written=base.serial))
    if state.serial == base.serial:
        return base
    return replace(state, serial=max(state.serial, lines[-1].serial))  # its lines are old now


def _check_story(base: State, lines: Sequence[Line], source: str) -> None:
    """Raise StateError if an instance takes the place of another that was not given up before."""
    held = {key: each.id_instance for key, each in base.instances.items() if not each.deleted}
    for line in lines:
        match line.event:
            case Record(key, recorded):
                if held.get(key, recorded.id_instance) != recorded.id_instance:
                    raise _two_of(key, source)
                held[key] = recorded.id_instance
            case ListedDeleted(key, known) | Forgotten(known, Tombstone(key=key)):
                if held.get(key) == known:
                    del held[key]
            case Moved(key, to) if key in held:
                held[to] = held.pop(key)


def _check_instances(state: State, told: State, source: str) -> None:
    for key, recorded in told.instances.items():
        held = state.instances.get(key)
        if held is None or held.id_instance == recorded.id_instance:
            continue
        if not (held.deleted or recorded.deleted or recorded.id_instance in state.tombstones):
            raise _two_of(key, source)


def _two_of(key: str, source: str) -> StateError:
    return StateError(
        f"{source}: it has another instance for {shown(key)} than the state, which was replaced by "
        "another one",
        hint="look both up in the console and delete the one too many; then correct the state "
        "file if need be, and move the journal away",
    )


def _closings(base: State, lines: Sequence[Line]) -> list[Event]:
    """Close what the journal announced and closed, and *base* has as announced."""
    announced: dict[str, str] = {}
    events: list[Event] = []
    for line in lines:
        match line.event:
            case Intent(key, pending):
                announced[key] = pending.since
            case Closed(key) if _is(base.pending.get(key), announced.get(key)):
                events.append(line.event)
    return events


def _is(pending: Pending | None, since: str | None) -> bool:
    """Whether *pending* is the create that was announced then: there is one at a time for a key."""
    return pending is not None and pending.since == since


def _records(state: State, told: State, lines: Sequence[Line]) -> list[Event]:
    """Record what *state* does not know under any key; that closes the create that made it."""
    ids = {each.id_instance for each in state.instances.values()}
    announced: dict[str, set[str]] = {}
    for line in lines:
        if isinstance(line.event, Intent):
            announced.setdefault(line.event.key, set()).add(line.event.pending.since)
    events: list[Event] = []
    for key, recorded in told.instances.items():
        held, pending = state.instances.get(key), state.pending.get(key)
        known = recorded.id_instance
        if known in state.tombstones or (known in ids and held is None):
            continue  # forgotten, or renamed since
        if held is not None and held.id_instance != known and held.deleted:
            held = None  # bought anew by the run that wrote the journal
        another = pending is not None and pending.since not in announced.get(key, {pending.since})
        if held is None:
            events.append(Record(key, recorded))
            if pending is not None and another:  # announced elsewhere, and still open
                events.append(Intent(key, pending))
        elif pending is not None and not another:
            events.append(Record(key, held))
    return events


def _tokens(state: State, lines: Sequence[Line], *, written: int) -> list[Event]:
    """Keep a token where *state* has none, or has the one from before it was found anew."""
    ids = {key: recorded.id_instance for key, recorded in state.instances.items()}
    found: dict[int | None, tuple[Token, bool]] = {}
    for line in lines:
        match line.event:
            case Record(_, Recorded(id_instance=known, token=token)) if token is not None:
                found[known] = (token, False)
            case TokenFound(token=token) as event:
                found[_whose(event, ids)] = (token, line.serial > written)
    events: list[Event] = []
    for key, held in state.instances.items():
        new, late = found.get(held.id_instance, (None, False))
        if new is not None and new != held.token and (late or held.token is None):
            events.append(TokenFound(key, new, held.id_instance))
    return events


def _rotations(state: State, lines: Sequence[Line], *, written: int) -> list[Event]:
    """Keep in mind that a token may be dead, where the journal asked for another and got none."""
    ids = {key: recorded.id_instance for key, recorded in state.instances.items()}
    last: dict[int | None, Event] = {}
    for line in lines:
        if isinstance(line.event, Rotation | TokenFound) and line.serial > written:
            last[_whose(line.event, ids)] = line.event
    return [
        Rotation(key, under_way=True, id_instance=held.id_instance)
        for key, held in state.instances.items()
        if not held.rotating
        and isinstance(event := last.get(held.id_instance), Rotation)
        and event.under_way
    ]


def _whose(event: TokenFound | Rotation, ids: Mapping[str, int]) -> int | None:
    """Return the id of the instance that *event* is about: its key may have another by now, or the
    instance another key."""
    return ids.get(event.key) if event.id_instance is None else event.id_instance


def _intents(state: State, told: State, listed: Mapping[str, frozenset[int]]) -> list[Event]:
    """Announce again what the journal left open, with the snapshot that it compares with."""
    events: list[Event] = []
    names = dict(state.snapshots)
    for key, pending in told.pending.items():
        held = state.pending.get(key)
        if held is not None and held.since == pending.since:
            if held.exposed_until is None and pending.exposed_until is not None:
                events.append(ExposureEnded(key, pending.exposed_until, "joined"))
            continue
        ids = _ids(pending, told, listed)
        if held is not None:  # two machines announced it: what either made is new to both listings
            others = _ids(held, state, listed)
            ids = None if ids is None or others is None else ids & others
        merged = pending if held is None else _both(held, pending)
        name = None if ids is None else _name_for(ids, merged.snapshot or key, names)
        if ids is not None and name is not None:
            names[name] = ids
            events.append(Listed(name, ids))
        events.append(Intent(key, replace(merged, snapshot=name)))
    return events


def _both(one: Pending, other: Pending) -> Pending:
    """Return one announcement for two: it is as young, and as long on its way, as either."""
    later = max(one, other, key=lambda each: datetime.fromisoformat(each.since))
    limits = [each.launch_until for each in (one, other) if each.launch_until is not None]
    last = max(limits, key=datetime.fromisoformat, default=None)
    return replace(later, launch_until=last, exposed_until=None)


def _ids(
    pending: Pending, first: State, then: Mapping[str, frozenset[int]]
) -> frozenset[int] | None:
    name = pending.snapshot or ""
    return first.snapshots.get(name, then.get(name))


def _name_for(ids: frozenset[int], name: str, names: Mapping[str, frozenset[int]]) -> str:
    while names.get(name, ids) != ids:
        name += "+"
    return name


def _marks(state: State, told: State, lines: Sequence[Line]) -> list[Event]:
    """Keep what the journal forgot, and what it saw of an instance, unless *state* knows it."""
    ids = {each.id_instance: each for each in state.instances.values()}
    events: list[Event] = [
        Forgotten(known, stone)
        for known, stone in told.tombstones.items()
        if known not in state.tombstones
        and (known not in ids or ids[known].created_at <= stone.at)  # else it was adopted again
    ]
    announced: dict[int, DeleteAnnounced] = {}
    for line in lines:
        match line.event:
            case DeleteAnnounced(_, known, _) if known in ids and ids[known].deletion is None:
                announced[known] = line.event
            case DeleteClosed(_, known):
                announced.pop(known, None)
            case ListedDeleted(key, known) if known in ids and not ids[known].deleted:
                events.append(ListedDeleted(key, known))
            case OrphansReported(keys):
                new = [key for key in keys if key in state.instances]
                new = [key for key in new if not state.instances[key].reported]
                events += [OrphansReported(tuple(new))] if new else []
            case ProtectionChanged(keys, True):  # of two words the one that deletes nothing
                new = [key for key in keys if key in state.instances]
                new = [key for key in new if not state.instances[key].protected]
                events += [ProtectionChanged(tuple(new), protected=True)] if new else []
    return [*events, *announced.values()]  # the next run looks what became of them


def _updates(state: State, lines: Sequence[Line]) -> list[Event]:
    """Keep the later update of an instance: what is not confirmed is looked at, not sent again."""
    told: dict[int, SettingsUpdate] = {}
    for line in lines:
        match line.event:
            case UpdateAnnounced(_, known, update):
                told[known] = update
            case SettingsConfirmed(_, known, _) if known in told:
                told[known] = replace(told[known], confirmed=True)
            case UpdateClosed(_, known, _):
                told.pop(known, None)
    events: list[Event] = []
    for key, held in state.instances.items():
        new, before = told.get(held.id_instance), held.update
        if new is None:
            continue
        if before is not None and (before.since, before.confirmed) >= (new.since, new.confirmed):
            continue
        events.append(UpdateAnnounced(key, held.id_instance, new))
        if new.confirmed:
            events.append(SettingsConfirmed(key, held.id_instance, new.parameters))
    return events


def _address(state: State, lines: Sequence[Line], *, written: int) -> list[Event]:
    late = [
        line.event
        for line in lines
        if isinstance(line.event, Addressed) and (line.serial > written or state.api_url is None)
    ]
    return [event for event in late[-1:] if event.api_url != state.api_url]
