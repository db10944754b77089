"""stdout and stderr as the commands find them, whatever the caller made of them.

An answer that can't be written is an error with a reason. Narration that can't be written stops
nobody: its reader may leave, or its disk be full, while creates are in flight.
"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from reconciler.errors import ReconcilerError


def settle_streams() -> None:
    """Put streams into `sys` that hold what this module promises."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:  # closed: the next file would get its number, and what is printed into it
            os.open(os.devnull, os.O_RDWR)
    stdout, stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    if isinstance(stdout, io.TextIOWrapper):
        _take_any_text(stdout)
    sys.stdout, sys.stderr = _Answer(stdout), _Narration(stderr)


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _take_any_text(stream: io.TextIOWrapper) -> None:
    """Let no name of an instance be one that *stream* can't print."""
    if stream.encoding.lower().replace("_", "-") in ("ascii", "us-ascii", "ansi-x3.4-1968"):
        stream.reconfigure(
            encoding="utf-8"
        )  # nobody chose that: it is what remains without a locale
    if stream.errors == "strict":
        stream.reconfigure(errors="backslashreplace")


class _Stream(io.TextIOBase):
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # typeshed has an attribute here
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]  # as above
        return self._stream.errors

    @property
    def buffer(self) -> BinaryIO:  # click completes words in bytes
        return self._stream.buffer

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def writable(self) -> bool:
        return True


class _Answer(_Stream):
    def write(self, text: str) -> int:
        with _named_failures(self._stream):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with _named_failures(self._stream):
            self._stream.flush()


class _Narration(_Stream):
    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


@contextmanager
def _named_failures(stream: TextIO) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # the reader left: that is its right, and the exit code stays as it is
        _drop_the_rest(stream)
    except OSError as error:
        _drop_the_rest(stream)
        reason = (error.strerror or type(error).__name__).lower()
        raise ReconcilerError(
            f"stdout: can't be written: {reason}",
            hint="nothing recorded is lost: send the output elsewhere, or ask `reconciler status`",
        ) from None


def _drop_the_rest(stream: TextIO) -> None:
    """Let what is still in a buffer go nowhere: Python would try it once more as it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
