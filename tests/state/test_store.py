import errno
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from reconciler.errors import StateError, StateLocked
from reconciler.model import Pending
from reconciler.state.codec import decode, encode
from reconciler.state.events import Addressed, Closed, Intent, Listed, TokenFound, Verdict
from reconciler.state.store import read_state
from reconciler.state.values import State
from tests.state.paper_disk import PaperDisk, failing
from tests.state.parts import (
    JOURNAL,
    LOCK,
    NAME,
    TEMP,
    intent,
    open_store,
    record,
    recorded,
    token_of,
)

FULL = OSError(errno.ENOSPC, "No space left on device")
BROKEN = OSError(errno.EIO, "Input/output error")


def names(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir())


# --- what a run writes, and in which order -------------------------------------------------


def test_a_run_that_records_nothing_writes_nothing(path: Path) -> None:
    disk = PaperDisk(path.parent)

    with open_store(path, disk=disk) as store:
        assert store.state() == State("0b6c1f2e")
        assert store.lineage == "0b6c1f2e"

    assert names(path) == []
    assert disk.steps == [f"unlink {TEMP}"]


def test_a_run_that_records_nothing_leaves_the_state_alone(path: Path) -> None:
    with open_store(path) as store:
        store.record(intent(1))
    before = path.stat()

    with open_store(path) as store:
        assert store.state().pending

    assert path.stat() == before
    assert names(path) == [NAME]


def test_every_step_is_durable_before_the_next(path: Path) -> None:
    disk = PaperDisk(path.parent)
    fold = [
        f"unlink {TEMP}",
        f"create {TEMP}",
        f"write {TEMP}",
        f"sync {TEMP}",
        f"replace {TEMP} {NAME}",
        "sync_folder",
        f"unlink {JOURNAL}",
    ]
    journal = [f"unlink {JOURNAL}", f"create {JOURNAL}", "sync_folder"]
    line = [f"write {JOURNAL}", f"sync_data {JOURNAL}"]

    with open_store(path, disk=disk) as store:
        store.record(intent(1))
        store.record(record(1))
        store.fold()
        store.record(intent(2))

    assert disk.steps == [
        f"unlink {TEMP}",
        *fold,
        *journal,
        *line,
        *line,
        *fold,
        *journal,
        *line,
        *fold,
    ]


def test_what_was_recorded_is_there_for_everybody_at_once(path: Path) -> None:
    with open_store(path) as store:
        store.record(Addressed("https://api.green-api.com"), intent(1))
        store.record(record(1))

        assert read_state(path) == store.state()
        assert store.state().instances == {"key-1": recorded(1)}
    assert read_state(path) == store.state()
    assert store.state().serial == 3


def test_there_is_no_state_before_the_first_record(path: Path) -> None:
    assert read_state(path) is None


def test_recording_nothing_is_nothing(path: Path) -> None:
    with open_store(path) as store:
        store.record()

    assert names(path) == []


def test_the_lineage_stays_over_runs(path: Path) -> None:
    with open_store(path) as store:
        store.record(intent(1))
    path.write_text(path.read_text().replace("0b6c1f2e", "ffff"))

    with open_store(path) as store:
        assert store.lineage == "ffff"


def test_a_rewrite_is_one_step_of_the_history(path: Path) -> None:
    with open_store(path) as store:
        store.record(record(1))
        store.rewrite(lambda state: replace(state, api_url="https://example.com"))

    found = read_state(path)
    assert found is not None
    assert (found.serial, found.api_url) == (2, "https://example.com")
    assert found.instances == {"key-1": recorded(1)}


# --- snapshots and folds -------------------------------------------------------------------


def test_the_newest_snapshot_outlives_a_fold_before_the_first_create_names_it(path: Path) -> None:
    with open_store(path) as store:
        store.record(Listed("r1", frozenset({7})))
        store.fold()
        store.record(intent(1, "r1"))

        assert store.state().snapshots == {"r1": frozenset({7})}
        assert read_state(path) == store.state()
    assert read_state(path) == store.state()


