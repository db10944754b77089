from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.errors import StateError
from reconciler.model import Moment, Pending, Word
from reconciler.state.codec import decode
from reconciler.state.encoding import encode
from reconciler.state.model import (
    Addressed,
    Closed,
    ExposureEnded,
    Intent,
    Listed,
    State,
    TokenFound,
)
from reconciler.state.store import read_state
from tests.state.paper_disk import FULL, PaperDisk, failing
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


def test_a_run_that_records_nothing_writes_nothing(path: Path) -> None:
    disk = PaperDisk(path.parent)

    with open_store(path, disk=disk) as store:
        assert store.state() == State("0b6c1f2e")
        assert store.lineage == "0b6c1f2e"
        assert not store.took_over

    assert names(path) == []
    assert disk.steps == [f"unlink {TEMP}"]


def test_a_run_that_records_nothing_leaves_the_state_alone(path: Path) -> None:
    with open_store(path) as store:
        store.record(intent(1), record(2))
    before = path.stat()

    with open_store(path) as store:
        assert store.state().pending

    after = path.stat()
    assert (after.st_ino, after.st_ctime_ns) == (before.st_ino, before.st_ctime_ns)
    assert names(path) == [NAME]


def test_what_is_noted_is_durable_with_what_is_recorded_next_by_one_sync(path: Path) -> None:
    disk = PaperDisk(path.parent)

    with open_store(path, disk=disk) as store:
        store.note(Listed("run", frozenset({7})))
        before = list(disk.steps)
        store.record(intent(1, "run"))
        journal = (path.parent / JOURNAL).read_text().splitlines()

    assert before == [f"unlink {TEMP}"]
    assert [line.count("key-1") for line in journal[1:]] == [0, 1]  # the listing came first
    assert disk.steps.count(f"sync_data {JOURNAL}") == 1


def test_what_nothing_is_recorded_after_is_kept_at_the_end(path: Path) -> None:
    with open_store(path) as store:
        store.note(Addressed("https://api.example.com"))

    with open_store(path) as store:
        assert store.state().api_url == "https://api.example.com"


def test_what_is_noted_and_can_not_be_written_stops_what_comes_next(path: Path) -> None:
    disk = PaperDisk(path.parent, refuse=failing(FULL, f"write {JOURNAL}"))

    with open_store(path, disk=disk, warn=lambda message: None) as store:
        store.note(Addressed("https://api.example.com"))
        with pytest.raises(StateError, match="can't be written"):
            store.record(intent(1))


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
    journal = [f"create {JOURNAL}", "sync_folder"]
    line = [f"write {JOURNAL}", f"sync_data {JOURNAL}"]

    with open_store(path, disk=disk) as store:
        store.record(intent(1))
        store.record(record(1))
        store.fold()
        store.record(intent(2))

    assert disk.steps == [
        f"unlink {TEMP}",
        *fold[:-1],
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
        store.record(Closed("key-1", Word.NOT_SENT))

    assert "snapshots" not in path.read_text()


def test_a_create_that_names_an_unknown_snapshot_is_a_mistake_and_hurts_nobody(path: Path) -> None:
    with open_store(path) as store:
        with pytest.raises(ValueError, match="snapshot"):
            store.record(intent(1, "r9"))
        store.record(intent(2))

        assert list(store.state().pending) == ["key-2"]


def test_a_snapshot_that_went_down_with_a_mistake_is_unknown_to_the_next(path: Path) -> None:
    with open_store(path) as store:
        store.note(Listed("r1", frozenset({7})), intent(1, "r9"))

        with pytest.raises(ValueError, match="snapshot"):
            store.record(intent(2, "r1"))

        assert store.state().pending == {}
    assert read_state(path) == State("0b6c1f2e")


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
    disk = PaperDisk(path.parent)

    with open_store(path, disk=disk) as store:
        assert names(path) == [NAME, LOCK]
        assert store.state().instances == {"key-1": recorded(1)}
        assert store.took_over

    assert disk.steps.count(f"replace {TEMP} {NAME}") == 1
    assert decode(path.read_text(), source="s") == store.state()


def test_only_what_the_journal_announced_is_over_with_its_run(path: Path) -> None:
    elsewhere = State("0b6c1f2e").after([intent(1)])  # by another machine, which may be at work
    path.write_text(encode(elsewhere))
    ended = Moment("2026-11-22T10:00:00Z")
    with open_store(path) as store:
        store.record(intent(2), intent(3), ExposureEnded("key-3", ended))
        journal = path.with_name(JOURNAL).read_bytes()
    path.write_text(encode(elsewhere))
    path.with_name(JOURNAL).write_bytes(journal)

    with open_store(path) as store:
        pending = store.state().pending

    assert {key: each.exposed_until for key, each in pending.items()} == {
        "key-1": None,
        "key-2": TAKEN_OVER,
        "key-3": ended,
    }


@pytest.mark.parametrize("serial", [0, 2], ids=["as far as the journal's own", "further"])
def test_a_journal_is_carried_out_only_upon_the_text_that_it_continues(
    path: Path, serial: int
) -> None:
    with open_store(path) as store:
        store.record(record(1))
        journal = path.with_name(JOURNAL).read_bytes()
    newer = store.state().after([TokenFound("key-1", token_of(77))])
    path.write_text(encode(replace(newer, serial=serial)))
    path.with_name(JOURNAL).write_bytes(journal)

    found = read_state(path)

    assert found is not None
    assert found.instances["key-1"].token == token_of(77)


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
