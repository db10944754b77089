"""The state and its events as text, and back: pure, and the only place that knows the formats."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple, TypeVar, assert_never

from reconciler.errors import StateError
from reconciler.model import Origin, Pending, Word
from reconciler.state import rows
from reconciler.state.model import (
    CLOSING,
    Addressed,
    Closed,
    Event,
    Intent,
    Listed,
    Record,
    State,
    TokenFound,
)
from reconciler.state.rows import Row, Where, wrong
from reconciler.state.strictjson import RESTORE, compact, parse, pretty

FORMAT: Final = "reconciler.state/1"
JOURNAL_FORMAT: Final = "reconciler.journal/1"


_T = TypeVar("_T")


class Line(NamedTuple):
    """One line of the journal: *event* brought the state to *serial*."""

    serial: int
    at: str
    event: Event


class Header(NamedTuple):
    """The journal's first line: it continues the state of *lineage* after *serial*."""

    lineage: str
    serial: int


def encode(state: State) -> str:
    """Return the text of the state file: keys sorted, so that a change touches few lines."""
    return "".join(_pieces(state))


def encode_in_chunks(state: State) -> Iterator[str]:
    """Yield the same text, some of it at a time: a large state is not held once more."""
    chunk: list[str] = []
    size = 0
    for piece in _pieces(state):
        chunk.append(piece)
        size += len(piece)
        if size > _CHUNK:
            yield "".join(chunk)
            chunk, size = [], 0
    yield "".join(chunk)


_CHUNK: Final = 1 << 18  # characters


def _pieces(state: State) -> Iterator[str]:
    head = {
        "format": FORMAT,
        "lineage": state.lineage,
        "serial": state.serial,
        "apiUrl": state.api_url,
    }
    yield pretty(head).removesuffix("\n}")
    yield from _section("instances", state.instances, rows.write_instance)
    yield from _section("pending", state.pending, rows.write_pending)
    if state.snapshots:
        yield from _section("snapshots", state.snapshots, sorted)
    yield "\n}\n"


def _section(name: str, each: Mapping[str, _T], write: Callable[[_T], object]) -> Iterator[str]:
    yield f',\n  "{name}": {{'
    separator = "\n    "
    for key in sorted(each):
        yield f"{separator}{pretty(key)}: {pretty(write(each[key]), '    ')}"
        separator = ",\n    "
    yield "\n  }" if each else "}"


def decode(text: str, *, source: str) -> State:
    """Return the state that *text* holds; *source* names it in messages.

    What a person's editor may do to the file is tolerated (a byte order mark, CRLF, ids in
    quotes, another order); everything else that `encode` would not have written is refused.
    """
    text = text.removeprefix("\ufeff")
    if not text.lstrip(" \t\r\n\0"):  # strip would copy a large state for its last line feed
        raise StateError(f"{source}: the state file is empty", hint=RESTORE)
    document = _object(parse(text, source=source), (source,))
    del text  # as large as all that is made of it
    read = _of_known(document.get("format"), _FORMATS, (source, "format"), _A_FORMAT)
    return read(document, (source,))


def encode_header(header: Header) -> str:
    """Return the first line of a journal, with its line feed."""
    return compact({"format": JOURNAL_FORMAT, **header._asdict()}) + "\n"


def read_header(document: object, *, source: str) -> Header:
    """Return the header that a journal's first line holds; refuse any other line."""
    fields = _object(document, (source,))
    read = _of_known(fields.get("format"), _JOURNAL_FORMATS, (source, "format"), _A_FORMAT)
    return read(fields, (source,))


def encode_event(serial: int, at: str, event: Event) -> str:
    """Return the journal's line for *event*, with its line feed."""
    return compact({"serial": serial, "at": at, **_event_fields(event)}) + "\n"


def decode_event(line: str, *, source: str = "journal") -> Line:
    """Return what *line* holds; raise `UnparsableError` if it is cut, `StateError` if wrong."""
    return read_event(parse(line, source=source), source=source)


def read_event(document: object, *, source: str) -> Line:
    """Return the event that the JSON of a journal's line stands for."""
    where = (source,)
    names, read = _of_known(
        _object(document, where).get("event"), _EVENTS, (source, "event"), _AN_EVENT
    )
    fields = rows.read_fields(document, where, ("serial", "at", "event", *names))
    serial, at = rows.whole(fields, "serial", where), rows.text(fields, "at", where)
    return Line(serial, at, read(fields, where))


def _object(document: object, where: Where) -> Row:
    if isinstance(document, dict):
        return document
    raise wrong(where, f"expected an object, not {rows.kind(document)}")


_UPGRADE: Final = "upgrade it: pip install --upgrade greenapi-reconciler"
# Texts, which `re` compiles when they are needed: for what is refused.
_A_FORMAT: Final = r"reconciler\.(state|journal)/[1-9][0-9]{0,5}"
_AN_EVENT: Final = r"[a-z_]{1,20}"


def _of_known(given: object, known: Mapping[str, _T], where: Where, named: str) -> _T:
    """Pick the reader of a format or an event; what a later one may be *named* is known, too."""
    if isinstance(given, str) and given in known:
        return known[given]
    if isinstance(given, str) and re.fullmatch(named, given):
        raise wrong(where, f"{given} was written by a newer program", _UPGRADE)
    raise wrong(where, f"expected {', '.join(known)}")