def test_the_newest_snapshot_outlives_a_moment_without_pending_creates(path: Path) -> None:
    with open_store(path) as store:
        store.record(Listed("r1", frozenset({7})), intent(1, "r1"), record(1))
        store.fold()
        assert store.state().snapshots == {"r1": frozenset({7})}
        store.record(intent(2, "r1"))

        assert store.state().snapshots == {"r1": frozenset({7})}


def test_a_snapshot_that_no_create_names_goes_at_the_end(path: Path) -> None:
    with open_store(path) as store:
        store.record(Listed("r1", frozenset({7})), intent(1, "r1"), record(1))
        store.fold()
        store.record(Closed("key-1", Verdict.NOT_SENT))

    assert "snapshots" not in path.read_text()


def test_a_create_that_names_an_unknown_snapshot_is_a_mistake_and_hurts_nobody(path: Path) -> None:
    with open_store(path) as store:
        with pytest.raises(ValueError, match="snapshot"):
            store.record(intent(1, "r9"))
        store.record(intent(2))

        assert list(store.state().pending) == ["key-2"]


def test_a_create_without_a_time_is_a_mistake_and_hurts_nobody(path: Path) -> None:
    with open_store(path) as store:
        with pytest.raises(ValueError, match="ISO 8601"):
            store.record(Intent("key-1", Pending("name-1", {}, "yesterday", None)))
        store.record(intent(2))

        assert list(store.state().pending) == ["key-2"]


def bulky(number: int) -> Addressed:
    return Addressed(f"https://{number}.example.com/{'x' * 300_000}")


def test_a_long_journal_is_folded_by_itself(path: Path) -> None:
    with open_store(path) as store:
        for number in range(4):
            store.record(bulky(number))

        assert names(path) == [NAME, LOCK]
        assert decode(path.read_text(), source="s").serial == 4


def test_folding_costs_no_more_than_the_journal(path: Path) -> None:
    disk = PaperDisk(path.parent)

    with open_store(path, disk=disk) as store:
        for number in range(40):
            store.record(replace(bulky(0), api_url="x" * 300_000), record(number))

    assert disk.steps.count(f"replace {TEMP} {NAME}") == 1 + 10


def test_a_fold_of_itself_that_finds_no_room_is_only_warned_of(path: Path) -> None:
    disk = PaperDisk(path.parent)
    warnings: list[str] = []
    with open_store(path, disk=disk, warn=warnings.append) as store:
        store.record(bulky(0))
        disk.refuse = failing(FULL, f"write {TEMP}")
        for number in range(1, 6):
            store.record(bulky(number))
        disk.refuse = failing(FULL)

    assert warnings == [f"{path}: can't be written: no space left on device"]
    found = read_state(path)
    assert found is not None
    assert found.serial == 6


# --- what a killed run leaves --------------------------------------------------------------


def killed(path: Path, *, after: int = 2) -> None:
    """Leave what a run leaves that is killed after some records."""
    with open_store(path) as store:
        store.record(intent(1))
        store.record(*[record(number) for number in range(1, after)])
        kept = {each: each.read_bytes() for each in path.parent.iterdir() if each.name != LOCK}
    for each, data in kept.items():
        each.write_bytes(data)
        each.chmod(0o600)


def test_the_next_run_folds_what_a_killed_one_left(path: Path) -> None:
    killed(path)
    path.with_name(TEMP).write_text("half a fold")

    with open_store(path) as store:
        assert names(path) == [NAME, LOCK]
        assert store.state().instances == {"key-1": recorded(1)}

    assert decode(path.read_text(), source="s") == store.state()


def test_a_torn_last_line_is_dropped(path: Path) -> None:
    killed(path)
    journal = path.with_name(JOURNAL)
    journal.write_bytes(journal.read_bytes()[:-30])

    with open_store(path) as store:
        assert store.state().instances == {}
        assert list(store.state().pending) == ["key-1"]


