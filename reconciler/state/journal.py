"""The journal's file, as the run that writes it sees it."""

import errno
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from reconciler.state.disk import Disk, write_all


class JournalFile:
    """A journal that is being written: always a new file, which nobody has failed to sync before.

    After a failed sync nobody knows what is on the disk, and syncing again would say that all is
    well: such a journal is not *sound* and takes no more lines. Every method raises OSError.
    """

    def __init__(self, disk: Disk, path: Path, *, sync_folder: Callable[[Path], None]) -> None:
        self._disk, self._path = disk, path
        self._fd = disk.create(path)
        self._size = 0
        self._sound = True
        try:
            sync_folder(path.parent)  # a line in a file without a durable name is no record
        except BaseException:
            self.close()
            with suppress(OSError):
                disk.unlink(path)
            raise

    @property
    def in_place(self) -> bool:
        """Whether the file under the journal's name is this one."""
        return self._disk.same_file(self._fd, self._path)

    @property
    def empty(self) -> bool:
        """Whether nothing was appended yet."""
        return not self._size

    def append(self, data: bytes) -> None:
        """Make *data* durable; raise OSError, and then nothing of it counts."""
        if not self._sound:
            raise OSError(errno.EIO, "an earlier write failed")
        self._sound = False
        try:
            write_all(self._disk, self._fd, data)
        except BaseException:
            with suppress(OSError):
                self._disk.truncate(self._fd, self._size)
                self._sound = True  # no sync has failed, so the next one can be believed
            raise
        try:
            self._disk.sync_data(self._fd)
        except OSError:
            with suppress(OSError):  # a line that nobody was told of would contradict the next fold
                self._disk.truncate(self._fd, self._size)
            raise
        self._sound = True
        self._size += len(data)

    def text(self) -> bytes:
        """Return what was appended so far, though the file's name may be gone."""
        return self._disk.read_back(self._fd, self._size)

    def close(self) -> None:
        """Close the file; it stays."""
        self._disk.close(self._fd)
