"""Structured logs: one event a line, on stderr and in a file. The home of structlog."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import lru_cache
from json import JSONEncoder
from pathlib import Path
from threading import Lock
from time import time
from typing import Any, Final, NamedTuple, TextIO

from reconciler.errors import UsageError
from reconciler.outbox import Outbox
from reconciler.secrets import MASK, Sieve

LEVELS: Final[Mapping[str, int]] = {"debug": 10, "info": 20, "warning": 30, "error": 40}

Listener = Callable[[str, Mapping[str, object]], None]


class Logger:
    """Hands each event to the *listeners*, and writes those at *level* or above.

    The lines go to *stream* (*json* or for people) and, as JSON, to *file*. structlog is imported
    at the first line that is written, so that a quiet run does not pay for it.
    """

    def __init__(
        self,
        *,
        run_id: str,
        level: str,
        json: bool,
        color: bool,
        sieve: Sieve,
        stream: TextIO,
        file: TextIO | None = None,
    ) -> None:
        self.run_id, self.level, self.json, self.color = run_id, level, json, color
        self.sieve, self.stream, self.file = sieve, stream, file
        self.listeners: list[Listener] = []
        self._sinks: list[_Sink] = []
        self._complete = True
        self._lock = Lock()
        self._outbox = Outbox(self._write)

    @property
    def failure(self) -> str:
        """The level of how a run failed: people are told in words as well, once is enough."""
        return "error" if self.json else "info"

    def __call__(self, event: str, *, level: str = "info", **fields: object) -> None:
        """Tell *event* with its *fields*; thread-safe, and no thread waits for another's line."""
        with self._lock:
            for listener in self.listeners:
                listener(event, fields)
        if self.writes(level):
            self._outbox.put(_Happened(time(), level, event, fields))

    def flush(self) -> None:
        """Write the lines that wait for company."""
        self._outbox.flush()

    def in_batches(self) -> AbstractContextManager[None]:
        """Return a context in which lines are written a moment later, many at once."""
        return self._outbox.in_batches()

    def writes(self, level: str) -> bool:
        """Whether events at *level* are written, or only heard by the listeners."""
        return LEVELS[level] >= LEVELS[self.level]

    def _write(self, events: "Sequence[_Happened]") -> None:
        if not self._sinks:
            self._sinks = _sinks(self)
        for sink in self._sinks:
            try:
                sink.stream.write("".join(map(sink.line, events)))
                sink.stream.flush()
            except OSError as error:
                self._miss(error)

    def _miss(self, error: OSError) -> None:
        """Say, once, that lines are lacking; a full disk must not end a run that creates."""
        if self._complete:
            self._complete = False
            reason = (error.strerror or type(error).__name__).lower()
            self.stream.write(f"warning: the log file lacks lines: can't be written: {reason}\n")


class _Happened(NamedTuple):
    at: float  # seconds since 1970
    level: str
    event: str
    fields: Mapping[str, object]


class _Sink(NamedTuple):
    """A stream, and what makes lines of events for it."""

    stream: TextIO
    logger: Any

    def line(self, happened: _Happened) -> str:
        at, level, event, fields = happened
        stamp = datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat() + "Z"
        line: str = getattr(self.logger, level)(event, timestamp=stamp, **fields)
        return line + "\n"


def open_log_file(path: Path) -> TextIO:
    """Open *path* for appending, readable by its owner only; raise UsageError."""
    try:
        return open(path, "a", encoding="utf-8", opener=_private)
    except OSError as error:
        raise UsageError(
            f"{path}: the log file can't be opened: {error.strerror}",
            hint="name a file in a folder that can be written to, or leave --log-file out",
        ) from error


def _private(path: str, flags: int) -> int:
    import os

    return os.open(path, flags, 0o600)


def _sinks(log: Logger) -> list[_Sink]:
    import structlog

    console = structlog.dev.ConsoleRenderer(colors=log.color, pad_event_to=0)
    encode = JSONEncoder(ensure_ascii=False, default=str).encode  # json.dumps makes one for a line
    as_json = structlog.processors.JSONRenderer(lambda event, **_: encode(event))

    def sink(stream: TextIO, renderer: Any) -> _Sink:
        def last(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
            return log.sieve.clean(renderer(logger, method, event))

        logger = structlog.wrap_logger(
            structlog.ReturnLogger(),
            processors=[_line, last],
            wrapper_class=structlog.BoundLogger,
            cache_logger_on_first_use=True,
            run_id=log.run_id,
        )
        return _Sink(stream, logger.bind())

    sinks = [sink(log.stream, as_json if log.json else console)]
    return [*sinks, sink(log.file, as_json)] if log.file is not None else sinks


_SECRET_NAMES: Final = ("token", "secret", "password", "authorization", "url_token")


def _line(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Begin with what every line has, and mask every field whose name says that it is a secret:
    none of ours is called so."""
    line = {
        "timestamp": event.pop("timestamp"),
        "level": method,
        "event": event.pop("event"),
        "run_id": event.pop("run_id"),
    }
    for name, value in event.items():
        line[name] = MASK if _is_secret(name) else value
    return line


@lru_cache(maxsize=256)  # the fields of a line are always the same few
def _is_secret(name: str) -> bool:
    lowered = name.lower()
    return any(word in lowered for word in _SECRET_NAMES)


def is_terminal(stream: TextIO) -> bool:
    """Whether *stream* is a terminal; a closed or missing one is not."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False
