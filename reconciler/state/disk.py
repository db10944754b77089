"""Every step that the state takes on the disk, one method each, and the two moves made of them.

A step is a method so that a test can stop before any of them, refuse one, or play a disk that
forgets what was not synced.
"""

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

# What file systems say that can't sync a folder: old CIFS, vboxsf, some FUSE.
UNSYNCABLE: Final = frozenset(
    {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EBADF, errno.EACCES}
)


class Disk:
    """The real disk. Files are created for their owner alone, and links are not followed."""

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def stat(self, path: Path) -> os.stat_result:
        return path.stat()

    def same_file(self, fd: int, path: Path) -> bool:
        """Whether *path* names the file that is open as *fd*."""
        try:
            return os.path.samestat(os.fstat(fd), path.stat())
        except FileNotFoundError:
            return False

    def read_back(self, fd: int, size: int) -> bytes:
        """Return the first *size* bytes of an open file."""
        return os.pread(fd, size, 0)

    def create(self, path: Path) -> int:
        """Make a file that did not exist, to be written at its end; return its descriptor."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        return os.open(path, flags, 0o600)

    def write(self, fd: int, data: memoryview) -> int:
        """Write some of *data*; return how much."""
        return os.write(fd, data)

    def sync_data(self, fd: int) -> None:
        """Make content and length durable."""
        if sys.platform == "darwin":
            import fcntl

            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)  # its fsync leaves the data in the drive's cache
        else:
            os.fdatasync(fd)

    def sync(self, fd: int) -> None:
        """Make everything about the file durable."""
        if sys.platform == "darwin":
            self.sync_data(fd)
        os.fsync(fd)

    def truncate(self, fd: int, size: int) -> None:
        os.ftruncate(fd, size)

    def close(self, fd: int) -> None:
        os.close(fd)

    def replace(self, source: Path, target: Path) -> None:
        source.replace(target)

    def unlink(self, path: Path) -> None:
        path.unlink()

    def sync_folder(self, path: Path) -> None:
        """Make durable which files *path* holds under which names."""
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def write_all(disk: Disk, fd: int, data: bytes) -> None:
    """Write *data* to its end, however little each step takes."""
    rest = memoryview(data)
    while rest:
        rest = rest[disk.write(fd, rest) :]


def replace_file(
    disk: Disk, target: Path, temp: Path, data: bytes, *, sync_folder: Callable[[Path], None]
) -> None:
    """Put *data* at *target*: whoever reads sees the old content or the new, never half."""
    with suppress(FileNotFoundError):
        disk.unlink(temp)  # left over by a run that was killed
    fd = disk.create(temp)
    try:
        write_all(disk, fd, data)
        disk.sync(fd)  # a rename may outlive a power loss that the data does not
    except OSError:
        with suppress(OSError):
            disk.unlink(temp)
        raise
    finally:
        disk.close(fd)
    disk.replace(temp, target)
    sync_folder(target.parent)
