"""The lock beside the state: an advisory one, which the system drops when its holder dies."""

import errno
import fcntl
import json
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Final, NamedTuple

from reconciler.errors import StateLocked
from reconciler.state.trouble import unlockable, unwritable

_PAUSE: Final = 0.05
_MOMENT: Final = 1.0  # in which a lock that vanishes again and again is not told of


class Holder(NamedTuple):
    """Who holds a lock, for the message."""

    host: str
    pid: int
    since: str


class Lock:
    """Holds the file at *path* for one run.

    The file goes with its holder, so that none is left in a repository. That is safe because it is
    removed while locked, and because whoever gets the lock looks whether the file that
    it locked is still the one at *path*; if not, somebody else may hold that one, so it starts
    again. A file that a killed run left behind is not locked: the next run takes it over.

    Waiting is polling, some twenty times a second: a thread that blocks in `flock` can't be
    called back, and would take the lock later, for nobody.
    """

    def __init__(
        self,
        path: Path,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._now, self._sleep, self._monotonic = path, now, sleep, monotonic
        self._fd: int | None = None

    def acquire(self, timeout: float = 0) -> None:
        """Take the lock within *timeout* seconds; raise StateLocked, or StateError."""
        began = self._monotonic()
        while (tried := self._try()) is not _Tried.TAKEN:
            # One that vanished is no other run's: it is looked for again, without being asked to.
            patience = timeout if tried is _Tried.HELD else max(timeout, _MOMENT)
            remaining = began + patience - self._monotonic()
            if remaining <= 0:
                raise self._held()
            self._sleep(min(_PAUSE, remaining))

    def release(self) -> None:
        """Give the lock back; do nothing if it is not held."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        _inherited.discard(fd)
        with suppress(OSError):
            if self._is_current(fd):  # else somebody removed it, and it may be another run's now
                self._path.unlink()
        os.close(fd)

    @property
    def in_place(self) -> bool:
        """Whether it is held, by the file that everybody else looks at."""
        return self._fd is not None and self._is_current(self._fd)

    def _try(self) -> "_Tried":
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            if error.errno in (errno.ESTALE, errno.EINTR):
                return _Tried.VANISHED
            raise unwritable(self._path, error) from error
        tried = None
        try:
            tried = self._lock(fd)
        finally:
            if tried is not _Tried.TAKEN:
                os.close(fd)
        return tried

    def _lock(self, fd: int) -> "_Tried":
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not self._is_current(fd):
                return _Tried.VANISHED
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return _Tried.HELD
            if error.errno in (errno.ESTALE, errno.ENOENT, errno.EINTR):
                return _Tried.VANISHED  # on NFS: its holder has just removed it
            raise unlockable(self._path, error) from error
        try:
            self._sign(fd)
        except OSError as error:
            with suppress(OSError):
                self._path.unlink()
            raise unwritable(self._path, error) from error
        self._fd = fd
        _inherited.add(fd)
        return _Tried.TAKEN

    def _is_current(self, fd: int) -> bool:
        try:
            return os.path.samestat(os.fstat(fd), self._path.stat())
        except FileNotFoundError:
            return False

    def _sign(self, fd: int) -> None:
        since = self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        holder = Holder(socket.gethostname(), os.getpid(), since)
        data = json.dumps(holder._asdict()).encode() + b"\n"
        os.pwrite(fd, data, 0)  # before the rest goes, so that nobody reads an empty file
        os.ftruncate(fd, len(data))

    def _held(self) -> StateLocked:
        holder = self._holder()
        by = f" (pid {holder.pid} on {holder.host}, since {holder.since})" if holder else ""
        return StateLocked(
            f"{self._path}: another run holds the state{by}",
            hint="wait for it with --lock-timeout SECONDS, or stop it; "
            "the lock goes with the process that holds it",
        )

    def _holder(self) -> Holder | None:
        try:
            said = json.loads(self._path.read_text(encoding="utf-8"))
            return Holder(str(said["host"]), int(said["pid"]), str(said["since"]))
        except (OSError, ValueError, LookupError, TypeError):
            return None  # it is being written, or gone already


class _Tried(Enum):
    """What became of one try."""

    TAKEN = auto()
    HELD = auto()  # by another run
    VANISHED = auto()  # the file that was locked is not the one at the path any more


_inherited: Final[set[int]] = set()


def _let_go() -> None:
    """Close, in a child that was forked, what only the parent holds: a child that outlives it
    would keep the state locked."""
    while _inherited:
        with suppress(OSError):
            os.close(_inherited.pop())


os.register_at_fork(after_in_child=_let_go)
