import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from reconciler.cli.outfile import check_writable, write_atomically
from reconciler.errors import UsageError
from tests.closed import closed_folder


@pytest.fixture
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.parametrize(
    ("umask", "mode", "expected"),
    [(0o077, 0o644, 0o644), (0o022, 0o644, 0o644), (0o077, None, 0o600), (0o022, None, 0o644)],
    indirect=["umask"],
)
@pytest.mark.usefixtures("umask")
def test_a_mode_is_set_whatever_the_umask_says(
    tmp_path: Path, mode: int | None, expected: int
) -> None:
    path = tmp_path / "out"

    write_atomically(path, "text", mode=mode)

    assert path.read_text() == "text"
    assert path.stat().st_mode & 0o777 == expected
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_of_the_old_file_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")

    with path.open() as reader:
        write_atomically(path, "new")

        assert reader.read() == "old"
    assert path.read_text() == "new"


def test_a_symlink_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real" / "out")

    write_atomically(link, "text")

    assert link.is_symlink()
    assert (tmp_path / "real" / "out").read_text() == "text"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()

    write_atomically(pipe, "text")
    reader.join(10)

    assert read == ["text"]
    assert pipe.is_fifo()


def test_a_pipe_without_a_name_is_written_to(tmp_path: Path) -> None:
    """What a shell makes of `--report >(program)`: a link that leads to no path."""
    reading, writing = os.pipe()
    path = tmp_path / "link"
    path.symlink_to(f"/dev/fd/{writing}")

    check_writable(path, "--report")
    write_atomically(path, "text")
    os.close(writing)

    assert os.read(reading, 100) == b"text"
    os.close(reading)


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")

    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "is a folder"),
        ("missing/out", "there is no folder"),
        ("file/out", "there is no folder"),
    ],
)
def test_a_path_that_can_not_be_written_is_refused_at_once(
    tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError) as refused:
        check_writable(tmp_path / name, "--junit")

    assert refused.value.message.startswith("--junit ")
    assert message in refused.value.message


def test_a_new_file_an_old_one_and_a_device_are_taken(tmp_path: Path) -> None:
    (tmp_path / "old").touch()

    for path in (tmp_path / "new", tmp_path / "old", Path("/dev/null")):
        check_writable(path, "--junit")


def test_a_folder_that_may_not_be_entered_is_told_of() -> None:
    with closed_folder() as folder, pytest.raises(UsageError) as refused:
        check_writable(folder / "out", "--junit")

    assert "out: can't be written: permission denied" in refused.value.message
