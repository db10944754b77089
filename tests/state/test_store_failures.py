import errno
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.errors import StateError
from reconciler.model import Word
from reconciler.state.codec import decode
from reconciler.state.model import Closed, Event, ExposureEnded, Listed, State, TokenFound
from reconciler.state.store import read_state
from tests.state.paper_disk import BROKEN, FULL, PaperDisk, failing
from tests.state.parts import (
    JOURNAL,
    LOCK,
    NAME,
    TAKEN_OVER,
    TEMP,
    intent,
    names,
    open_store,
    record,
    recorded,
    token_of,
)

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


def test_whoever_comes_after_a_failure_is_told_of_that_and_not_of_what_it_took_along(
    path: Path,
) -> None:
    disk = PaperDisk(path.parent)
    disk.refuse = failing(*REFUSALS["full"], times=1)

    with open_store(path, disk=disk) as store:
        store.note(Listed("run", frozenset({7})))
        with pytest.raises(StateError, match="no space left on device"):
            store.record(intent(1, "run"))
        with pytest.raises(StateError, match="no space left on device"):
            store.record(intent(2, "run"))


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


@pytest.mark.parametrize(
    "outcome",
    [Closed("key-1", Word.NOT_SENT), ExposureEnded("key-1", TAKEN_OVER, "no answer")],
    ids=["not sent", "given up"],
)
def test_what_became_of_a_create_is_known_to_the_next_run_though_the_journal_was_full(
    path: Path, outcome: Event
) -> None:
    disk = PaperDisk(path.parent)
    with open_store(path, disk=disk) as store:
        store.record(intent(1), intent(2))
        disk.refuse = failing(FULL, f"write {JOURNAL}")
        store.record(record(2))
        assert names(path) == [NAME, LOCK]

        store.record(outcome)

        with pytest.raises(StateError):
            store.record(intent(3))
    found = read_state(path)
    assert found is not None
    assert found.pending == State("0b6c1f2e").after([intent(1), outcome]).pending


def test_after_a_failed_sync_an_answer_goes_into_a_new_file(path: Path) -> None:
    disk = PaperDisk(path.parent)
    with open_store(path, disk=disk) as store:
        store.record(intent(1))
        disk.refuse = failing(BROKEN, f"sync_data {JOURNAL}", times=1)

        store.record(record(1))

        assert disk.steps.count(f"sync_data {JOURNAL}") == 2
        assert decode(path.read_text(), source="s").instances == {"key-1": recorded(1)}


def test_lines_of_a_failed_journal_that_turn_up_again_are_at_worst_unresolved(path: Path) -> None:
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

        found = read_state(path)

    assert found is not None
    assert found.instances == state.instances
    assert set(found.pending) == {"key-1", "key-2", "key-3"}


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
            store.record(intent(number))
            store.record(record(number))
            print(f"key-{number}")
    except StateError as error:
        sys.exit(error.message)
"""


def test_a_limit_on_file_sizes_stops_the_run_and_loses_nothing(path: Path) -> None:
    ended = subprocess.run(
        # -B: bytecode that the limit cuts would break later runs
        [sys.executable, "-B", "-c", LIMITED, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "can't be written: file too large" in ended.stderr
    confirmed = ended.stdout.split()
    found = read_state(path)
    assert found is not None
    assert len(confirmed) > 2
    assert list(found.instances)[: len(confirmed)] == confirmed
