"""stdout and stderr as the commands find them, whatever the caller made of them.

An answer that can't be written is an error with a reason. Narration that can't be written stops
nobody: its reader may leave, or its disk be full, while creates are in flight.
"""

import io
import os
import re
import sys
from collections.abc import Callable, Iterator
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
    sys.stdout, sys.stderr = _Answer(stdout), Narration(stderr)


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
        if text == "":  # by which click finds out whether this takes text; a full disk refuses it
            return 0
        with _named_failures(self._stream):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with _named_failures(self._stream):
            self._stream.flush()


class Forgiving(_Stream):
    """A stream that drops what can't be written."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


class Narration(Forgiving):
    """stderr: a terminal breaks its lines between words, and may show something below them."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.unfolded = Forgiving(stream)
        self._print: Callable[[str], None] | None = None
        self._begun = ""

    def write(self, text: str) -> int:
        if self._print is None:
            super().write(folded(text, self._columns()))
            return len(text)
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._print(folded(line, self._columns()))
        return len(text)

    @contextmanager
    def above(self, print_line: Callable[[str], None]) -> Iterator[None]:
        """Hand whole lines to *print_line*, which puts them above what is shown meanwhile."""
        self._print = print_line
        try:
            yield
        finally:
            if self._begun:
                print_line(self._begun)
            self._print, self._begun = None, ""

    def _columns(self) -> int:
        try:
            return os.get_terminal_size(self.fileno()).columns
        except (OSError, ValueError):  # no terminal: a log, whose lines stay whole
            return 0


_CODES = re.compile(r"\x1b\[[0-9;]*m")


def folded(text: str, width: int) -> str:
    """Break the lines of *text* between words where they are longer than *width* (0: never)."""
    if width <= 0 or len(text) <= width:
        return text
    return "\n".join(_folded_line(line, width) for line in text.split("\n"))


def _folded_line(line: str, width: int) -> str:
    if len(_CODES.sub("", line)) <= width or line.startswith(("{", "rescue: ")):
        return line  # JSON stays whole: somebody may have to read it back
    indent = line[: len(line) - len(line.lstrip(" "))]
    lines, column = [""], 0
    for piece in re.split(r"(?<=\S)(?= )", line):  # a word, with the blanks before it
        length = len(_CODES.sub("", piece))
        if column and column + length > width:
            word = piece.lstrip(" ")
            lines.append(indent + word)
            column = len(indent) + len(_CODES.sub("", word))
        else:
            lines[-1] += piece
            column += length
    return "\n".join(lines)


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
