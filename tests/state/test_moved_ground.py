"""The ground moves under a run: nothing more is announced, nothing overwritten, nothing lost."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from reconciler.errors import StateError
from reconciler.state.codec import decode
from reconciler.state.encoding import encode
from reconciler.state.model import State
from reconciler.state.store import Store, read_state
from tests.state.parts import (
    JOURNAL,
    LOCK,
    NAME,
    intent,
    names,
    open_store,
    record,
    recorded,
)


@pytest.fixture
def begun(path: Path) -> Store:
    """A run at work on a state of one instance; one create is in flight."""
    with open_store(path) as store:
        store.record(record(1))
    store = open_store(path)
    store.record(intent(2))
    return store


def remove_lock(path: Path) -> None:
    path.with_name(LOCK).unlink()


def replace_lock(path: Path) -> None:
    remove_lock(path)
    path.with_name(LOCK).touch()


def remove_journal(path: Path) -> None:
    path.with_name(JOURNAL).unlink()


def remove_state(path: Path) -> None:
    path.unlink()


def pull(path: Path) -> None:
    """Put another machine's state in place, as git does: a new file."""
    other = decode(path.read_text(), source="s").after([record(7)])
    path.unlink()
    path.write_text(encode(other))


MOVES: dict[str, Callable[[Path], None]] = {
    "the lock is removed": remove_lock,
    "the lock is another run's": replace_lock,
    "the journal is removed": remove_journal,
    "the state is removed": remove_state,
    "the state is another one": pull,
}


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_nothing_more_is_announced(begun: Store, path: Path, move: Callable[[Path], None]) -> None:
    move(path)
    before = path.read_bytes() if path.exists() else None

    for number in (3, 4):
        with pytest.raises(StateError, match="removed or replaced while this run") as moved:
            begun.record(intent(number))

    assert "reconciler state fold" in (moved.value.hint or "")
    assert (path.read_bytes() if path.exists() else None) == before
    begun.close()  # what became of it was told


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_the_end_says_so_and_overwrites_nothing(
    begun: Store, path: Path, move: Callable[[Path], None]
) -> None:
    move(path)
    before = path.read_bytes() if path.exists() else None

    with pytest.raises(StateError, match="removed or replaced while this run"):
        begun.close()

    assert (path.read_bytes() if path.exists() else None) == before
    assert path.with_name(JOURNAL).exists()


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_rewrite_says_so_and_overwrites_nothing(
    begun: Store, path: Path, move: Callable[[Path], None]
) -> None:
    move(path)
    before = path.read_bytes() if path.exists() else None

    with pytest.raises(StateError, match="removed or replaced while this run"):
        begun.rewrite(lambda state: state.after([record(8)]))

    assert (path.read_bytes() if path.exists() else None) == before
    with suppress(StateError):
        begun.close()


@pytest.mark.parametrize(
    "move",
    [pytest.param(move, id=name) for name, move in MOVES.items() if move is not remove_state],
)
def test_an_answer_is_kept_and_the_next_run_has_it(
    begun: Store, path: Path, move: Callable[[Path], None]
) -> None:
    move(path)

    begun.record(record(2))
    with suppress(StateError):
        begun.close()
    path.with_name(LOCK).unlink(missing_ok=True)

    with open_store(path, warn=lambda message: None) as after:
        assert after.state().instances["key-1"] == recorded(1)
        assert after.state().instances["key-2"] == recorded(2)
        assert after.state().pending == {}


def test_an_announcement_is_still_open_in_the_next_run(begun: Store, path: Path) -> None:
    pull(path)
    with pytest.raises(StateError):
        begun.close()

    with open_store(path, warn=lambda message: None) as after:
        assert after.state().instances.keys() == {"key-1", "key-7"}
        assert after.state().pending.keys() == {"key-2"}


