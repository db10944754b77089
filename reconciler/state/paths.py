"""Where a state lives: the file and its three companions, all in the folder of the file itself."""

import os
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


def check_place(paths: StatePaths) -> int | None:
    """Return the state file's mode, None if there is none; raise StateError for a bad place."""
    try:
        found = paths.state.stat()
    except FileNotFoundError:
        if paths.folder.is_dir():
            return None
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
    return stat.S_IMODE(found.st_mode)


def close_to_others(path: Path, mode: int) -> str | None:
    """Take from others what *mode* gave them; return what to warn of, if it was anything."""
    if not mode & 0o077:
        return None
    try:
        path.chmod(0o600)
    except OSError:
        return f"{path}: others can read its tokens: it has mode {mode:o}, and 0600 was refused"
    return f"{path}: others could read its tokens: it had mode {mode:o}, and has 0600 now"
