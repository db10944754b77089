"""The state and its events, read from the text that `reconciler.state.encoding` makes: pure.

`state.schema.json` judges what is read, and what it lets through is built here without another
question.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from reconciler.errors import StateError
from reconciler.model import (
    Kept,
    Moment,
    Origin,
    Pending,
    Recorded,
    Sealed,
    SettingsUpdate,
    Token,
    Tombstone,
    Word,
)
from reconciler.secrets import Secret
from reconciler.state.changes import (
    DeleteAnnounced,
    DeleteClosed,
    SettingsConfirmed,
    UpdateAnnounced,
    UpdateClosed,
)
from reconciler.state.digest import shared
from reconciler.state.encoding import (
    FORMAT,
    INSTANCE,
    JOURNAL_FORMAT,
    MARKS,
    REQUIRED,
    Header,
    Line,
)
from reconciler.state.model import (
    CLOSING,
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
    TombstoneDropped,
)
from reconciler.state.refusals import Where, check, kind, wrong
from reconciler.state.strictjson import RESTORE, parse

_T = TypeVar("_T")
_Row = Mapping[str, Any]  # one JSON object


def decode(text: str, *, source: str) -> State:
    """Return the state that *text* holds; *source* names it in messages.

    What a person's editor may do to the file is tolerated (a byte order mark, CRLF, ids in
    quotes, another order); everything else that `encode` would not have written is refused.
    """
    text = text.removeprefix("\ufeff")
    if not text.lstrip(" \t\r\n\0"):  # strip would copy a large state for its last line feed
        raise StateError(f"{source}: the state file is empty", hint=RESTORE)
    document = parse(text, source=source)
    del text  # as large as all that is made of it
    row = _of_format(document, FORMAT, (source,))
    check(row, None, (source,))
    return _state(row, (source,))


def read_header(document: object, *, source: str) -> Header:
    """Return the header that a journal's first line holds; refuse any other line."""
    row = _of_format(document, JOURNAL_FORMAT, (source,))
    check(row, "journal", (source,))
    return Header(row["lineage"], int(row["serial"]), row.get("state"))


def read_event(document: object, *, source: str) -> Line:
    """Return the event that the JSON of a journal's line stands for."""
    row = _object(document, (source,))
    word = row.get("event")
    if not isinstance(word, str) or word not in _EVENTS:
        raise _unknown(word, r"[a-z_]{1,20}", _EVENTS, (source, "event"))
    check(row, f"events/{word}", (source,))
    return Line(int(row["serial"]), row["at"], _EVENTS[word](row, (source,)))


def _of_format(document: object, known: str, where: Where) -> _Row:
    row = _object(document, where)
    if row.get("format") == known:
        return row
    formats = r"reconciler\.(state|journal)/[1-9][0-9]{0,5}"
    raise _unknown(row.get("format"), formats, [known], (*where, "format"))


def _object(document: object, where: Where) -> _Row:
    if isinstance(document, dict):
        return document
    raise wrong(where, f"expected an object, not {kind(document)}")


def _unknown(given: object, named: str, known: Iterable[str], where: Where) -> StateError:
    """Say that *given* is not *known*; what a later program may have *named* so is."""
    if isinstance(given, str) and re.fullmatch(named, given):
        upgrade = "upgrade it: pip install --upgrade greenapi-reconciler"
        return wrong(where, f"{given} was written by a newer program", upgrade)
    return wrong(where, f"expected {', '.join(known)}")


def _state(row: _Row, where: Where) -> State:
    snapshots = {name: frozenset(map(int, ids)) for name, ids in row.get("snapshots", {}).items()}
    pending = {
        key: _pending(each, (*where, "pending", key)) for key, each in row["pending"].items()
    }
    for key, each in pending.items():
        if each.snapshot is not None and each.snapshot not in snapshots:
            raise wrong((*where, "pending", key, "snapshot"), "not one of the snapshots")
    instances = row["instances"]
    return State(
        row["lineage"],
        int(row["serial"]),
        row.get("apiUrl"),
        # One by one out of the document, so that not both are held as a whole.
        {key: _recorded(instances.pop(key)) for key in list(instances)},
        pending,
        snapshots,
        {int(known): Tombstone(**stone) for known, stone in row.get("tombstones", {}).items()},
    )


def _recorded(row: _Row) -> Recorded:
    recorded = Recorded(
        int(row["idInstance"]),
        _token(text) if (text := row["apiTokenInstance"]) else None,
        row["typeInstance"],
        row["name"],
        _parameters(row["parameters"]),
        row["createdAt"],
        Origin(row["origin"]),
        _NO_EXTRA,
    )
    if len(row) == len(REQUIRED):
        return recorded
    return recorded._replace(
        extra={name: text for name, text in row.items() if name not in INSTANCE},
        update=_update(row["update"]) if "update" in row else None,
        **{name: row[name] for name in MARKS if name in row},
    )