def test_a_disk_too_full_to_take_over_stops_the_next_run_before_it_starts(path: Path) -> None:
    killed(path)
    before = {each.name: each.read_bytes() for each in path.parent.iterdir()}
    disk = PaperDisk(path.parent)
    disk.refuse = failing(FULL, f"write {TEMP}")

    with pytest.raises(StateError, match="no space left on device"):
        open_store(path, disk=disk)

    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == before


# --- a disk that fails ---------------------------------------------------------------------


REFUSALS = {
    "full": (FULL, f"write {JOURNAL}"),
    "quota": (OSError(errno.EDQUOT, "Disk quota exceeded"), f"write {JOURNAL}"),
    "broken": (BROKEN, f"sync_data {JOURNAL}"),
    "read-only": (OSError(errno.EROFS, "Read-only file system"), f"create {TEMP}"),
    "folder": (BROKEN, "sync_folder"),
    "rename": (OSError(errno.EACCES, "Permission denied"), f"replace {TEMP} {NAME}"),
}


@pytest.mark.parametrize(("error", "step"), REFUSALS.values(), ids=REFUSALS)
def test_after_a_failure_nothing_more_can_be_announced(
    path: Path, error: OSError, step: str
) -> None:
    disk = PaperDisk(path.parent)
    disk.refuse = failing(error, step, times=1)

    with open_store(path, disk=disk) as store:
        with pytest.raises(StateError, match="can't be written") as first:
            store.record(intent(1))
        with pytest.raises(StateError) as second:
            store.record(intent(2))

        assert first.value.message == second.value.message
        assert (error.strerror or "").lower() in first.value.message
        assert first.value.hint
        assert store.state() == State("0b6c1f2e")


@pytest.mark.parametrize(("error", "step"), REFUSALS.values(), ids=REFUSALS)
def test_an_answer_is_tried_once_more(path: Path, error: OSError, step: str) -> None:
    disk = PaperDisk(path.parent)
    disk.refuse = failing(error, step, times=1)
    with open_store(path, disk=disk) as store:
        store.record(record(1))

        assert store.state().instances == {"key-1": recorded(1)}
        assert read_state(path) == store.state()
        disk.lose_power("all that was not synced")
        assert read_state(path) == store.state()


@pytest.mark.parametrize(("error", "step"), REFUSALS.values(), ids=REFUSALS)
def test_an_answer_after_a_failure_is_recorded_and_announcements_are_not(
    path: Path, error: OSError, step: str
) -> None:
    disk = PaperDisk(path.parent)
    with open_store(path, disk=disk) as store:
        disk.refuse = failing(error, step, times=1)
        with pytest.raises(StateError):
            store.record(intent(9))

        store.record(record(1))
        store.record(TokenFound("key-1", token_of(77)))
        with pytest.raises(StateError):
            store.record(intent(2))

        assert store.state().instances == {"key-1": recorded(1, token=token_of(77))}
        disk.lose_power("all that was not synced")
        assert read_state(path) == store.state()
        assert "key-9" not in (store.state().pending)


def test_after_a_failed_sync_an_answer_goes_into_a_new_file(path: Path) -> None:
    disk = PaperDisk(path.parent)
    with open_store(path, disk=disk) as store:
        store.record(intent(1))
        disk.refuse = failing(BROKEN, f"sync_data {JOURNAL}", times=1)

        store.record(record(1))

        assert disk.steps.count(f"sync_data {JOURNAL}") == 2
        assert decode(path.read_text(), source="s").instances == {"key-1": recorded(1)}


def test_lines_of_a_failed_journal_that_turn_up_again_are_old(path: Path) -> None:
    disk = PaperDisk(path.parent)
    with open_store(path, disk=disk) as store:
        store.record(intent(1))
        disk.refuse = failing(
            BROKEN, f"sync_data {JOURNAL}", f"truncate {JOURNAL}", f"unlink {JOURNAL}"
        )
        with pytest.raises(StateError):
            store.record(intent(2), intent(3))
        store.record(record(1))
        state = store.state()
        assert path.with_name(JOURNAL).read_text().count("\n") == 4

        assert read_state(path) == state


