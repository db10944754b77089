"""What the system said about a file, as a sentence with a way out."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reconciler.errors import StateError

_FULL: Final = "free some space or raise the limit, then run the same command again"
_CLOSED: Final = "make the file and its folder accessible to this user, or choose another --state"
_LOCKLESS: Final = "keep the state on a file system with locks, or choose another --state"
_HINTS: Final[Mapping[int | None, str]] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EACCES: _CLOSED,
    errno.EPERM: _CLOSED,
    errno.EROFS: "make the file system writable, or choose another --state",
    errno.EIO: "check the disk: what was recorded before is kept, but nothing more is sent",
    errno.ESTALE: "look whether the network file system is still mounted, and run it again",
    errno.ELOOP: "mend the link, or choose another --state",
    errno.ENOLCK: _LOCKLESS,
    errno.ENOSYS: _LOCKLESS,
    errno.ENOTSUP: _LOCKLESS,
    errno.EOPNOTSUPP: _LOCKLESS,
}
_ELSE: Final = "mend that, or choose another --state"


def unreadable(path: Path, error: OSError) -> StateError:
    """Return the error that says why *path* can't be read."""
    return _trouble(path, "can't be read", error)


def unwritable(path: Path, error: OSError) -> StateError:
    """Return the error that says why *path* can't be written."""
    return _trouble(path, "can't be written", error)


def unlockable(path: Path, error: OSError) -> StateError:
    """Return the error that says why *path* can't be locked."""
    return _trouble(path, "can't be locked", error)


def _trouble(path: Path, what: str, error: OSError) -> StateError:
    said = os.strerror(error.errno) if error.errno else type(error).__name__
    said = said[0].lower() + said[1:]
    hint = _HINTS.get(error.errno, _ELSE)
    if hint == _LOCKLESS:
        said = f"this file system has no locks ({said})"
    if hint == _CLOSED and (whose := _foreign(path)):
        said = f"{said}; {whose}, and this is user {os.geteuid()}"
        hint = f"run it as that user (a container: with --user), or {hint}"
    return StateError(f"{path}: {what}: {said}", hint=hint)


def _foreign(path: Path) -> str | None:
    """Return whose *path* is, or its folder, if it is not this user's."""
    for each in (path, path.parent):
        try:
            owner = each.stat().st_uid
        except OSError:
            continue
        if owner != os.geteuid():
            return f"{each} belongs to user {owner}"
    return None
