"""The state as it is kept: what the backend has, and what its journal adds to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import NamedTuple

from reconciler.errors import StateError
from reconciler.model import Moment
from reconciler.places import Place
from reconciler.state.backend import Backend, Version, digest_of
from reconciler.state.codec import decode
from reconciler.state.encoding import Header, Line
from reconciler.state.joining import joined
from reconciler.state.model import Event, ExposureEnded, Intent, Listed, State
from reconciler.state.opening import backend_of
from reconciler.state.replay import replay
from reconciler.state.strictjson import RESTORE


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was found: the *state* with its *journal* in it, and what stands where it came from.

    *version*, *digest* and *size* are of the text in place, if there is one. *foreign* tells that
    that text should have held some of what only the journal knew, and did not. *announced* are the
    keys whose creates the journal announced. *kept* are the snapshots that its run may name yet.
    """

    state: State
    version: Version | None
    digest: str | None
    size: int
    journal: bool
    foreign: bool
    announced: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()

    @classmethod
    def nothing(cls, state: State) -> "Loaded":
        """Return what is found where nothing was yet."""
        return cls(state, None, None, 0, journal=False, foreign=False)


def read_state(place: Place) -> State | None:
    """Return the state at *place* as of now, without a lock; None if there is none yet."""
    loaded = load(backend_of(place))
    return loaded.state if loaded else None


def load(backend: Backend) -> Loaded | None:
    """Read state and journal; None when there is nothing to read; raise StateError."""
    look = backend.look()
    journals = _journals(look.journal)
    announced = _announced(journals)
    if look.text is None:
        if not journals:
            return None
        state = _from_nothing(journals[0].header, backend)
        state = state.after(line.event for line in journals[0].lines)
        state = _with(state, None, journals[1:])
        return replace(Loaded.nothing(state), journal=True, announced=announced)
    data, version = look.text
    had, digest, size = bool(look.journal), digest_of(data), len(data)
    text = [_text(data, backend.name)]
    del data, look  # a large state is not held several times over
    base = decode(text.pop(), source=backend.name)
    for journal in journals:
        if journal.header.lineage != base.lineage:
            raise _of_another(journal.source, backend)
    state = _with(base, digest, journals)
    foreign = any(_held_back(base, digest, journal) for journal in journals)
    found = Loaded(state, version, digest, size, had, foreign, announced)
    return found if backend.outlived else _at_work(found, base, journals)


class _Journal(NamedTuple):
    """What one run wrote since it read or replaced the state."""

    source: str
    header: Header
    lines: tuple[Line, ...]

    def continued_by(self, header: Header) -> bool:
        end = self.header.serial + len(self.lines)
        return header == self.header._replace(serial=end)

    def continues(self, state: State, digest: str | None) -> bool:
        """Whether it was written on top of *state*, whose text has the *digest*."""
        if self.header.state is None:  # before 0.2
            return self.header.serial == state.serial
        return self.header.state == digest


def _journals(pieces: Sequence[tuple[str, bytes]]) -> list[_Journal]:
    """Return the journals that *pieces* are made of: a folder has one, in one piece; in a bucket a
    run puts piece after piece, and those of an overtaken one stand among them."""
    found: list[_Journal] = []
    for source, text in pieces:
        header, lines = replay(text, source=source)
        if header is None:
            continue
        begun = next((each for each in found if each.continued_by(header)), None)
        if begun is None:
            found.append(_Journal(source, header, lines))
        else:
            found[found.index(begun)] = begun._replace(lines=begun.lines + lines)
    return found


def _with(base: State, digest: str | None, journals: Sequence[_Journal]) -> State:
    """Return *base* with what its *journals* add."""
    state, listed = base, _listed(base, journals)
    for journal in sorted(journals, key=lambda each: not each.continues(base, digest)):
        continues = state is base and journal.continues(base, digest)
        state = joined(
            state, journal.lines, continues=continues, source=journal.source, listed=listed
        )
    return state


def _held_back(base: State, digest: str, journal: _Journal) -> bool:
    """Whether the text should have held some of what only this journal knew, and did not."""
    if journal.continues(base, digest):
        return False
    held = tuple(line for line in journal.lines if line.serial <= base.serial)
    return joined(base, held, continues=False, source=journal.source) is not base


def _announced(journals: Sequence[_Journal]) -> frozenset[str]:
    lines = (line for journal in journals for line in journal.lines)
    return frozenset(line.event.key for line in lines if isinstance(line.event, Intent))


def _at_work(found: Loaded, base: State, journals: Sequence[_Journal]) -> Loaded:
    """Return *found* with all snapshots that were there. The run that wrote the journals may be at
    work still, and announce and send what names one before it can see that it was overtaken."""
    named = _listed(base, journals)
    state = replace(found.state, snapshots={**named, **found.state.snapshots})
    return replace(found, state=state, kept=frozenset(named))


def _listed(base: State, journals: Sequence[_Journal]) -> dict[str, frozenset[int]]:
    lines = (line.event for journal in journals for line in journal.lines)
    told = {event.snapshot: event.ids for event in lines if isinstance(event, Listed)}
    return {**base.snapshots, **told}


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
    raise StateError(f"{name}:{line}: not UTF-8", hint=RESTORE)


def _from_nothing(header: Header, backend: Backend) -> State:
    """Begin with the journal alone: only one that tells the whole story will do."""
    if header.serial == 0:
        return State(header.lineage)
    raise StateError(
        f"{backend.name}: missing, though its journal {PurePath(backend.journal_name).name} is "
        "here",
        hint="restore the state file, for its journal continues it; if there is no backup, move "
        "the journal away, too, and run `reconciler adopt --all`",
    )


def _of_another(source: str, backend: Backend) -> StateError:
    return StateError(
        f"{source}: belongs to another state than {PurePath(backend.name).name}",
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
