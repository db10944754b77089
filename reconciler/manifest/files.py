"""Which files the paths of the command line mean, and what they hold."""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from reconciler.manifest.problems import Problem, Severity
from reconciler.manifest.source import MAX_BYTES, Source, decode
from reconciler.model import Place

STDIN: Final = Path("-")
_SUFFIXES: Final = (".yaml", ".yml")
_PATTERN: Final = frozenset("*?[")


def find(paths: Sequence[Path]) -> tuple[list[Path], list[Problem]]:
    """Return the manifests that *paths* name, each once, and what is wrong with the paths."""
    files: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in paths:
        inside = [path]
        if os.path.isdir(path):  # noqa: PTH112 - false, not an exception, where it can't be known
            inside = []
            try:
                inside = list(_inside(path, problems))
                missing = "" if inside else "no *.yaml or *.yml is in this folder"
            except OSError as error:
                missing = f"can't read the folder: {_reason(error)}"
            if missing:
                problems.append(_problem(path, "no-manifest", missing))
        for file in inside:
            files.setdefault(_identity(file), file)
    return list(files.values()), problems


def load_source(path: Path) -> Source | Problem:
    """Read and decode the manifest at *path*; `-` is what stands on stdin."""
    if path != STDIN and is_named_pipe(path):
        said = "this is a pipe, to which nobody may ever write"
        return _problem(path, "no-manifest", said, "hand it over as stdin: -f - < PIPE")
    try:
        if path == STDIN:
            data = stdin_bytes()
        else:
            with path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        hint = "'reconciler init' writes a first manifest; -f names another file"
        if _PATTERN.intersection(path.name):
            hint = "patterns are not expanded here: name the folder"
        return _problem(path, "no-manifest", "there is no such file", hint)
    except (OSError, ValueError) as error:
        return _problem(path, "no-manifest", f"can't read the file: {_reason(error)}")
    return decode(shown_path(path), data)


@cache
def stdin_bytes() -> bytes:
    """Return what stands on stdin: read once, and asked for twice where an account is named."""
    return sys.stdin.buffer.read(MAX_BYTES + 1)


def shown_path(path: Path) -> str:
    """Return *path* as text that any output can hold, also where its bytes are no UTF-8."""
    return "<stdin>" if path == STDIN else os.fsencode(path).decode("utf-8", "backslashreplace")


def _identity(file: Path) -> str:
    try:
        return os.path.realpath(file)
    except (OSError, ValueError):
        return str(file)


def _inside(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    """Yield the manifests in *folder*; what looks like more of them is told."""
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 - sorted by name, as people see them
        file = folder / name
        if name.startswith("."):
            continue
        if os.path.isdir(file):  # noqa: PTH112 - as above
            if any(inner.lower().endswith(_SUFFIXES) for inner in _names(file)):
                problems.append(_skipped(file, "what stands in this folder", "name it with -f"))
        elif name.endswith(_SUFFIXES):
            if _may_block(file):
                said = "this is no regular file, and was not read"
                problems.append(_problem(file, "skipped", said, severity=Severity.WARNING))
            else:
                yield file
        elif name.lower().endswith(_SUFFIXES):
            problems.append(_skipped(file, "this file", "let its name end with .yaml"))


def is_named_pipe(path: Path) -> bool:
    """Whether *path* is a pipe on the disk, where reading could wait without end.

    What a shell hands over, as in `-f <(command)`, has a writer.
    """
    try:
        return stat.S_ISFIFO(os.lstat(os.path.realpath(path)).st_mode)
    except (OSError, ValueError):
        return False


def _may_block(file: Path) -> bool:
    try:
        mode = file.stat().st_mode
    except (OSError, ValueError):
        return False  # reading it says why
    return not stat.S_ISREG(mode)


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are enough
    except OSError:
        return []


def _skipped(path: Path, what: str, hint: str) -> Problem:
    return _problem(path, "skipped", f"{what} was not read", hint, Severity.WARNING)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or "not a path").lower()


def _problem(
    path: Path,
    rule: str,
    message: str,
    hint: str | None = None,
    severity: Severity = Severity.ERROR,
) -> Problem:
    return Problem(Place(shown_path(path), 1, 1), severity, "", message, hint, rule)
