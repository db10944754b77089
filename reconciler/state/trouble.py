"""What the system said about a file, as a sentence with a way out."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reconciler.errors import StateError

_FULL: Final = "free some space or raise the limit, then run the same command again"
_CLOSED: Final = "make the file and its folder accessible to this user, or choose another --state"
_HINTS: Final[Mapping[int | None, str]] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EACCES: _CLOSED,
    errno.EPERM: _CLOSED,
    errno.EROFS: "make the file system writable, or choose another --state",
    errno.EIO: "check the disk: what was recorded before is kept, but nothing more is sent",
    errno.ELOOP: "mend the link, or choose another --state",
}
_ELSE: Final = "mend that, or choose another --state"


def unreadable(path: Path, error: OSError) -> StateError:
    """Return the error that says why *path* can't be read."""
    return _trouble(path, "can't be read", error)


def unwritable(path: Path, error: OSError) -> StateError:
    """Return the error that says why *path* can't be written."""
    return _trouble(path, "can't be written", error)


def _trouble(path: Path, what: str, error: OSError) -> StateError:
    said = os.strerror(error.errno) if error.errno else type(error).__name__
    said = said[0].lower() + said[1:]
    return StateError(f"{path}: {what}: {said}", hint=_HINTS.get(error.errno, _ELSE))
