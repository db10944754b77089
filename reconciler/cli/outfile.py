"""Writes a file that others read meanwhile: they see the old text or the new, never half."""

import os
import stat
from pathlib import Path

from reconciler.errors import UsageError


def write_atomically(path: Path, text: str, *, mode: int | None = None) -> None:
    """Replace *path* by *text*; raise OSError.

    *mode* is set whatever the umask says; without it the umask decides. A symlink is followed,
    and what is no regular file (a pipe, `/dev/stderr`) is written to as it is.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        target.write_text(text, encoding="utf-8")
        return
    # a leading dot and this ending keep collectors from reading it too early
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
    try:
        _write(temporary, text.encode("utf-8"), mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_writable(path: Path, option: str) -> None:
    """Raise UsageError when *path*, given by *option*, can't be written: before the run, since
    after it is too late to ask for another."""
    target = path.resolve()
    if target.is_dir():
        raise UsageError(f"{option} {path}: is a folder", hint="name a file in it")
    if not target.parent.is_dir():
        raise UsageError(
            f"{option} {path}: there is no folder {target.parent}",
            hint="make it first, or name a file in a folder that is there",
        )
    special = target.exists() and not stat.S_ISREG(target.stat().st_mode)
    if not os.access(target if special else target.parent, os.W_OK):
        raise UsageError(
            f"{option} {path}: can't be written",
            hint="name a file in a folder that can be written to",
        )


def _write(path: Path, data: bytes, mode: int | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o666 if mode is None else mode)  # private from the start
    with os.fdopen(descriptor, "wb") as file:
        if mode is not None:
            os.fchmod(descriptor, mode)
        file.write(data)
        file.flush()
        os.fsync(descriptor)
