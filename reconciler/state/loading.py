"""The state as it is on the disk: the file, and what its journal adds to it."""

from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import StateError
from reconciler.state.codec import Line, decode
from reconciler.state.disk import Disk
from reconciler.state.journal import Replay, replay
from reconciler.state.paths import StatePaths
from reconciler.state.strictjson import RESTORE, shown
from reconciler.state.trouble import unreadable
from reconciler.state.values import State


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


def load(paths: StatePaths, disk: Disk) -> Loaded | None:
    """Read state and journal; None when there is nothing to read; raise StateError.

    The journal is read first: if another process folds it in between, the file holds all of
    it, and its lines are passed over by their serials.
    """
    journal = _read(paths.journal, disk)
    data = _read(paths.state, disk)
    told = replay(journal, source=str(paths.journal)) if journal else Replay(None, ())
    if data is None:
        if told.header is None:
            return None
        base = _from_nothing(told, paths)
    else:
        base = decode(_text(data, paths.state), source=str(paths.state))
        _check_same(base, told, paths)
    held = tuple(line for line in told.lines if line.serial <= base.serial)
    size = None if data is None else len(data)
    return Loaded(base, size, held, told.lines[len(held) :], journal is not None)


def check_history(loaded: Loaded, paths: StatePaths) -> None:
    """Raise StateError if the file claims to hold the journal's events and does not.

    That is so when a state of another machine was put over this one, by git for example,
    while the journal of a killed run lay here. Only for whoever holds the lock: to others, a file
    that was written after they read the journal may have moved on.
    """
    held = State(loaded.base.lineage).after(line.event for line in loaded.held)
    known = {key: recorded.id_instance for key, recorded in loaded.base.instances.items()}
    lost = [key for key, told in held.instances.items() if known.get(key) != told.id_instance]
    lost += [key for key in held.pending if key not in loaded.base.pending and key not in known]
    if lost:
        raise StateError(
            f"{paths.journal}: it holds {shown(lost[0])}, which {paths.state.name} should hold "
            "by now and does not: the state was replaced by another",
            hint="put back the state file that was here before; or note what the journal holds, "
            "move it away, and run `reconciler adopt` for it",
        )


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
