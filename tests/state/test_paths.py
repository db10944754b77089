import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.errors import StateError, StateLocked
from reconciler.state.encoding import encode
from reconciler.state.model import State
from reconciler.state.store import read_state
from tests.state.paper_disk import PaperDisk
from tests.state.parts import (
    JOURNAL,
    LOCK,
    NAME,
    intent,
    names,
    open_store,
    record,
)


class NosyDisk(PaperDisk):
    def write(self, fd: int, data: memoryview) -> int:
        self.modes.add(stat.S_IMODE(os.fstat(fd).st_mode))
        return super().write(fd, data)

    modes: set[int] = set()  # noqa: RUF012 - replaced by each test


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077], ids=oct)
def test_every_file_is_closed_to_others_from_its_first_byte(path: Path, umask: int) -> None:
    disk = NosyDisk(path.parent)
    disk.modes = set()
    before = os.umask(umask)
    try:
        with open_store(path, disk=disk) as store:
            store.record(record(1))
            found = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    finally:
        os.umask(before)

    assert found == {NAME: 0o600, JOURNAL: 0o600, LOCK: 0o600}
    assert disk.modes == {0o600}


def test_a_state_that_others_can_read_is_warned_of_and_mended(path: Path) -> None:
    with open_store(path) as store:
        store.record(record(1))
    path.chmod(0o644)
    warnings: list[str] = []

    with open_store(path, warn=warnings.append):
        pass

    assert warnings == [f"{path}: others could read its tokens: it had mode 644, and has 0600 now"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_state_without_tokens_is_mended_silently(path: Path) -> None:
    with open_store(path) as store:
        store.record(intent(1))
    path.chmod(0o644)

    with open_store(path):
        pass

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_reading_changes_no_mode(path: Path) -> None:
    with open_store(path) as store:
        store.record(record(1))
    path.chmod(0o644)

    read_state(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_linked_state_is_written_where_the_link_leads(tmp_path: Path, path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(path)

    with open_store(link) as store:
        store.record(record(1))
        assert names(path) == [NAME, JOURNAL, LOCK]
        with pytest.raises(StateLocked):
            open_store(path)

    assert link.is_symlink()
    assert read_state(link) == read_state(path) == store.state()


def bad_places(folder: Path) -> dict[str, tuple[Path, str]]:
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "file").touch()
    return {
        "folder": (folder, f"{folder}: is a folder"),
        "missing": (folder / "no" / NAME, f"the folder {folder / 'no'} does not exist"),
        "pipe": (folder / "pipe", "is not a regular file"),
        "loop": (folder / "loop", "can't be read: too many levels of symbolic links"),
        "below a file": (folder / "file" / NAME, "can't be read: not a directory"),
        "long": (folder / ("x" * 300), "can't be read: file name too long"),
    }


@pytest.mark.parametrize("case", ["folder", "missing", "pipe", "loop", "below a file", "long"])
def test_a_place_where_no_state_can_be_is_refused(tmp_path: Path, case: str) -> None:
    place, message = bad_places(tmp_path)[case]

    with pytest.raises(StateError) as refused:
        open_store(place)
    with pytest.raises(StateError, match=r"."):
        read_state(place)

    assert message in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe"], ids=["empty", "cut", "binary"])
def test_a_state_that_is_no_state_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(StateError, match=NAME) as refused:
        open_store(path)

    assert "reconciler adopt --all" in (refused.value.hint or "")
    assert path.read_bytes() == content
    assert names(path) == [NAME]


def test_the_state_of_ten_thousand_is_read_and_folded_in_a_moment(path: Path) -> None:
    state = State("0b6c1f2e").after(record(number) for number in range(10_000))
    path.write_text(encode(state))
    path.chmod(0o600)

    began = os.times()
    with open_store(path) as store:
        store.record(intent(1))
    spent = os.times()

    assert spent.user - began.user < 10  # a second, and several times that under coverage


@pytest.fixture
def powerless() -> Iterator[Path]:
    """A folder where this user is not root, even if it is."""
    folder = Path(tempfile.mkdtemp())
    (folder / NAME).write_text(encode(State("0b6c1f2e").after([record(1)])))
    (folder / NAME).chmod(0o644)
    folder.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield folder
    os.seteuid(user)
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a folder of another user: run it as root")
def test_a_folder_of_another_user_is_told(powerless: Path) -> None:
    with pytest.raises(StateError) as refused:
        open_store(powerless / NAME)

    assert refused.value.message == (
        f"{powerless / NAME}.lock: can't be written: permission denied; "
        f"{powerless} belongs to user 0, and this is user 65534"
    )
    assert "--state" in (refused.value.hint or "")
    assert read_state(powerless / NAME) == State("0b6c1f2e").after([record(1)])


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a file of another user: run it as root")
def test_a_mode_that_can_not_be_mended_is_warned_of(powerless: Path) -> None:
    os.seteuid(0)
    powerless.chmod(0o777)
    os.seteuid(65534)
    warnings: list[str] = []

    with open_store(powerless / NAME, warn=warnings.append):
        pass

    assert warnings == [
        f"{powerless / NAME}: others can read its tokens: it has mode 644, and 0600 was refused"
    ]