_NO_EXTRA: Final[Mapping[str, str]] = {}  # one for all
_ARMOR: Final = "-----BEGIN AGE ENCRYPTED FILE-----"


def _token(text: str) -> Token:
    return Sealed(text) if text.startswith(_ARMOR) else Secret(text)


def _update(row: _Row) -> SettingsUpdate:
    parameters: dict[str, Kept | None] = dict(_parameters(row["parameters"]))
    return SettingsUpdate(parameters, row["since"], row["was"], row["confirmed"])


def _parameters(row: dict[str, Any]) -> dict[str, Kept]:
    for name, value in row.items():
        if type(value) is dict:
            row[name] = shared(value["digest"])
        elif type(value) is float:  # 1.0 is a whole number to JSON
            row[name] = int(value)
    return row


def _pending(row: _Row, where: Where) -> Pending:
    ended = row.get("exposedUntil")
    return Pending(
        row["name"],
        _parameters(row["parameters"]),
        _time(row, "since", where),
        row["snapshot"],
        _time(row, "launchUntil", where) if "launchUntil" in row else None,
        _moment(ended, (*where, "exposedUntil")) if ended is not None else None,
    )


def _moment(row: _Row, where: Where) -> Moment:
    server = None if row["serverDate"] is None else _time(row, "serverDate", where)
    return Moment(_time(row, "at", where), row["boot"], float(row["uptime"]), server)


def _time(row: _Row, name: str, where: Where) -> str:
    text: str = row[name]
    if not is_time(text):
        raise wrong((*where, name), "not a time such as 2026-11-22T10:06:00Z")
    return text


def is_time(text: str) -> bool:
    """Whether *text* is a time that recovery can compute with."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _record(row: _Row, where: Where) -> Event:
    recorded = _recorded(row["instance"])
    if recorded.origin != row["event"]:
        raise wrong((*where, "instance", "origin"), "not the same as the event")
    return Record(row["key"], recorded)


def _id(row: _Row) -> int | None:
    return int(row["idInstance"]) if "idInstance" in row else None


def _closed(row: _Row, where: Where) -> Event:
    del where
    return Closed(row["key"], Word(row["event"]), row["reason"])


_EVENTS: Final[Mapping[str, Callable[[_Row, Where], Event]]] = {
    "snapshot": lambda row, _: Listed(row["snapshot"], frozenset(map(int, row["ids"]))),
    "intent": lambda row, where: Intent(row["key"], _pending(row["pending"], (*where, "pending"))),
    **dict.fromkeys(Origin, _record),
    **dict.fromkeys(CLOSING, _closed),
    "exposure_ended": lambda row, where: ExposureEnded(
        row["key"], _moment(row["exposedUntil"], (*where, "exposedUntil")), row["reason"]
    ),
    "token": lambda row, _: TokenFound(row["key"], _token(row["apiTokenInstance"]), _id(row)),
    "rotation": lambda row, _: Rotation(row["key"], row["underWay"], _id(row)),
    "account": lambda row, _: Addressed(row["apiUrl"]),
    "moved": lambda row, _: Moved(row["key"], row["to"]),
    "forgotten": lambda row, _: Forgotten(int(row["idInstance"]), Tombstone(**row["tombstone"])),
    "tombstone_dropped": lambda row, _: TombstoneDropped(int(row["idInstance"])),
    "deleted": lambda row, _: ListedDeleted(row["key"], int(row["idInstance"])),
    "reported": lambda row, _: OrphansReported(tuple(row["keys"])),
    "delete_intent": lambda row, where: DeleteAnnounced(
        row["key"], int(row["idInstance"]), _time(row, "since", where)
    ),
    "delete_closed": lambda row, _: DeleteClosed(row["key"], int(row["idInstance"]), row["reason"]),
    "protection": lambda row, _: ProtectionChanged(tuple(row["keys"]), row["protected"]),
    "update_intent": lambda row, _: UpdateAnnounced(
        row["key"], int(row["idInstance"]), _update(row["update"])
    ),
    "update_confirmed": lambda row, _: SettingsConfirmed(
        row["key"], int(row["idInstance"]), dict(_parameters(row["parameters"]))
    ),
    "update_closed": lambda row, _: UpdateClosed(row["key"], int(row["idInstance"]), row["reason"]),
}