def test_an_answer_that_can_not_be_written_is_rescued_as_the_state_would_hold_it(
    path: Path,
) -> None:
    disk = PaperDisk(path.parent)
    rescued: list[str] = []
    with open_store(path, disk=disk, rescue=rescued.append) as store:
        store.record(intent(1))
        disk.refuse = failing(FULL, f"write {JOURNAL}", f"write {TEMP}")

        with pytest.raises(StateError, match="no space left on device"):
            store.record(record(1), TokenFound("key-1", token_of(2)), intent(2))

    assert rescued == [
        '{"serial": 2, "at": "2026-11-22T10:06:00Z", "event": "created", "key": "key-1", '
        f'"instance": {{"idInstance": 1101728001, "apiTokenInstance": "{token_of(1).reveal()}", '
        '"typeInstance": "whatsapp", "name": "name-1", "parameters": {"webhookUrl": '
        '"https://hooks.example.com/", "incomingWebhook": "yes"}, '
        '"createdAt": "2026-11-22T10:06:00Z", "origin": "created"}}',
        '{"serial": 2, "at": "2026-11-22T10:06:00Z", "event": "token", "key": "key-1", '
        f'"apiTokenInstance": "{token_of(2).reveal()}"}}',
    ]
    assert read_state(path) == State("0b6c1f2e").after([intent(1)])


def test_what_is_rescued_comes_before_the_error(path: Path) -> None:
    disk = PaperDisk(path.parent)
    told: list[str] = []
    disk.refuse = failing(FULL, f"write {TEMP}")
    with open_store(path, disk=disk, rescue=told.append) as store:
        with pytest.raises(StateError) as failed:
            store.record(record(1))
        told.append(failed.value.message)

    assert [line[:10] for line in told] == ['{"serial":', str(path)[:10]]


def test_an_answer_beside_an_announcement_is_kept_and_the_error_raised(path: Path) -> None:
    disk = PaperDisk(path.parent)
    with open_store(path, disk=disk) as store:
        disk.refuse = failing(BROKEN, f"sync_data {JOURNAL}", times=1)

        with pytest.raises(StateError):
            store.record(record(1), intent(2))

        assert store.state().instances == {"key-1": recorded(1)}
        assert store.state().pending == {}


def test_an_answer_that_comes_after_the_end_is_rescued(path: Path) -> None:
    rescued: list[str] = []
    with open_store(path, rescue=rescued.append) as store:
        store.record(intent(1))
    before = path.read_bytes()

    with pytest.raises(StateError, match="let go"):
        store.record(record(1))

    assert len(rescued) == 1
    assert path.read_bytes() == before
    assert names(path) == [NAME]


def test_an_announcement_after_the_end_is_refused(path: Path) -> None:
    with open_store(path) as store:
        pass

    with pytest.raises(StateError, match="let go"):
        store.record(intent(1))

    assert names(path) == []


def test_a_last_fold_that_fails_is_told_and_loses_nothing(path: Path) -> None:
    disk = PaperDisk(path.parent)
    store = open_store(path, disk=disk)
    store.record(record(1))
    disk.refuse = failing(FULL, f"write {TEMP}")

    with pytest.raises(StateError, match="no space left on device"):
        store.close()
    store.close()

    assert names(path) == [NAME, JOURNAL]
    with open_store(path) as again:
        assert again.state() == store.state()


def test_a_last_fold_that_fails_does_not_hide_what_ended_the_run(path: Path) -> None:
    disk = PaperDisk(path.parent)
    warnings: list[str] = []

    with pytest.raises(LookupError), open_store(path, disk=disk, warn=warnings.append) as store:
        store.record(record(1))
        disk.refuse = failing(FULL, f"write {TEMP}")
        raise LookupError

    assert warnings == [f"{path}: can't be written: no space left on device"]
    assert LOCK not in names(path)


