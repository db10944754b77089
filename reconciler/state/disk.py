"""Every step that the state takes on the disk, one method each, and the two moves made of them.

A step is a method so that a test can stop before any of them, refuse one, or play a disk that
forgets what was not synced.
"""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


class Disk:
    """The real disk. Files are created for their owner alone, and links are not followed."""

    def read(self, path: Path) -> bytes:
        return path.read_bytes()

    def create(self, path: Path) -> int:
        """Make a file that did not exist, to be written at its end; return its descriptor."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
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


def replace_file(disk: Disk, target: Path, temp: Path, chunks: Iterable[bytes]) -> int:
    """Put *chunks* at *target*: whoever reads sees the old content or the new, never half.

    Returns the size of the new content.
    """
    with suppress(FileNotFoundError):
        disk.unlink(temp)  # left over by a run that was killed
    fd = disk.create(temp)
    try:
        size = 0
        for data in chunks:
            write_all(disk, fd, data)
            size += len(data)
        disk.sync(fd)  # a rename may outlive a power loss that the data does not
    except OSError:
        with suppress(OSError):
            disk.unlink(temp)
        raise
    finally:
        disk.close(fd)
    disk.replace(temp, target)
    disk.sync_folder(target.parent)
    return size
