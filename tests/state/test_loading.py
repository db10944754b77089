from pathlib import Path

import pytest

from reconciler.errors import StateError
from reconciler.model import Word
from reconciler.state.encoding import Header, encode, encode_event, encode_header
from reconciler.state.model import Closed, Event, Listed, Record, State
from reconciler.state.store import read_state
from tests.state.parts import JOURNAL, NAME, intent, open_store, record, taken_over

AT = "2026-11-22T10:06:00Z"
BASE = State("0b6c1f2e").after([record(1), record(2)])


def lay(path: Path, state: State | None, header: Header | None, *events: Event) -> None:
    """Put a state and a journal on the disk."""
    if state is not None:
        path.write_text(encode(state))
        path.chmod(0o600)
    if header is not None:
        lines = [encode_event(n, AT, event) for n, event in enumerate(events, header.serial + 1)]
        path.with_name(JOURNAL).write_text("".join([encode_header(header), *lines]))


def test_the_journal_goes_on_where_the_file_ends(path: Path) -> None:
    lay(path, BASE, Header("0b6c1f2e", 2), intent(3), record(3))

    assert read_state(path) == BASE.after([intent(3), record(3)])


def test_lines_that_the_file_holds_already_are_passed_over(path: Path) -> None:
    lay(path, BASE, Header("0b6c1f2e", 0), record(1), record(2), record(3))

    assert read_state(path) == BASE.after([record(3)])


def test_a_journal_that_was_folded_and_not_removed_says_nothing_new(path: Path) -> None:
    lay(path, BASE, Header("0b6c1f2e", 0), record(1), record(2))

    with open_store(path) as store:
        assert store.state() == BASE

    assert [each.name for each in path.parent.iterdir()] == [NAME]


def test_a_journal_that_tells_the_whole_story_needs_no_file(path: Path) -> None:
    lay(path, None, Header("0b6c1f2e", 0), record(1), record(2))

    assert read_state(path) == BASE
    with open_store(path) as store:
        assert store.state() == BASE
    assert path.read_text() == encode(BASE)


def test_an_empty_journal_without_a_file_is_nothing(path: Path) -> None:
    path.with_name(JOURNAL).touch()

    assert read_state(path) is None


REFUSED: dict[str, tuple[State | None, Header, tuple[Event, ...], str]] = {
    "lost state": (
        None,
        Header("0b6c1f2e", 2),
        (record(3),),
        "instances.state.json: missing, though its journal instances.state.json.journal is here",
    ),
    "another lineage": (
        BASE,
        Header("ffff", 2),
        (record(3),),
        "instances.state.json.journal: belongs to another state than instances.state.json",
    ),
}


@pytest.mark.parametrize(("state", "header", "events", "message"), REFUSED.values(), ids=REFUSED)
def test_a_journal_that_does_not_go_on_where_the_file_ends_is_refused(
    path: Path, state: State | None, header: Header, events: tuple[Event, ...], message: str
) -> None:
    lay(path, state, header, *events)
    before = {each.name: each.read_bytes() for each in path.parent.iterdir()}

    with pytest.raises(StateError) as read:
        read_state(path)
    with pytest.raises(StateError) as opened:
        open_store(path)

    assert read.value.message == f"{path.parent}/{message}"
    assert opened.value.message == read.value.message
    assert opened.value.hint
    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == before


def test_what_only_the_journal_of_a_killed_run_knew_is_added_to_a_state_from_elsewhere(
    path: Path,
) -> None:
    header = Header("0b6c1f2e", 0)
    lay(path, BASE, header, Listed("r1", frozenset({7})), intent(4, "r1"), record(3))
    path.write_text(path.read_text().replace('"serial": 2', '"serial": 60'))
    warnings: list[str] = []

    with open_store(path, warn=warnings.append) as store:
        found = store.state()

    assert found.instances == {**BASE.instances, "key-3": record(3).recorded}
    assert found.pending == {"key-4": taken_over(intent(4, "r1").pending)}
    assert found.snapshots == {"r1": frozenset({7})}
    assert found.serial == 64
    assert read_state(path) == found
    assert len(warnings) == 1


def test_an_unresolved_create_that_is_added_names_only_a_snapshot_that_is_there(
    path: Path,
) -> None:
    lay(path, BASE, Header("0b6c1f2e", 1), intent(4, "r1"))
    warnings: list[str] = []

    with open_store(path, warn=warnings.append) as store:
        assert store.state().pending == {"key-4": taken_over(intent(4).pending)}

    assert read_state(path) == store.state()
    assert ["was replaced" in each for each in warnings] == [True]


def test_an_instance_that_the_state_has_under_another_key_is_not_added(path: Path) -> None:
    lay(path, BASE, Header("0b6c1f2e", 1), Record("renamed", record(1).recorded))

    with open_store(path) as store:
        assert store.state() == BASE


def test_what_a_fold_held_and_later_lines_changed_is_not_added_again(path: Path) -> None:
    closed = Closed("key-3", Word.NOT_CREATED)
    lay(path, BASE, Header("0b6c1f2e", 0), record(1), record(2), closed, record(4))

    with open_store(path) as store:
        assert store.state() == BASE.after([closed, record(4)])


def test_two_instances_for_one_key_are_for_a_person_to_decide(path: Path) -> None:
    lay(path, BASE, Header("0b6c1f2e", 1), Record("key-1", record(9).recorded))
    before = {each.name: each.read_bytes() for each in path.parent.iterdir()}

    with pytest.raises(StateError, match="it has another instance for key-1 than") as refused:
        open_store(path)

    assert refused.value.hint
    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == before


def test_a_state_older_than_its_journal_gains_what_the_journal_knows(path: Path) -> None:
    lay(path, BASE, Header("0b6c1f2e", 5), record(3), intent(4))

    with open_store(path, warn=lambda message: None) as store:
        found = store.state()

    assert found.instances == {**BASE.instances, "key-3": record(3).recorded}
    assert found.pending == {"key-4": taken_over(intent(4).pending)}
    assert read_state(path) == found


def test_a_journal_with_a_hole_is_refused_by_its_line(path: Path) -> None:
    lay(path, BASE, Header("0b6c1f2e", 2), record(3), record(4))
    journal = path.with_name(JOURNAL)
    journal.write_text(journal.read_text().replace('"event": "created"', '"event', 1))

    with pytest.raises(
        StateError, match=r"\.journal:2: not valid JSON: .*, and whole lines follow"
    ):
        open_store(path)


def test_what_can_not_be_read_is_told(path: Path) -> None:
    lay(path, BASE, None)
    path.with_name(JOURNAL).mkdir()

    with pytest.raises(StateError, match=r"\.journal: can't be read: is a directory"):
        read_state(path)


def test_what_is_not_utf_8_is_named_by_its_line(path: Path) -> None:
    path.write_bytes(b'{\n"lineage": "\xff"}\n')

    with pytest.raises(StateError, match=r"instances\.state\.json:2: not UTF-8"):
        read_state(path)
