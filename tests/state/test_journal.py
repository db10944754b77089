import errno
from pathlib import Path

import pytest

from reconciler.state.journal import JournalFile
from tests.state.paper_disk import PaperDisk, failing

FIRST, SECOND, THIRD = b"first line\n", b"a second line\n", b"third line\n"


def journal_at(path: Path, disk: PaperDisk) -> JournalFile:
    return JournalFile(disk, path, sync_folder=disk.sync_folder)


def test_a_journal_has_a_durable_name_before_its_first_line(tmp_path: Path) -> None:
    disk = PaperDisk(tmp_path)
    journal = journal_at(tmp_path / "j", disk)

    journal.append(FIRST)
    journal.append(SECOND)
    journal.close()

    assert (tmp_path / "j").read_bytes() == FIRST + SECOND
    assert disk.steps == [
        "create j",
        "sync_folder",
        "write j",
        "sync_data j",
        "write j",
        "sync_data j",
    ]


def test_short_writes_are_carried_on(tmp_path: Path) -> None:
    disk = PaperDisk(tmp_path, gulp=7)
    journal = journal_at(tmp_path / "j", disk)

    journal.append(FIRST)
    journal.close()

    assert (tmp_path / "j").read_bytes() == FIRST
    assert disk.steps.count("sync_data j") == 1


def test_half_a_line_that_found_no_room_is_taken_back(tmp_path: Path) -> None:
    disk = PaperDisk(tmp_path, gulp=6)
    journal = journal_at(tmp_path / "j", disk)
    journal.append(FIRST)
    before = (tmp_path / "j").read_bytes()
    disk.refuse = failing(OSError(errno.ENOSPC, "No space left"), "write j", after=1, times=1)

    with pytest.raises(OSError, match="No space left"):
        journal.append(SECOND)

    assert (tmp_path / "j").read_bytes() == before
    journal.append(THIRD)
    assert (tmp_path / "j").read_bytes() == before + THIRD
    journal.close()


def test_after_a_failed_sync_a_journal_takes_nothing_more(tmp_path: Path) -> None:
    disk = PaperDisk(tmp_path)
    journal = journal_at(tmp_path / "j", disk)
    disk.refuse = failing(OSError(errno.EIO, "Input/output error"), "sync_data j", times=1)
    with pytest.raises(OSError, match="Input/output"):
        journal.append(FIRST)

    with pytest.raises(OSError, match="earlier"):
        journal.append(SECOND)

    assert disk.steps.count("sync_data j") == 1
    journal.close()


def test_a_journal_whose_half_line_can_not_be_taken_back_takes_nothing_more(
    tmp_path: Path,
) -> None:
    disk = PaperDisk(tmp_path)
    journal = journal_at(tmp_path / "j", disk)
    disk.refuse = failing(OSError(errno.EIO, "Input/output error"), "write j", "truncate j")
    with pytest.raises(OSError, match="Input/output"):
        journal.append(FIRST)

    disk.refuse = failing(OSError(errno.EIO, "never asked"))
    with pytest.raises(OSError, match="earlier"):
        journal.append(SECOND)
    journal.close()


def test_a_journal_whose_name_can_not_be_synced_does_not_stay(tmp_path: Path) -> None:
    disk = PaperDisk(tmp_path)
    disk.refuse = failing(OSError(errno.EIO, "Input/output error"), "sync_folder")

    with pytest.raises(OSError, match="Input/output"):
        journal_at(tmp_path / "j", disk)

    assert list(tmp_path.iterdir()) == []


def test_what_was_appended_can_be_read_though_the_name_is_gone(tmp_path: Path) -> None:
    journal = journal_at(tmp_path / "j", PaperDisk(tmp_path))
    journal.append(FIRST)

    (tmp_path / "j").unlink()

    assert journal.text() == FIRST
    journal.close()


def test_a_journal_knows_whether_its_name_is_still_its_own(tmp_path: Path) -> None:
    journal = journal_at(tmp_path / "j", PaperDisk(tmp_path))
    seen = [journal.in_place]

    (tmp_path / "j").rename(tmp_path / "old")
    seen.append(journal.in_place)
    (tmp_path / "j").touch()
    seen.append(journal.in_place)

    assert seen == [True, False, False]
    journal.close()
