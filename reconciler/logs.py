"""Structured logs: one event a line, on stderr and in a file. The home of structlog."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from json import JSONEncoder
from pathlib import Path
from threading import Lock
from typing import Any, Final, TextIO

from reconciler.errors import UsageError
from reconciler.lines import Lines, in_batches
from reconciler.secrets import MASK, Sieve
from reconciler.spared import spared

LEVELS: Final[Mapping[str, int]] = {"debug": 10, "info": 20, "warning": 30, "error": 40}

Listener = Callable[[str, Mapping[str, object]], None]


@dataclass
class Logger:
    """Hands each event to the *listeners*, and writes those at *level* or above.

    The lines go to *stream* (*json* or for people) and, as JSON, to *file*. structlog is imported
    at the first line that is written, so that a quiet run does not pay for it.
    """

    run_id: str
    level: str
    json: bool
    color: bool
    sieve: Sieve
    stream: TextIO
    file: TextIO | None = None
    listeners: list[Listener] = field(default_factory=list)
    _outlets: list[Lines] = field(default_factory=list)  # the stream's, and the file's if any
    _sinks: list[Any] = field(default_factory=list)
    _complete: bool = True
    _lock: Any = field(default_factory=Lock)

    def __post_init__(self) -> None:
        streams = [self.stream] if self.file is None else [self.stream, self.file]
        self._outlets += [Lines(stream, self._miss) for stream in streams]

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
            for sink in self._sinks or self._opened():
                getattr(sink, level)(event, **fields)

    def flush(self) -> None:
        """Write the lines that wait for company."""
        for outlet in self._outlets:
            outlet.flush()

    def in_batches(self) -> AbstractContextManager[None]:
        """Return a context in which lines are written a moment later, many at once."""
        return in_batches(self._outlets)

    def writes(self, level: str) -> bool:
        """Whether events at *level* are written, or only heard by the listeners."""
        return LEVELS[level] >= LEVELS[self.level]

    def _opened(self) -> list[Any]:
        with self._lock:
            if not self._sinks:
                self._sinks = _sinks(self, self._outlets)
            return self._sinks

    def _miss(self, error: OSError) -> None:
        """Say, once, that lines are lacking; a full disk must not end a run that creates."""
        if self._complete:
            self._complete = False
            reason = (error.strerror or type(error).__name__).lower()
            self.stream.write(f"warning: the log file lacks lines: can't be written: {reason}\n")


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


def _sinks(log: Logger, outlets: Sequence[Lines]) -> list[Any]:
    # structlog imports rich, for tracebacks that show locals, and asyncio. We use neither, and they
    # are 60 of its 75 ms: more than the rest of a run that only says that there is nothing to do.
    with spared("rich"), spared("asyncio"):
        import structlog

    first: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _drop_secrets,
        _in_order,
    ]
    console = structlog.dev.ConsoleRenderer(colors=log.color, pad_event_to=0)
    encode = JSONEncoder(ensure_ascii=False, default=str).encode  # json.dumps makes one for a line
    as_json = structlog.processors.JSONRenderer(lambda event, **_: encode(event))

    def sink(outlet: Lines, renderer: Any) -> Any:
        def last(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
            return log.sieve.clean(renderer(logger, method, event))

        return structlog.wrap_logger(
            _Hand(outlet.put),
            processors=[*first, last],
            wrapper_class=structlog.BoundLogger,
            cache_logger_on_first_use=True,
            run_id=log.run_id,
        ).bind()

    first_outlet, *files = outlets
    return [
        sink(first_outlet, as_json if log.json else console),
        *(sink(outlet, as_json) for outlet in files),
    ]


class _Hand:
    """What structlog calls, by the names of the levels, with a finished line."""

    def __init__(self, put: Callable[[str], None]) -> None:
        self.debug = self.info = self.warning = self.error = put


_SECRET_NAMES: Final = ("token", "secret", "password", "authorization", "url_token")


def _drop_secrets(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Mask every field whose name says that it is a secret: none of ours is called so."""
    for name in event:
        if _is_secret(name):
            event[name] = MASK
    return event


@lru_cache(maxsize=256)  # the fields of a line are always the same few
def _is_secret(name: str) -> bool:
    lowered = name.lower()
    return any(word in lowered for word in _SECRET_NAMES)


def _in_order(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Begin every line with what every line has."""
    first = ("timestamp", "level", "event", "run_id")
    return {name: event[name] for name in first} | dict(event)


def is_terminal(stream: TextIO) -> bool:
    """Whether *stream* is a terminal; a closed or missing one is not."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False
