"""Writes a file that others read meanwhile: they see the old text or the new, never half."""

import os
from pathlib import Path
from typing import Final

from reconciler.errors import UsageError


def write_atomically(path: Path, text: str, *, mode: int | None = None) -> None:
    """Replace *path* by *text*; raise OSError.

    *mode* is set whatever the umask says; without it the umask decides. A symlink is followed,
    and what is no regular file (a pipe, `/dev/stderr`) is written to as it is.
    """
    if path.exists() and not path.is_file():  # a link to a pipe (`>(...)`) resolves to no path
        path.write_text(text, encoding="utf-8")
        return
    target = _target(path)
    # a leading dot and this ending keep collectors from reading it too early
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")
    try:
        _write(temporary, text.encode("utf-8"), mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_named(path: Path, text: str, option: str) -> None:
    """Replace *path*, given by *option*, by *text*; raise UsageError."""
    try:
        write_atomically(path, text)
    except OSError as error:
        raise _unwritable(path, option, error) from error


def clear(path: Path) -> None:
    """Take away what an earlier run left at *path*: one that is stopped writes nothing there."""
    if path.is_file():
        path.unlink()


def check_writable(path: Path, option: str) -> None:
    """Raise UsageError when *path*, given by *option*, can't be written: before the run, since
    after it is too late to ask for another."""
    try:
        _check(path, option)
    except OSError as error:  # a folder on the way may not be entered
        raise _unwritable(path, option, error) from None


def _unwritable(path: Path, option: str, error: OSError) -> UsageError:
    reason = (error.strerror or type(error).__name__).lower()
    return UsageError(f"{option} {path}: can't be written: {reason}", hint=_ELSEWHERE)


_ELSEWHERE: Final = "name a file in a folder that can be written to"


def _check(path: Path, option: str) -> None:
    if path.is_dir():
        raise UsageError(f"{option} {path}: is a folder", hint="name a file in it")
    special = path.exists() and not path.is_file()
    folder = _target(path).parent
    if not special and not folder.is_dir():
        raise UsageError(
            f"{option} {path}: there is no folder {folder}",
            hint="make it first, or name a file in a folder that is there",
        )
    if not os.access(path if special else folder, os.W_OK):
        raise UsageError(f"{option} {path}: can't be written", hint=_ELSEWHERE)


def _target(path: Path) -> Path:
    return Path(os.path.realpath(path))  # unlike Path.resolve, content with links in a circle


def _write(path: Path, data: bytes, mode: int | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o666 if mode is None else mode)  # private from the start
    with os.fdopen(descriptor, "wb") as file:
        if mode is not None:
            os.fchmod(descriptor, mode)
        file.write(data)
        file.flush()
        os.fsync(descriptor)
