"""The state and its events as text: what `reconciler.state.codec` reads back. Pure."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Final, NamedTuple, TypeVar, assert_never

from reconciler.model import (
    Digest,
    Kept,
    Moment,
    Pending,
    Recorded,
    SettingsUpdate,
    Token,
    Tombstone,
)
from reconciler.schemas import shipped_schema
from reconciler.secrets import Secret
from reconciler.state.changes import (
    DeleteAnnounced,
    DeleteClosed,
    SettingsConfirmed,
    UpdateAnnounced,
    UpdateClosed,
)
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
    TombstoneDropped,
)

FORMAT: Final = "reconciler.state/1"
JOURNAL_FORMAT: Final = "reconciler.journal/1"

_T = TypeVar("_T")


class Line(NamedTuple):
    """One line of the journal: *event* brought the state to *serial*."""

    serial: int
    at: str
    event: Event


class Header(NamedTuple):
    """The journal's first line: it continues the state of *lineage* after *serial*.

    *state* is the digest of that state's text. Journals before version 0.2 do not say it.
    """

    lineage: str
    serial: int
    state: str | None = None


def encode(state: State) -> str:
    """Return the text of the state file: keys sorted, so that a change touches few lines."""
    return "".join(_pieces(state))


def _pieces(state: State) -> Iterator[str]:
    head = {
        "format": FORMAT,
        "lineage": state.lineage,
        "serial": state.serial,
        "apiUrl": state.api_url,
    }
    yield _pretty(head).removesuffix("\n}")
    yield from _section("instances", state.instances, write_instance)
    yield from _section("pending", state.pending, write_pending)
    if state.snapshots:
        yield from _section("snapshots", state.snapshots, sorted)
    if state.tombstones:
        stones = {str(known): stone for known, stone in state.tombstones.items()}
        yield from _section("tombstones", stones, _write_tombstone)
    yield "\n}\n"


def _section(name: str, each: Mapping[str, _T], write: Callable[[_T], object]) -> Iterator[str]:
    yield f',\n  "{name}": {{'
    separator = "\n    "
    for key in sorted(each):
        row = write(each[key])
        text = _compact(row) if isinstance(row, list) else _pretty(row)  # ids stay on one line
        yield f"{separator}{_compact(key)}: " + text.replace("\n", "\n    ")
        separator = ",\n    "
    yield "\n  }" if each else "}"


def encode_header(header: Header) -> str:
    """Return the first line of a journal, with its line feed."""
    fields = {name: value for name, value in header._asdict().items() if value is not None}
    return _compact({"format": JOURNAL_FORMAT, **fields}) + "\n"


def encode_event(serial: int, at: str, event: Event) -> str:
    """Return the journal's line for *event*, with its line feed."""
    return _compact({"serial": serial, "at": at, **_event_fields(event)}) + "\n"


_compact: Final = json.JSONEncoder(ensure_ascii=False).encode
_pretty: Final = json.JSONEncoder(ensure_ascii=False, indent=2).encode


def as_bytes(text: str) -> bytes:
    """Return *text* as it goes to the disk."""
    return text.encode("utf-8", "backslashreplace")  # half a surrogate pair: JSON's own escape


