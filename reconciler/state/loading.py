"""The state as it is on the disk: the file, and what its journal adds to it."""

from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.errors import StateError
from reconciler.model import Pending
from reconciler.state.codec import Line, decode
from reconciler.state.disk import Disk
from reconciler.state.journal import Replay, replay
from reconciler.state.model import Event, Intent, Listed, Record, State
from reconciler.state.paths import StatePaths, check_place
from reconciler.state.strictjson import RESTORE, shown
from reconciler.state.trouble import unreadable


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was found: the file's state (None without a file), and the journal's lines.

    *lines* that the file already holds come first, as *held*.
    """

    base: State
    size: int | None
    held: tuple[Line, ...]
    lines: tuple[Line, ...]
    journal: bool

    @property
    def state(self) -> State:
        return self.base.after(line.event for line in self.lines)


def read_state(path: Path) -> State | None:
    """Return the state at *path* as of now, without a lock; None if there is none yet."""
    paths = StatePaths.of(path)
    check_place(paths)
    loaded = load(paths, Disk())
    return loaded.state if loaded else None


def load(paths: StatePaths, disk: Disk) -> Loaded | None:
    """Read state and journal; None when there is nothing to read; raise StateError.

    The journal is read first: if another process folds it in between, the file holds all of
    it, and its lines are passed over by their serials.
    """
    journal = _read(paths.journal, disk)
    data = _read(paths.state, disk)
    size = None if data is None else len(data)
    told = replay(journal, source=str(paths.journal)) if journal else Replay(None, ())
    if data is None:
        if told.header is None:
            return None
        base = _from_nothing(told, paths)
    else:
        text = [_text(data, paths.state)]
        del data  # a large state is not held several times over
        base = decode(text.pop(), source=str(paths.state))
        _check_same(base, told, paths)
    held = tuple(line for line in told.lines if line.serial <= base.serial)
    return Loaded(base, size, held, told.lines[len(held) :], journal is not None)


def forgotten(loaded: Loaded, paths: StatePaths) -> list[Event]:
    """Return what happened by the journal, and is not in the file that claims to hold it.

    That is so when the state of another machine was put over this one, by git for example, while
    the journal of a killed run lay here; or when lines of a failed journal turn up again. Nothing
    of that may be lost: an instance is recorded, and a create without an outcome is unresolved
    again. Only for whoever holds the lock: to others, the file may have moved on since they read
    the journal.
    """
    told = State(loaded.base.lineage).after(line.event for line in loaded.held)
    later = {getattr(line.event, "key", None) for line in loaded.lines}
    known, ids = (
        loaded.base.instances,
        {each.id_instance for each in loaded.base.instances.values()},
    )
    events: list[Event] = []
    for key, recorded in told.instances.items():
        if key in known and known[key].id_instance != recorded.id_instance and key not in later:
            raise _two_of(key, paths)
        if key not in known and recorded.id_instance not in ids and key not in later:
            events.append(Record(key, recorded))
    for key, pending in told.pending.items():
        if not (key in known or key in loaded.base.pending or key in later):
            events += _unresolved(key, pending, told)
    return events


def _two_of(key: str, paths: StatePaths) -> StateError:
    return StateError(
        f"{paths.journal}: it has another instance for {shown(key)} than {paths.state.name}, "
        "which was replaced by another state",
        hint="look both up in the console and delete the one too many; then correct the state "
        "file if need be, and move the journal away",
    )


def _unresolved(key: str, pending: Pending, told: State) -> list[Event]:
    ids = told.snapshots.get(pending.snapshot or "")
    if ids is None:
        return [Intent(key, replace(pending, snapshot=None))]
    return [Listed(pending.snapshot or "", ids), Intent(key, pending)]


def _read(path: Path, disk: Disk) -> bytes | None:
    try:
        return disk.read(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(path, error) from error


def _text(data: bytes, path: Path) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    raise StateError(f"{path}:{line}: not UTF-8", hint=RESTORE)


def _from_nothing(told: Replay, paths: StatePaths) -> State:
    """Begin with the journal alone: only one that tells the whole story will do."""
    if told.header is not None and told.header.serial == 0:
        return State(told.header.lineage)
    raise StateError(
        f"{paths.state}: missing, though its journal {paths.journal.name} is here",
        hint="restore the state file, for its journal continues it; if there is no backup, move "
        "the journal away, too, and run `reconciler adopt --all`",
    )


def _check_same(base: State, told: Replay, paths: StatePaths) -> None:
    if told.header is None:
        return
    if told.header.lineage != base.lineage:
        raise StateError(
            f"{paths.journal}: belongs to another state than {paths.state.name}",
            hint="put back the state file that it belongs to; or move the journal away, if "
            "nothing in it is needed",
        )
    if told.header.serial > base.serial:
        raise StateError(
            f"{paths.state}: older than its journal: it ends with event {base.serial}, and "
            f"{paths.journal.name} continues from event {told.header.serial}",
            hint="restore the newest state file; or move the journal away, if nothing in it is "
            "needed",
        )
