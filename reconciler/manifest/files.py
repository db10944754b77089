"""Which files the paths of the command line mean, and what they hold."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from reconciler.manifest.problems import Problem, Severity
from reconciler.manifest.source import MAX_BYTES, Source, decode
from reconciler.model import Place

_SUFFIXES = (".yaml", ".yml")


def find(paths: Sequence[Path]) -> tuple[list[Path], list[Problem]]:
    """Return the manifests that *paths* name, each once, and what is wrong with the paths."""
    files: dict[str, Path] = {}
    problems: list[Problem] = []
    for path in paths:
        if os.path.isdir(path):  # noqa: PTH112 - false, not an exception, where it can't be known
            try:
                inside = list(_inside(path))
                missing = "" if inside else "no *.yaml or *.yml is in this folder"
            except OSError as error:
                inside, missing = [], f"can't read the folder: {_reason(error)}"
            if missing:
                problems.append(_problem(path, "no-manifest", missing))
        else:
            inside = [path]
        for file in inside:
            files.setdefault(_identity(file), file)
    return list(files.values()), problems


def load_source(path: Path) -> Source | Problem:
    """Read and decode the manifest at *path*."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return _problem(
            path, "no-manifest", "there is no such file",
            "'reconciler init' writes a first manifest; -f names another file",
        )  # fmt: skip
    except (OSError, ValueError) as error:
        return _problem(path, "no-manifest", f"can't read the file: {_reason(error)}")
    return decode(str(path), data)


def _identity(file: Path) -> str:
    try:
        return os.path.realpath(file)
    except (OSError, ValueError):
        return str(file)


def _inside(folder: Path) -> Iterator[Path]:
    for name in sorted(os.listdir(folder)):  # noqa: PTH208 - sorted by name, as people see them
        file = folder / name
        if name.endswith(_SUFFIXES) and not name.startswith(".") and not os.path.isdir(file):  # noqa: PTH112 - as above
            yield file


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or "not a path").lower()


def _problem(path: Path, rule: str, message: str, hint: str | None = None) -> Problem:
    return Problem(Place(str(path), 1, 1), Severity.ERROR, "", message, hint, rule)