def _event_fields(event: Event) -> dict[str, object]:  # noqa: C901, PLR0911, PLR0912 - a branch each
    match event:
        case Listed(snapshot, ids):
            return {"event": "snapshot", "snapshot": snapshot, "ids": sorted(ids)}
        case Intent(key, pending):
            return {"event": "intent", "key": key, "pending": write_pending(pending)}
        case Record(key, recorded):
            row = write_instance(recorded)
            return {"event": recorded.origin.value, "key": key, "instance": row}
        case Closed(key, word, reason):
            return {"event": word.value, "key": key, "reason": reason}
        case ExposureEnded(key, moment, reason):
            ended = {"exposedUntil": _write_moment(moment), "reason": reason}
            return {"event": "exposure_ended", "key": key, **ended}
        case TokenFound(key, token, known):
            row = {"event": "token", "key": key, **_of_instance(known)}
            return {**row, "apiTokenInstance": _write_token(token)}
        case Rotation(key, under_way, known):
            return {"event": "rotation", "key": key, **_of_instance(known), "underWay": under_way}
        case Addressed(api_url):
            return {"event": "account", "apiUrl": api_url}
        case Moved(key, to):
            return {"event": "moved", "key": key, "to": to}
        case Forgotten(id_instance, tombstone):
            stone = _write_tombstone(tombstone)
            return {"event": "forgotten", "idInstance": id_instance, "tombstone": stone}
        case TombstoneDropped(id_instance):
            return {"event": "tombstone_dropped", "idInstance": id_instance}
        case ListedDeleted(key, id_instance):
            return {"event": "deleted", "key": key, "idInstance": id_instance}
        case OrphansReported(keys):
            return {"event": "reported", "keys": list(keys)}
        case ProtectionChanged(keys, protected):
            return {"event": "protection", "keys": list(keys), "protected": protected}
        case UpdateAnnounced(key, known, update):
            said = {"idInstance": known, "update": _write_update(update)}
            return {"event": "update_intent", "key": key, **said}
        case SettingsConfirmed(key, known, parameters):
            said = {"idInstance": known, "parameters": _write_parameters(parameters)}
            return {"event": "update_confirmed", "key": key, **said}
        case UpdateClosed(key, known, reason):
            return {"event": "update_closed", "key": key, "idInstance": known, "reason": reason}
        case DeleteAnnounced(key, id_instance, since):
            about = {"key": key, "idInstance": id_instance}
            return {"event": "delete_intent", **about, "since": since}
        case DeleteClosed(key, id_instance, reason):
            about = {"key": key, "idInstance": id_instance}
            return {"event": "delete_closed", **about, "reason": reason}
        case _:
            assert_never(event)


def _of_instance(id_instance: int | None) -> dict[str, object]:
    return {} if id_instance is None else {"idInstance": id_instance}


def write_instance(recorded: Recorded) -> dict[str, object]:
    """Return the object of *recorded*; what is beyond the documented fields comes last."""
    return {
        "idInstance": recorded.id_instance,
        "apiTokenInstance": _write_token(recorded.token),
        "typeInstance": recorded.type_instance,
        "name": recorded.name,
        "parameters": _write_parameters(recorded.parameters),
        "createdAt": recorded.created_at,
        "origin": recorded.origin.value,
        **{name: marked for name in MARKS if (marked := getattr(recorded, name))},
        **({"update": _write_update(recorded.update)} if recorded.update else {}),
        **{name: text for name, text in recorded.extra.items() if name not in INSTANCE},
    }


MARKS: Final = ("deleted", "reported", "protected", "rotating", "deletion")
REQUIRED: Final = frozenset(shipped_schema("state")["definitions"]["instance"]["required"])
INSTANCE: Final = REQUIRED.union(MARKS, ["update"])


def write_pending(pending: Pending) -> dict[str, object]:
    """Return the object of *pending*."""
    return {
        "name": pending.name,
        "parameters": _write_parameters(pending.parameters),
        "since": pending.since,
        "snapshot": pending.snapshot,
        **({"launchUntil": pending.launch_until} if pending.launch_until else {}),
        **({"exposedUntil": _write_moment(pending.exposed_until)} if pending.exposed_until else {}),
    }


def _write_update(update: SettingsUpdate) -> dict[str, object]:
    return {
        "parameters": _write_parameters(update.parameters),
        "since": update.since,
        "was": update.was,
        "confirmed": update.confirmed,
    }


def _write_tombstone(stone: Tombstone) -> dict[str, object]:
    return {name: value for name, value in asdict(stone).items() if value is not False}


def _write_moment(moment: Moment) -> dict[str, object]:
    return {
        "at": moment.wall,
        "boot": moment.boot,
        "uptime": round(moment.uptime, 3),
        "serverDate": moment.server,
    }


def _write_token(token: Token | None) -> str | None:
    """Return the text that holds *token*: this is one of the few places that reveal it."""
    if isinstance(token, Secret):
        return token.reveal()
    return token.armored if token else None


def _write_parameters(parameters: Mapping[str, Kept | None]) -> dict[str, object]:
    return {
        name: {"digest": value.text} if isinstance(value, Digest) else value
        for name, value in parameters.items()
    }