def test_a_fold_that_fails_in_the_middle_of_a_run_can_be_repeated(path: Path) -> None:
    disk = PaperDisk(path.parent)
    with open_store(path, disk=disk) as store:
        store.record(record(1))
        disk.refuse = failing(BROKEN, "sync_folder", times=1)
        with pytest.raises(StateError, match="input/output error"):
            store.fold()
        store.record(record(2))
        store.fold()
        store.record(record(3))

        assert read_state(path) == store.state()
    assert read_state(path) == State("0b6c1f2e").after([record(1), record(2), record(3)])


LIMITED = """
import resource, sys
from pathlib import Path
from reconciler.errors import StateError
from tests.state.parts import intent, open_store, record
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
with open_store(Path(sys.argv[1]), rescue=print) as store:
    try:
        for number in range(1000):
            store.record(intent(number), )
            store.record(record(number))
    except StateError as error:
        print(error.message, file=sys.stderr)
        sys.exit(8)
"""


def test_a_limit_on_file_sizes_stops_the_run_and_loses_nothing(path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 8
    assert "can't be written: file too large" in ended.stderr
    found = read_state(path)
    assert found is not None
    assert len(found.instances) > 4
    rescued = ended.stdout.count("\n")
    assert len(found.instances) + rescued - len(found.pending) in (
        len(found.instances) + rescued,
        len(found.instances) + rescued - 1,
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 4096


# --- threads -------------------------------------------------------------------------------


def test_what_many_threads_record_is_complete_and_in_the_order_of_each(path: Path) -> None:
    def work(first: int) -> None:
        for number in range(first, first + 20):
            store.record(intent(number))
            store.record(record(number))

    with open_store(path) as store:
        with ThreadPoolExecutor(32) as pool:
            list(pool.map(work, range(0, 640, 20)))

        lines = path.with_name(JOURNAL).read_text().splitlines()[1:]
        assert len(lines) == 1280
        assert read_state(path) == store.state()
        assert len(store.state().instances) == 640
        assert not store.state().pending


class SlowDisk(PaperDisk):
    """Holds its first sync of the journal until it is told to go on."""

    def wait_for(self) -> None:
        self.reached, self.go_on = Flag(), Flag()

    def sync_data(self, fd: int) -> None:
        super().sync_data(fd)
        if not self.reached.is_set():
            self.reached.set()
            assert self.go_on.wait(10)


def test_those_who_come_during_a_sync_share_the_next(path: Path) -> None:
    disk = SlowDisk(path.parent)
    disk.wait_for()
    with open_store(path, disk=disk) as store:
        first = Thread(target=store.record, args=[record(0)])
        first.start()
        assert disk.reached.wait(10)
        others = [Thread(target=store.record, args=[record(n)]) for n in range(1, 32)]
        for thread in others:
            thread.start()
        while len(store._group._waiting) < 31:  # there is no other way to see them wait
            os.sched_yield()
        disk.go_on.set()
        for thread in [first, *others]:
            thread.join()

        assert disk.steps.count(f"sync_data {JOURNAL}") == 2
        assert len(store.state().instances) == 32


def test_a_reader_beside_the_writer_always_sees_a_whole_state(path: Path) -> None:
    seen: list[State] = []
    done = Flag()

    def read() -> Iterator[State]:
        while not done.is_set():
            found = read_state(path)
            if found is not None:
                yield found

    with open_store(path) as store:
        reader = Thread(target=lambda: seen.extend(read()))
        reader.start()
        for number in range(60):
            store.record(record(number))
            if number % 4 == 3:
                store.fold()
        done.set()
        reader.join()

    assert [len(state.instances) for state in seen] == [state.serial for state in seen]
    assert [state.serial for state in seen] == sorted(state.serial for state in seen)


# --- places and modes ----------------------------------------------------------------------


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

    assert spent.user - began.user < 1.5
