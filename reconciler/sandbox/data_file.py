"""The data file: one JSON line an event, on disk before the answer to which it belongs.

A file that is only ever appended to keeps a create as cheap with ten thousand instances as with
one, and a kill in the middle of a line costs that line's request, which had no answer yet.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol

from reconciler.errors import UsageError
from reconciler.sandbox.events import (
    AccountCleared,
    CreateArrived,
    Event,
    InstanceConfigured,
    InstanceDeleted,
    InstanceEdited,
    InstanceMade,
    InstanceRenamed,
    InstanceRestarted,
    InstanceRow,
    ListingServed,
    PhoneLinked,
    PhoneUnlinked,
    StateForced,
    Tariff,
    TokenRotated,
)

_HEADER: Final = {"format": "reconciler.sandbox/1"}
_datasync: Final = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class EventLog(Protocol):
    """Where the account's events are kept."""

    def append(self, events: Iterable[Event]) -> None: ...


class NoDataFile:
    """Keeps nothing: the account ends with the process."""

    def append(self, events: Iterable[Event]) -> None:
        pass


class DataFile:
    """Keeps events in a file that one sandbox at a time may use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            why = (error.strerror or type(error).__name__).lower()
            raise UsageError(f"{path}: can't be used: {why}") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise UsageError(f"{path}: another sandbox uses this data file") from None

    def read(self) -> Sequence[Event]:
        """Return the events so far, and drop a last line that was never finished."""
        data = self._path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if not whole:
            os.ftruncate(self._fd, 0)
            self._write(_line(_HEADER))
            return ()
        if len(whole) < len(data):
            os.ftruncate(self._fd, len(whole))
        first, *lines = whole.splitlines()
        if first + b"\n" != _line(_HEADER):
            raise UsageError(
                f"{self._path}:1: not a data file of the sandbox", hint="name a new file"
            )
        return [self._event(number, line) for number, line in enumerate(lines, start=2)]

    def close(self) -> None:
        """Let another sandbox use the file."""
        os.close(self._fd)

    def append(self, events: Iterable[Event]) -> None:
        self._write(b"".join(_line(_encode(event)) for event in events))

    def _event(self, number: int, line: bytes) -> Event:
        try:
            fields = json.loads(line)
            return _DECODERS[fields.pop("event")](fields)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(
                f"{self._path}:{number}: not a line of the sandbox", hint="name a new file"
            ) from error

    def _write(self, data: bytes) -> None:
        size = os.fstat(self._fd).st_size
        if os.write(self._fd, data) != len(data):
            os.ftruncate(self._fd, size)  # half a line would spoil the next one
            raise OSError("the data file is full")
        _datasync(self._fd)


def _line(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(fields, default=datetime.isoformat).encode() + b"\n"


def _encode(event: Event) -> Mapping[str, Any]:
    return {"event": _WORDS[type(event)], **asdict(event)}


def _when(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    dates = {name: fields[name] and datetime.fromisoformat(fields[name]) for name in names}
    return {**fields, **dates}


_MOMENTS: Final = ("created_at", "ready_at", "listed_at", "deleted_at")
_LATER_MOMENTS: Final = ("logged_out_at", "shown_at")  # earlier versions wrote rows without them


def _row(fields: dict[str, Any]) -> InstanceRow:
    plan = Tariff(**fields.pop("plan", {}))
    later = [name for name in _LATER_MOMENTS if name in fields]
    return InstanceRow(plan=plan, **_when(fields, *_MOMENTS, *later))


_WORDS: Final[Mapping[type[Event], str]] = {
    CreateArrived: "Arrived",
    ListingServed: "Listed",
    InstanceMade: "Made",
    InstanceRenamed: "Renamed",
    InstanceConfigured: "Configured",
    InstanceEdited: "Edited",
    InstanceRestarted: "Restarted",
    PhoneLinked: "Linked",
    PhoneUnlinked: "Unlinked",
    StateForced: "Forced",
    TokenRotated: "Rotated",
    InstanceDeleted: "Deleted",
    AccountCleared: "Cleared",
}
_DECODERS: Final[Mapping[str, Callable[[dict[str, Any]], Event]]] = {
    "Arrived": lambda fields: CreateArrived(**fields),
    "Listed": lambda fields: ListingServed(**fields),
    "Made": lambda fields: InstanceMade(_row(fields["row"])),
    "Renamed": lambda fields: InstanceRenamed(**fields),
    "Configured": lambda fields: InstanceConfigured(
        **_when({"shown_at": None, **fields}, "ready_at", "shown_at")
    ),
    "Edited": lambda fields: InstanceEdited(**fields),
    "Restarted": lambda fields: InstanceRestarted(**_when(fields, "ready_at")),
    "Linked": lambda fields: PhoneLinked(**_when(fields, "at")),
    "Unlinked": lambda fields: PhoneUnlinked(**_when(fields, "at", "over_at")),
    "Forced": lambda fields: StateForced(**_when(fields, "at")),
    "Rotated": lambda fields: TokenRotated(**fields),
    "Deleted": lambda fields: InstanceDeleted(**_when(fields, "at")),
    "Cleared": lambda fields: AccountCleared(**fields),
}
