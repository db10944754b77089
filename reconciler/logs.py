"""The log: what happened, one event a line, on stderr and in a file. The home of structlog.

A command calls `log.info("instance_created", key=…)`; the event then passes a chain of processors:
listeners (the progress display), the level that was asked for, time, masking, the lines.
"""

import os
import stat
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from datetime import datetime
from errno import EAGAIN
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TextIO

from reconciler.errors import UsageError
from reconciler.secrets import MASK, Sieve

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger, Processor

LEVELS: Final[Mapping[str, int]] = {"debug": 10, "info": 20, "warning": 30, "error": 40}

Event = MutableMapping[str, Any]
Listener = Callable[[Mapping[str, Any]], None]


class Silence:
    """The log of a command that was asked for none: structlog is not even imported for it."""

    def debug(self, event: str, **fields: object) -> None: ...
    def info(self, event: str, **fields: object) -> None: ...
    def warning(self, event: str, **fields: object) -> None: ...
    def error(self, event: str, **fields: object) -> None: ...


def open_log(
    *,
    run_id: str,
    level: str,
    style: Literal["json", "color", "plain"],
    sieve: Sieve,
    stream: TextIO,
    file: FileIO | None = None,
    listeners: Sequence[Listener] = (),
) -> "FilteringBoundLogger":
    """Return the log of a run: lines at *level* or above go to *stream* and, as JSON, to *file*.

    The *listeners* are called for every event, written or not, in the thread in which it happens;
    the sequence may change while the log is in use.
    """
    import structlog

    as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    chain: list[Processor] = [
        structlog.processors.add_log_level,
        _Hearing(listeners),
        _threshold(level),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _Masking(sieve),
        *([_Copy(file, as_json, stream)] if file is not None else []),
        *([as_json] if style == "json" else [_for_people, _console(colors=style == "color")]),
    ]
    log: FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=chain,
        # not the level that was asked for: the listeners count what nobody wants to read
        wrapper_class=structlog.make_filtering_bound_logger("debug"),
        run_id=run_id,
    )
    return log.bind()


def open_log_file(path: Path) -> FileIO:
    """Open *path* for appending, readable by its owner only; raise UsageError."""
    try:
        # No buffer: what a full disk refuses would be left in it, and fail again when it is closed.
        return open(path, "ab", buffering=0, opener=_private)
    except OSError as error:
        raise UsageError(
            f"{path}: the log file can't be opened: {error.strerror}",
            hint="name a file in a folder that can be written to, or leave --log-file out",
        ) from error


def _private(path: str, flags: int) -> int:
    # A pipe that nobody reads must stop no run, neither here nor once it is full: its lines lack.
    descriptor = os.open(path, flags | os.O_NONBLOCK, 0o600)
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        os.set_blocking(descriptor, True)
    return descriptor


class _Hearing:
    """Hands each event on to those who listen."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners = listeners

    def __call__(self, logger: Any, method: str, event: Event) -> Event:
        for listener in tuple(self._listeners):
            listener(event)
        return event


def _threshold(level: str) -> "Processor":
    from structlog import DropEvent

    def threshold(logger: Any, method: str, event: Event) -> Event:
        if LEVELS[event["level"]] < LEVELS[level]:
            raise DropEvent
        return event

    return threshold


_FIRST: Final = ("timestamp", "level", "event", "run_id")  # so every line begins
_SECRET_NAMES: Final = ("token", "secret", "password", "authorization")


class _Masking:
    """Hides every known secret, and every field whose name says that it is one: none of ours is
    called so."""

    def __init__(self, sieve: Sieve) -> None:
        self._sieve = sieve

    def __call__(self, logger: Any, method: str, event: Event) -> Event:
        ordered = {name: event[name] for name in _FIRST} | dict(event)
        return {name: self._masked(name, value) for name, value in ordered.items()}

    def _masked(self, name: str, value: object) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value  # "tokens_found" is a number
        if any(word in name.lower() for word in _SECRET_NAMES):
            return MASK
        return self._sieve.clean(str(value))


class _Copy:
    """Writes each event to *file* too. A full disk must not end a run that creates: that lines
    are lacking is said once, on *stream*."""

    def __init__(self, file: FileIO, render: "Processor", stream: TextIO) -> None:
        self._file, self._render, self._stream = file, render, stream
        self._complete = True

    def __call__(self, logger: Any, method: str, event: Event) -> Event:
        line = str(self._render(logger, method, dict(event)))
        # a name that is no Unicode must not stop a run
        rest = f"{line}\n".encode("utf-8", "backslashreplace")
        try:
            while rest:  # in one piece, as a rule: workers log at the same time
                rest = rest[self._write(rest) :]
        except OSError as error:
            self._miss(error)
        return event

    def _write(self, line: bytes) -> int:
        written: int | None = self._file.write(line)
        if written is None:  # a pipe that nobody empties
            raise BlockingIOError(EAGAIN, os.strerror(EAGAIN))
        return written

    def _miss(self, error: OSError) -> None:
        if self._complete:
            self._complete = False
            reason = (error.strerror or type(error).__name__).lower()
            self._stream.write(f"warning: the log file lacks lines: can't be written: {reason}\n")


def _for_people(logger: Any, method: str, event: Event) -> Event:
    """Leave out what only machines need: somebody who watches knows the day and the run."""
    del event["run_id"]
    when = datetime.fromisoformat(event["timestamp"]).astimezone()
    event["timestamp"] = when.strftime("%H:%M:%S")
    return event


def _console(*, colors: bool) -> "Processor":
    from structlog.dev import ConsoleRenderer, plain_traceback

    return ConsoleRenderer(
        colors=colors,
        pad_event_to=0,
        sort_keys=False,
        exception_formatter=plain_traceback,  # the pretty one shows variables, and so secrets
    )


def is_terminal(stream: TextIO) -> bool:
    """Whether *stream* is a terminal; a closed or missing one is not."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False