def _read_state(document: Row, where: Where) -> State:
    fields = {"apiUrl": None, "snapshots": {}, **document}
    rows.read_fields(fields, where, _STATE)
    snapshots = _read_snapshots(fields, where)
    lineage, serial = _read_identity(fields, where)
    return State(
        lineage,
        serial,
        rows.optional_text(fields, "apiUrl", where),
        _read_each(fields, "instances", rows.read_instance, where),
        _read_each(fields, "pending", _pending_reader(snapshots), where),
        snapshots,
    )


_STATE: Final = ("format", "lineage", "serial", "apiUrl", "instances", "pending", "snapshots")
_FORMATS: Final[Mapping[str, Callable[[Row, Where], State]]] = {FORMAT: _read_state}


def _read_identity(fields: Row, where: Where) -> tuple[str, int]:
    lineage, serial = rows.text(fields, "lineage", where), rows.whole(fields, "serial", where)
    if not lineage:
        raise wrong((*where, "lineage"), "empty")
    if serial < 0:
        raise wrong((*where, "serial"), "less than 0")
    return lineage, serial


def _read_each(
    fields: Row, name: str, read: Callable[[object, Where], _T], where: Where
) -> dict[str, _T]:
    each = fields[name]
    if type(each) is not dict:
        raise wrong((*where, name), f"expected an object, not {rows.kind(each)}")
    # One by one out of the document, so that not both are held as a whole.
    return {key: read(each.pop(key), (*where, name, key)) for key in list(each)}


def _pending_reader(
    snapshots: Mapping[str, frozenset[int]],
) -> Callable[[object, Where], Pending]:
    def read(row: object, where: Where) -> Pending:
        pending = rows.read_pending(row, where)
        if pending.snapshot is not None and pending.snapshot not in snapshots:
            raise wrong((*where, "snapshot"), "not one of the snapshots")
        return pending

    return read


def _read_snapshots(fields: Row, where: Where) -> dict[str, frozenset[int]]:
    return _read_each(fields, "snapshots", _read_ids, where)


def _read_ids(ids: object, where: Where) -> frozenset[int]:
    if type(ids) is not list:
        raise wrong(where, f"expected a list, not {rows.kind(ids)}")
    if all(type(each) is int for each in ids):
        return frozenset(ids)
    raise wrong(where, "expected a list of whole numbers")


def _read_header(document: Row, where: Where) -> Header:
    return Header(*_read_identity(rows.read_fields(document, where, _HEADER), where))


_HEADER: Final = ("format", "lineage", "serial")
_JOURNAL_FORMATS: Final[Mapping[str, Callable[[Row, Where], Header]]] = {
    JOURNAL_FORMAT: _read_header
}


def _event_fields(event: Event) -> dict[str, object]:
    match event:
        case Listed(snapshot, ids):
            return {"event": "snapshot", "snapshot": snapshot, "ids": sorted(ids)}
        case Intent(key, pending):
            return {"event": "intent", "key": key, "pending": rows.write_pending(pending)}
        case Record(key, recorded):
            row = rows.write_instance(recorded)
            return {"event": recorded.origin.value, "key": key, "instance": row}
        case Closed(key, word, reason):
            return {"event": word.value, "key": key, "reason": reason}
        case TokenFound(key, token):
            return {"event": "token", "key": key, "apiTokenInstance": rows.write_token(token)}
        case Addressed(api_url):
            return {"event": "account", "apiUrl": api_url}
        case _:
            assert_never(event)


def _listed(fields: Row, where: Where) -> Event:
    ids = _read_ids(fields["ids"], (*where, "ids"))
    return Listed(rows.text(fields, "snapshot", where), ids)


def _intent(fields: Row, where: Where) -> Event:
    pending = rows.read_pending(fields["pending"], (*where, "pending"))
    return Intent(rows.text(fields, "key", where), pending)


def _record(fields: Row, where: Where) -> Event:
    recorded = rows.read_instance(fields["instance"], (*where, "instance"))
    if recorded.origin != fields["event"]:
        raise wrong((*where, "instance", "origin"), "not the same as the event")
    return Record(rows.text(fields, "key", where), recorded)


def _closed(fields: Row, where: Where) -> Event:
    key, reason = rows.text(fields, "key", where), rows.text(fields, "reason", where)
    return Closed(key, Word(fields["event"]), reason)


def _token(fields: Row, where: Where) -> Event:
    token = rows.read_token(fields, "apiTokenInstance", where)
    if token is None:
        raise wrong((*where, "apiTokenInstance"), "empty")
    return TokenFound(rows.text(fields, "key", where), token)


def _account(fields: Row, where: Where) -> Event:
    return Addressed(rows.text(fields, "apiUrl", where))


_EVENTS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Row, Where], Event]]]] = {
    "snapshot": (("snapshot", "ids"), _listed),
    "intent": (("key", "pending"), _intent),
    **{origin.value: (("key", "instance"), _record) for origin in Origin},
    **{word.value: (("key", "reason"), _closed) for word in CLOSING},
    "token": (("key", "apiTokenInstance"), _token),
    "account": (("apiUrl",), _account),
}
