"""A disk that can be stopped, that can refuse, and that forgets what was not synced."""

import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

from reconciler.state.disk import Disk


class Crash(BaseException):
    """The process is gone; nothing of ours may catch this and go on."""


@dataclass
class Content:
    """A file without its name. What a power loss leaves of it is at least *durable*."""

    durable: bytes = b""
    current: bytes = b""


@dataclass
class PaperDisk(Disk):
    """Does every step on real files, and keeps book of what a power loss would leave of them.

    It stops before step number *fuse*, in the middle of it if it is a write. *refuse* is asked
    at each step, and may answer with the error to raise instead. A write takes at most *gulp*
    bytes.
    """

    folder: Path
    fuse: int | None = None
    refuse: Callable[[str], OSError | None] = lambda step: None
    gulp: int = 1 << 30
    steps: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._names = {
            path.name: Content(path.read_bytes(), path.read_bytes())
            for path in self.folder.iterdir()
            if not path.name.endswith(".lock")
        }
        self._durable_names = dict(self._names)
        self._open: dict[int, tuple[str, Content]] = {}

    def create(self, path: Path) -> int:
        self._step(f"create {path.name}")
        fd = super().create(path)
        self._names[path.name] = content = Content()
        self._open[fd] = (path.name, content)
        return fd

    def write(self, fd: int, data: memoryview) -> int:
        name, content = self._open[fd]
        data = data[: self.gulp]
        try:
            self._step(f"write {name}")
        except Crash:
            super().write(fd, data[: len(data) // 2])
            content.current += bytes(data[: len(data) // 2])
            raise
        content.current += bytes(data)
        return super().write(fd, data)

    def sync_data(self, fd: int) -> None:
        self._step(f"sync_data {self._open[fd][0]}")
        self._open[fd][1].durable = self._open[fd][1].current

    def sync(self, fd: int) -> None:
        self._step(f"sync {self._open[fd][0]}")
        self._open[fd][1].durable = self._open[fd][1].current

    def truncate(self, fd: int, size: int) -> None:
        self._step(f"truncate {self._open[fd][0]}")
        super().truncate(fd, size)
        self._open[fd][1].current = self._open[fd][1].current[:size]

    def close(self, fd: int) -> None:
        del self._open[fd]
        super().close(fd)

    def replace(self, source: Path, target: Path) -> None:
        self._step(f"replace {source.name} {target.name}")
        super().replace(source, target)
        self._names[target.name] = self._names.pop(source.name)

    def unlink(self, path: Path) -> None:
        self._step(f"unlink {path.name}")
        super().unlink(path)
        del self._names[path.name]

    def sync_folder(self, path: Path) -> None:
        self._step("sync_folder")
        self._durable_names = dict(self._names)

    def lose_power(self, loss: str) -> None:
        """Leave in the folder what the disk has when it comes back, in one of the LOSSES."""
        keep_names, survivor = LOSSES[loss]
        names = self._names if keep_names else self._durable_names
        for path in self.folder.iterdir():
            path.unlink()
        for name, content in names.items():
            (self.folder / name).write_bytes(survivor(content))
            (self.folder / name).chmod(0o600)

    def _step(self, step: str) -> None:
        if self.fuse is not None and len(self.steps) + 1 >= self.fuse:
            self.steps.append(f"crash before {step}")
            raise Crash(step)
        self.steps.append(step)
        if (error := self.refuse(step)) is not None:
            raise error


def _half(content: Content) -> bytes:
    fresh = content.current[len(content.durable) :]
    return content.durable + fresh[: len(fresh) // 2]


def _zeros(content: Content) -> bytes:
    return content.durable.ljust(len(content.current), b"\0")


FULL: Final = OSError(errno.ENOSPC, "No space left on device")
BROKEN: Final = OSError(errno.EIO, "Input/output error")

LOSSES: Final[dict[str, tuple[bool, Callable[[Content], bytes]]]] = {
    "nothing, the process was killed": (True, lambda content: content.current),
    "all that was not synced": (False, lambda content: content.durable),
    "contents, not names": (True, lambda content: content.durable),
    "names, not contents": (False, lambda content: content.current),
    "half of each content": (True, _half),
    "contents, turned into zeros": (True, _zeros),
}


def failing(
    error: OSError, *steps: str, after: int = 0, times: int = 1 << 30
) -> Callable[[str], OSError | None]:
    """Refuse *steps* with *error*: some *times*, and only *after* as many went well."""
    turns = count()

    def refuse(step: str) -> OSError | None:
        return error if step in steps and after <= next(turns) < after + times else None

    return refuse
