"""Where a state lives: the file and its three companions, all in the folder of the file itself."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import StateError
from reconciler.state.trouble import unreadable


@dataclass(frozen=True, slots=True)
class StatePaths:
    """The *state* file, links followed, so that two names of one file share journal and lock."""

    state: Path
    journal: Path
    lock: Path
    temp: Path

    @classmethod
    def of(cls, path: Path) -> "StatePaths":
        state = Path(os.path.realpath(path))
        beside = [state.with_name(state.name + end) for end in (".journal", ".lock", ".tmp")]
        return cls(state, *beside)

    @property
    def folder(self) -> Path:
        return self.state.parent


def check_place(paths: StatePaths) -> None:
    """Raise StateError for a place where no state can be."""
    try:
        found = paths.state.stat()
    except FileNotFoundError:
        if paths.folder.is_dir():
            return
        raise StateError(
            f"{paths.state}: the folder {paths.folder} does not exist",
            hint="create it, or choose another state with --state",
        ) from None
    except OSError as error:
        raise unreadable(paths.state, error) from error
    if not stat.S_ISREG(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "not a regular file"
        raise StateError(
            f"{paths.state}: is {what}",
            hint="name a file with --state, for example instances.state.json",
        )


def check_replaceable(paths: StatePaths) -> None:
    """Raise StateError where a new state could not be put into the place of the old one."""
    if not paths.state.exists():
        return
    if paths.state.stat().st_nlink > 1:
        raise StateError(
            f"{paths.state}: has a second name (a hard link), which would keep an old state",
            hint="copy it to a file of its own, and move that here",
        )
    if str(paths.state) in _mount_points():
        raise StateError(
            f"{paths.state}: is mounted by itself, so that it can't be replaced, and its journal "
            "would lie outside of the mount",
            hint="mount the folder that it is in",
        )


def _mount_points() -> set[str]:
    try:
        table = Path("/proc/self/mountinfo").read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return set()  # not Linux
    fields = (line.split(" ") for line in table.splitlines())
    return {_unescaped(each[4]) for each in fields if len(each) > 4}


def _unescaped(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), path)


def close_to_others(paths: StatePaths) -> str | None:
    """Take from others what they could read; return what to warn of, if it was anything."""
    path = paths.state
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None
    if not mode & 0o077:
        return None
    try:
        path.chmod(0o600)
    except OSError:
        return f"{path}: others can read its tokens: it has mode {mode:o}, and 0600 was refused"
    return f"{path}: others could read its tokens: it had mode {mode:o}, and has 0600 now"
