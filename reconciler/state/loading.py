"""The state as it is kept: what the backend has, and what its journal adds to it."""

from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Final

from reconciler.errors import StateError
from reconciler.model import Moment
from reconciler.state.backend import Backend, Version, digest_of
from reconciler.state.codec import decode
from reconciler.state.file import FileBackend
from reconciler.state.joining import joined
from reconciler.state.model import Event, ExposureEnded, Intent, State
from reconciler.state.replay import Replay, replay
from reconciler.state.strictjson import RESTORE

_LOOKS: Final = 5


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was found: the *state* with its *journal* in it, and what stands where it came from.

    *version*, *digest* and *size* are of the text in place, if there is one. *foreign* tells that
    that text should have held some of what only the journal knew, and did not. *announced* are the
    keys whose creates the journal announced.
    """

    state: State
    version: Version | None
    digest: str | None
    size: int
    journal: bool
    foreign: bool
    announced: frozenset[str] = frozenset()

    @classmethod
    def nothing(cls, state: State) -> "Loaded":
        """Return what is found where nothing was yet."""
        return cls(state, None, None, 0, journal=False, foreign=False)


def read_state(path: Path) -> State | None:
    """Return the state at *path* as of now, without a lock; None if there is none yet."""
    loaded = load(FileBackend(path))
    return loaded.state if loaded else None


def load(backend: Backend) -> Loaded | None:
    """Read state and journal; None when there is nothing to read; raise StateError."""
    found, journal = _at_one_moment(backend)
    told = replay(journal, source=backend.journal_name) if journal else Replay(None, ())
    if found is None:
        if told.header is None:
            return None
        state = _from_nothing(told, backend).after(line.event for line in told.lines)
        return replace(Loaded.nothing(state), journal=True, announced=_announced(told))
    data, version = found
    digest, size, text = digest_of(data), len(data), [_text(data, backend.name)]
    del data, found  # a large state is not held several times over
    base = decode(text.pop(), source=backend.name)
    if told.header is None:
        return Loaded(base, version, digest, size, journal=journal is not None, foreign=False)
    if told.header.lineage != base.lineage:
        raise _of_another(backend)
    continues = (
        told.header.serial == base.serial
        if told.header.state is None
        else told.header.state == digest
    )
    source = backend.journal_name
    state = joined(base, told.lines, continues=continues, source=source)
    held = tuple(line for line in told.lines if line.serial <= base.serial)
    foreign = not continues and joined(base, held, continues=False, source=source) is not base
    return Loaded(
        state,
        version,
        digest,
        size,
        journal=True,
        foreign=foreign,
        announced=_announced(told),
    )


def _announced(told: Replay) -> frozenset[str]:
    return frozenset(line.event.key for line in told.lines if isinstance(line.event, Intent))


def _at_one_moment(backend: Backend) -> tuple[tuple[bytes, Version] | None, bytes | None]:
    """Read both; again if the journal was folded meanwhile, by a run that holds the state."""
    after = backend.journal()
    for _ in range(_LOOKS):
        before, found, after = after, backend.read(), backend.journal()
        if after == before or (before and after and after.startswith(before)):
            break
    return found, after


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    raise StateError(f"{name}:{line}: not UTF-8", hint=RESTORE)


def _from_nothing(told: Replay, backend: Backend) -> State:
    """Begin with the journal alone: only one that tells the whole story will do."""
    if told.header is not None and told.header.serial == 0:
        return State(told.header.lineage)
    raise StateError(
        f"{backend.name}: missing, though its journal {PurePath(backend.journal_name).name} is "
        "here",
        hint="restore the state file, for its journal continues it; if there is no backup, move "
        "the journal away, too, and run `reconciler adopt --all`",
    )


def _of_another(backend: Backend) -> StateError:
    return StateError(
        f"{backend.journal_name}: belongs to another state than {PurePath(backend.name).name}",
        hint="put back the state file that it belongs to; or move the journal away, if nothing in "
        "it is needed",
    )


def exposures_ended(loaded: Loaded, now: Moment) -> list[Event]:
    """Return that no request of the run that left its journal here is on its way any more: it held
    the lock, and it is dead.

    What the state alone knows as announced may have come from another machine, where its run may
    still be at work.
    """
    return [
        ExposureEnded(key, now, "its run has died")
        for key, pending in loaded.state.pending.items()
        if key in loaded.announced and pending.exposed_until is None
    ]
