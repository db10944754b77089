"""What a journal says: what happened since the state file was written, one line each."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from reconciler.errors import StateError
from reconciler.state.codec import read_event, read_header
from reconciler.state.encoding import Header, Line
from reconciler.state.strictjson import UnparsableError, parse

_LOOK: Final = (
    "keep a copy of the journal, then restore state and journal from a backup; or remove the "
    "journal and run `reconciler adopt --all`, which records the live instances again"
)


class Replay(NamedTuple):
    """What a journal says: the *header*, None in one without content, and the *lines* in order."""

    header: Header | None
    lines: tuple[Line, ...]


def replay(data: bytes, *, source: str) -> Replay:
    """Return what is in the journal's *data*; raise StateError unless its story is whole.

    A tail that was cut, or that the file system filled with zeros, was never confirmed to
    anybody and is dropped. Lines may be doubled or out of order. A hole in the middle is refused.
    """
    documents = _documents(data, source)
    place, first = next(documents, ("", None))
    if first is None:
        return Replay(None, ())
    header = read_header(first, source=place)
    found: dict[int, tuple[object, Line]] = {}
    for place, document in documents:
        if document == first:
            continue
        line = read_event(document, source=place)
        if found.setdefault(line.serial, (document, line))[0] != document:
            raise StateError(f"{place}: another event {line.serial} stands before it", hint=_LOOK)
    lines = tuple(found[serial][1] for serial in sorted(found))
    for serial, line in enumerate(lines, header.serial + 1):
        if line.serial != serial:
            raise StateError(f"{source}: event {serial} is missing from it", hint=_LOOK)
    return Replay(header, lines)


def _documents(data: bytes, source: str) -> Iterator[tuple[str, object]]:
    torn: str | None = None
    for number, raw in enumerate(data.rstrip(b"\0").split(b"\n"), 1):
        if not raw.strip():
            continue
        place = f"{source}:{number}"
        try:
            document = parse(_text(raw, place), source=place)
        except UnparsableError as error:
            torn = torn or f"{place}: {error.reason}"
            continue
        if torn is not None:
            raise StateError(f"{torn}, and whole lines follow", hint=_LOOK)
        yield place, document


def _text(raw: bytes, place: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        pass
    raise UnparsableError(place, "not UTF-8", _LOOK)
