"""Every step on the disk fails once, in each way that file systems have: nothing is lost by it."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest

from reconciler.errors import StateError
from reconciler.model import Word
from reconciler.state.disk import Disk
from reconciler.state.model import Addressed, Closed, Event, Intent, Listed, Record, State
from reconciler.state.store import read_state
from tests.nightly import NIGHTLY
from tests.state.parts import NAME, intent, open_store, record

_T = TypeVar("_T")
OFTEN: Final = (errno.ENOSPC, errno.EIO, errno.ENOENT, errno.ESTALE)
RARE: Final = (
    errno.EACCES,
    errno.EBADF,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EINTR,
    errno.EINVAL,
    errno.ENOLCK,
    errno.ENOSYS,
    errno.ENOTSUP,
    errno.EPERM,
    errno.EROFS,
)
BEFORE: Final[tuple[Event, ...]] = (Addressed("https://api.green-api.com"), record(9))
STORY: Final[tuple[Event | str, ...]] = (
    Listed("r1", frozenset({7})),
    intent(1, "r1"),
    record(1),
    "fold",
    intent(2, "r1"),
    Closed("key-2", Word.REJECTED),
    intent(3, "r1"),
    record(3),
)


class FailingOnce(Disk):
    """Fails at its step number *at*, whatever step that is: a look as well as a write."""

    def __init__(self, at: int, error: int) -> None:
        self.at, self.error, self.steps = at, error, 0

    def _step(self, step: Callable[..., _T], *args: Any) -> _T:
        self.steps += 1
        if self.steps == self.at:
            raise OSError(self.error, os.strerror(self.error))
        return step(*args)

    def read(self, path: Path) -> bytes:
        return self._step(super().read, path)

    def stat(self, path: Path) -> os.stat_result:
        return self._step(super().stat, path)

    def same_file(self, fd: int, path: Path) -> bool:
        return self._step(super().same_file, fd, path)

    def create(self, path: Path) -> int:
        return self._step(super().create, path)

    def write(self, fd: int, data: memoryview) -> int:
        return self._step(super().write, fd, data)

    def sync_data(self, fd: int) -> None:
        self._step(super().sync_data, fd)

    def sync(self, fd: int) -> None:
        self._step(super().sync, fd)

    def replace(self, source: Path, target: Path) -> None:
        self._step(super().replace, source, target)

    def unlink(self, path: Path) -> None:
        self._step(super().unlink, path)

    def sync_folder(self, path: Path) -> None:
        self._step(super().sync_folder, path)


class Told:
    """One run on such a disk: what was confirmed, what was said, and what was rescued."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self.confirmed: list[Event] = []
        self.refused: list[Event] = []
        self.rescued: list[str] = []
        self.errors: list[StateError] = []
        try:
            self._tell(path, disk)
        except StateError as error:
            self.errors.append(error)

    def _tell(self, path: Path, disk: Disk) -> None:
        with open_store(
            path, disk=disk, rescue=self.rescued.append, warn=lambda message: None
        ) as store:
            for step in STORY:
                if self.errors and not self._is_in_flight(step):
                    continue  # after a failure nothing is announced, but what was sent is answered
                try:
                    store.fold() if isinstance(step, str) else store.record(step)
                except StateError as error:
                    self.errors.append(error)
                    self.refused += [] if isinstance(step, str) else [step]
                else:
                    self.confirmed += [] if isinstance(step, str) else [step]

    def _is_in_flight(self, step: Event | str) -> bool:
        announced = {event.key for event in self.confirmed if isinstance(event, Intent)}
        return isinstance(step, Record) and step.key in announced


def sweep(folder: Path, error: int) -> int:
    """Fail at each step; return how many there are."""
    for at in range(1, 500):
        path = folder / str(at) / NAME
        path.parent.mkdir()
        with open_store(path) as store:
            store.record(*BEFORE)
        disk = FailingOnce(at, error)
        told = Told(path, disk)
        check(told, path)
        if disk.steps < at:
            return at - 1
    raise RuntimeError("the story does not end")


def check(told: Told, path: Path) -> None:
    assert all(error.message and error.hint for error in told.errors)
    with open_store(path, warn=lambda message: None) as after:
        found = after.state()
    wanted = State("0b6c1f2e").after([*BEFORE, *told.confirmed])
    assert found == read_state(path)
    assert found.api_url == wanted.api_url
    for key, recorded in wanted.instances.items():
        assert found.instances[key] == recorded
    assert found.pending.keys() >= wanted.pending.keys()
    lost = [
        event
        for event in told.refused
        if isinstance(event, Record) and event.recorded not in found.instances.values()
    ]
    assert [event.key in line for event, line in zip(lost, told.rescued, strict=True)] == [
        True for _ in lost
    ]


@pytest.mark.parametrize(
    "error",
    [*OFTEN, *(pytest.param(each, marks=NIGHTLY) for each in RARE)],
    ids=[errno.errorcode[each] for each in (*OFTEN, *RARE)],
)
def test_one_failure_at_any_step_loses_nothing(tmp_path: Path, error: int) -> None:
    assert sweep(tmp_path, error) > 60
