"""A state in a folder: the file, its journal and its lock, side by side."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from reconciler.errors import StateError
from reconciler.state.backend import JournalLost, Look, Version, digest_of
from reconciler.state.disk import UNSYNCABLE, Disk, replace_file
from reconciler.state.journal import JournalFile
from reconciler.state.lock import Lock
from reconciler.state.paths import StatePaths, check_place, check_replaceable, close_to_others
from reconciler.state.trouble import unreadable, unwritable

_DISK: Final = Disk()
_LOOKS: Final = 5
_MOVED: Final = (
    "nothing more was sent and nothing overwritten; once no run is at work here, run "
    "`reconciler state fold`, which joins what the state and its journal know"
)


class FileBackend:
    """Keeps a state at *path*.

    The order on the disk: the journal's name is durable before a line in it counts; a new state
    file is durable before the journal that it replaces goes. A journal is never taken up again,
    neither after the state was replaced nor by the next run: each is a new file, so nothing depends
    on what became of an earlier sync.
    """

    def __init__(self, path: Path, *, disk: Disk = _DISK) -> None:
        self._paths, self._disk = StatePaths.of(path), disk
        self._lock: Lock | None = None
        self._journal: JournalFile | None = None
        self._left: _Identity | None = None  # the journal that was read or folded: it may go
        self._seen: tuple[_Identity, Version] | None = None  # the state file, looked at last
        self._attempted: Version | None = None  # ours, even if putting it in place failed half-way
        self._warn: Callable[[str], None] = lambda message: None
        self._told = False  # that the folder can't be synced

    @property
    def name(self) -> str:
        return str(self._paths.state)

    @property
    def journal_name(self) -> str:
        return str(self._paths.journal)

    @property
    def outlived(self) -> bool:
        return True  # its lock went with it

    @property
    def far(self) -> bool:
        return False

    def hold(
        self, timeout: float, *, now: Callable[[], datetime], warn: Callable[[str], None]
    ) -> None:
        check_place(self._paths)
        check_replaceable(self._paths)
        self._warn = warn
        lock = Lock(self._paths.lock, now=now)
        lock.acquire(timeout)
        self._lock = lock
        with suppress(OSError):
            self._disk.unlink(self._paths.temp)  # half a replacement of a run that was killed

    def release(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def look(self) -> Look:
        """Read both; again if the journal was folded meanwhile, by a run that holds the state."""
        after = self._journal_text()
        for _ in range(_LOOKS):
            before, found, after = after, self._state_text(), self._journal_text()
            if after == before or (before and after and after.startswith(before)):
                break
        return Look(found, () if after is None else ((self.journal_name, after),))

    def _state_text(self) -> tuple[bytes, Version] | None:
        check_place(self._paths)
        found = self._identity(self._paths.state)  # before its content: a later look will tell
        data = self._read(self._paths.state)
        if data is None:
            self._seen = None
            return None
        version = Version(digest_of(data))
        self._seen = (found, version) if found else None
        return data, version

    def _journal_text(self) -> bytes | None:
        found = self._identity(self._paths.journal)
        data = self._read(self._paths.journal)
        self._left = None if data is None else found  # only what was read may go
        return data

    def protect(self) -> str | None:
        return close_to_others(self._paths)

    def get_ready(self) -> None:
        """A folder needs nothing."""

    def check(self, version: Version | None) -> None:
        try:
            if self._journal is not None and not self._journal.in_place:
                self._journal = self._lay_again(self._journal)
                raise self._moved(self._paths.journal)
            left = (None, self._left)
            if self._journal is None and self._identity(self._paths.journal) not in left:
                raise self._moved(self._paths.journal)
            if self._lock is None or not self._lock.in_place:
                raise self._moved(self._paths.lock)
        except OSError as error:
            raise unreadable(self._paths.journal, error) from error
        if not self._holds(version):
            raise self._moved(self._paths.state)

    def append(self, lines: bytes, *, header: bytes, answers: bool) -> None:
        del answers  # the lock is held until the end
        try:
            if self._journal is None:
                self._journal = self._begin()
            elif not self._journal.in_place:
                self._journal = self._lay_again(self._journal)
            self._journal.append(header + lines if self._journal.empty else lines)
        except OSError as error:
            raise unwritable(self._paths.journal, error) from error

    def replace(self, data: bytes, *, expected: Version | None) -> Version:
        if not self._holds(expected):
            raise self._moved(self._paths.state)
        self._attempted = version = Version(digest_of(data))
        try:
            replace_file(
                self._disk, self._paths.state, self._paths.temp, data, sync_folder=self._sync_folder
            )
        except OSError as error:
            raise unwritable(self._paths.state, error) from error
        self._seen = None
        with suppress(StateError):  # it is in place; a look that fails now is made up for later
            found = self._identity(self._paths.state)
            self._seen = (found, version) if found else None
        with suppress(OSError, StateError):  # a journal that stays holds nothing new
            self._drop_journal()
        return version

    def _begin(self) -> JournalFile:
        left, self._left = self._left, None
        if left is not None and self._identity(self._paths.journal) == left:
            self._disk.unlink(self._paths.journal)
        try:
            return JournalFile(self._disk, self._paths.journal, sync_folder=self._sync_folder)
        except FileExistsError:
            raise self._moved(self._paths.journal) from None

    def _lay_again(self, lost: JournalFile) -> JournalFile:
        """Put the journal back whose name was taken away: only it knows what this run did."""
        try:
            again = self._begin()
            try:
                again.append(lost.text())
            except BaseException:
                again.close()
                with suppress(OSError):
                    self._disk.unlink(self._paths.journal)
                raise
        except (OSError, StateError) as error:
            moved = self._moved(self._paths.journal)
            raise JournalLost(moved.message, hint=moved.hint) from error
        lost.close()
        return again

    def _drop_journal(self) -> None:
        journal, self._journal = self._journal, None
        if journal is not None:
            try:
                self._left = self._identity(self._paths.journal) if journal.in_place else None
            finally:
                journal.close()
        if self._left is not None and self._identity(self._paths.journal) == self._left:
            self._disk.unlink(self._paths.journal)
            self._left = None

    def _holds(self, version: Version | None) -> bool:
        """Whether the state file has this version, or the one that this run tried to put there."""
        found = self._identity(self._paths.state)
        if self._seen is not None and found == self._seen[0]:
            now: Version | None = self._seen[1]
        else:  # another file, or touched: its content decides
            read = self._state_text()
            now = read[1] if read else None
        return now == version or (now is not None and now == self._attempted)

    def _sync_folder(self, folder: Path) -> None:
        try:
            self._disk.sync_folder(folder)
        except OSError as error:
            if error.errno not in UNSYNCABLE:
                raise
            if not self._told:
                self._told = True
                self._warn(
                    f"{folder}: this file system can't make file names durable; a power loss may "
                    "take back what was recorded last, so rather keep the state on a local disk"
                )

    def _moved(self, path: Path) -> StateError:
        return StateError(f"{path}: removed or replaced while this run was at work", hint=_MOVED)

    def _identity(self, path: Path) -> "_Identity | None":
        try:
            return _Identity.of(self._disk.stat(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreadable(path, error) from error

    def _read(self, path: Path) -> bytes | None:
        try:
            return self._disk.read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreadable(path, error) from error


class _Identity(NamedTuple):
    """What changes when a file is replaced, or written to."""

    device: int
    inode: int
    size: int
    modified: int

    @classmethod
    def of(cls, found: os.stat_result) -> "_Identity":
        return cls(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