@contextmanager
def taken_from_under(path: Path, rescued: list[str]) -> Iterator[tuple[Store, Store]]:
    """A run whose lock and journal were cleaned away, and another that has begun meanwhile."""
    first = open_store(path, rescue=rescued.append)
    first.record(record(1))
    remove_lock(path)
    remove_journal(path)
    with open_store(path) as second:
        second.record(record(2))
        second.fold()
        second.record(intent(3))
        yield first, second


def test_a_journal_of_another_run_is_not_overwritten(path: Path) -> None:
    rescued: list[str] = []
    with taken_from_under(path, rescued) as (first, second):
        with pytest.raises(StateError, match="removed or replaced"):
            first.record(intent(4))
        with pytest.raises(StateError, match="removed or replaced"):
            first.record(record(4))
        first.close()

        assert second.state() == read_state(path)
    assert [line.split('"key": ')[1][:7] for line in rescued] == ['"key-1"', '"key-4"']


def test_a_run_that_ends_without_its_journal_rescues_what_that_held(path: Path) -> None:
    rescued: list[str] = []
    with taken_from_under(path, rescued) as (first, second):
        with pytest.raises(StateError, match="removed or replaced"):
            first.close()

        assert second.state() == read_state(path)
    assert [line.split('"key": ')[1][:7] for line in rescued] == ['"key-1"']


def test_a_run_that_loses_the_state_while_it_begins_overwrites_nothing(path: Path) -> None:
    with open_store(path) as store:
        store.record(record(1))
        left = {each: each.read_bytes() for each in (path, path.with_name(JOURNAL))}
    for each, data in left.items():
        each.write_bytes(data)
    path.chmod(0o644)  # of which it warns, once it has read both

    with pytest.raises(StateError, match="removed or replaced while this run"):
        open_store(path, warn=lambda message: remove_lock(path))

    assert {each: each.read_bytes() for each in left} == left


def test_the_second_of_two_runs_notices_that_the_first_wrote_the_state(path: Path) -> None:
    first = open_store(path)
    first.record(record(1))
    remove_lock(path)
    remove_journal(path)
    with open_store(path, warn=lambda message: None) as second:
        with pytest.raises(StateError, match="removed or replaced"):
            first.close()

        with pytest.raises(StateError, match="removed or replaced"):
            second.record(intent(2))

    assert read_state(path) == State("0b6c1f2e").after([record(1)])


def test_a_state_rewritten_with_equal_content_is_no_change(begun: Store, path: Path) -> None:
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
    path.chmod(0o644)
    os.utime(path, (1, 1))

    begun.record(intent(3))
    begun.close()

    found = read_state(path)
    assert found is not None
    assert found.pending.keys() == {"key-2", "key-3"}


def test_a_hard_linked_state_is_refused_before_anything_is_done(path: Path) -> None:
    with open_store(path) as store:
        store.record(record(1))
    (path.parent / "copy").hardlink_to(path)

    with pytest.raises(StateError, match="has a second name") as refused:
        open_store(path)

    assert refused.value.hint
    assert names(path) == ["copy", NAME]
    assert read_state(path) == store.state()


OPENER = """
import sys
from pathlib import Path
from reconciler.errors import StateError
from tests.state.parts import open_store
try:
    open_store(Path(sys.argv[1]))
except StateError as error:
    print(error.message)
"""


def test_a_state_that_is_a_mount_point_is_refused_before_anything_is_done(path: Path) -> None:
    with open_store(path) as store:
        store.record(record(1))
    inner = path.with_name("in a container.json")
    inner.touch()
    mount = f'mount --bind "{path}" "{inner}" && exec "$@"'
    command = ["unshare", "-m", "sh", "-c", mount, "sh", sys.executable, "-c", OPENER, str(inner)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("needs unshare")
    if done.returncode:
        pytest.skip("needs the right to mount")

    assert done.stdout.startswith(f"{inner}: is mounted by itself")
    assert names(path) == ["in a container.json", NAME]
