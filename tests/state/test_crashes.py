"""The state is stopped before every single step, with every way to lose what was not synced."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import StateError
from reconciler.model import Sealed, Word
from reconciler.state.disk import Disk
from reconciler.state.model import (
    Addressed,
    Closed,
    Event,
    Intent,
    Listed,
    Record,
    State,
    TokenFound,
)
from reconciler.state.store import read_state
from tests.nightly import cases
from tests.state import strategies
from tests.state.paper_disk import LOSSES, Crash, PaperDisk
from tests.state.parts import JOURNAL, NAME, TEMP, as_left, intent, open_store, record, token_of

# A run, a fold in its middle, and the run after it. "fold" and "reopen" are no events.
Story = list[Event | str]
STORY: Story = [
    Addressed("https://api.green-api.com"),
    Listed("r1", frozenset({7, 8})),
    intent(1, "r1"),
    record(1),
    "fold",
    intent(2, "r1"),
    intent(3, "r1"),
    record(2),
    "reopen",
    Closed("key-3", Word.NOT_CREATED),
    Listed("r2", frozenset({7, 8, 9})),
    "fold",
    intent(4, "r2"),
    record(4),
    TokenFound("key-4", token_of(44)),
]


class Teller:
    """Tells a story to a store, and remembers what was confirmed and what was in flight."""

    def __init__(self, path: Path, story: Story) -> None:
        self.path, self.story = path, story
        self.confirmed: list[Event] = []
        self.in_flight: list[Event] = []

    def tell(self, disk: Disk) -> None:
        rest = iter(self.story)
        while self._session(rest, disk):
            pass

    def _session(self, rest: Iterator[Event | str], disk: Disk) -> bool:
        """Tell up to the next "reopen"; return whether there is more."""
        with open_store(self.path, disk=disk) as store:
            for step in rest:
                match step:
                    case "reopen":
                        return True
                    case "fold":
                        store.fold()
                    case str():
                        raise AssertionError(step)
                    case event:
                        self.in_flight = [event]
                        store.record(event)
                        self.confirmed.append(event)
                        self.in_flight = []
        return False

    def possible(self) -> list[State]:
        base = State("0b6c1f2e")
        return [base.after(self.confirmed), base.after(self.confirmed + self.in_flight)]


def plain(state: State) -> State:
    """Leave out what does not matter: a snapshot that no create names, and whether another run has
    taken it over."""
    return as_left(state.after(()))


def check(teller: Teller, disk: type[PaperDisk], loss: str) -> None:
    """What can be read is what was confirmed, with or without the step in flight; the next run
    finds the same, wherever it is stopped in its turn."""
    found = read_state(teller.path)
    if found is None:
        assert not teller.confirmed
        return
    found = plain(found)
    assert found in [plain(state) for state in teller.possible()]
    if not teller.path.with_name(JOURNAL).exists():
        return
    for fuse in range(1, 100):
        paper = disk(teller.path.parent, fuse=fuse)
        try:
            with open_store(teller.path, disk=paper) as store:
                assert plain(store.state()) == found
        except Crash:
            paper.lose_power(loss)
            assert plain(read_state(teller.path) or State("")) == found
        else:
            assert [path.name for path in teller.path.parent.iterdir()] == [NAME]
            return


def crashed(
    folder: Path, fuse: int, disk: type[PaperDisk], loss: str, story: Story = STORY
) -> Teller | None:
    """Tell the story until *fuse* burns; None when it was told to its end."""
    folder.mkdir()
    teller = Teller(folder / NAME, story)
    paper = disk(folder, fuse=fuse)
    try:
        teller.tell(paper)
    except Crash:
        paper.lose_power(loss)
        return teller
    return None


def sweep(folder: Path, disk: type[PaperDisk], loss: str) -> int:
    """Stop before every step; return how many there were."""
    folder.mkdir()
    for fuse in range(1, 500):
        teller = crashed(folder / str(fuse), fuse, disk, loss)
        if teller is None:
            return fuse - 1
        check(teller, disk, loss)
    raise RuntimeError("the story does not end")


BY_DAY = ("nothing, the process was killed", "all that was not synced")


@pytest.mark.parametrize("loss", cases({loss: loss for loss in LOSSES}, by_day=BY_DAY))
def test_a_stop_at_any_step_loses_nothing_that_was_confirmed(tmp_path: Path, loss: str) -> None:
    assert sweep(tmp_path / "sweep", PaperDisk, loss) > 50


def is_plain(event: Event) -> bool:
    """Whether a store takes *event* at any time: it seals nothing, and names no snapshot."""
    match event:
        case Intent(_, pending):
            return pending.snapshot is None
        case Record(_, recorded):
            return not isinstance(recorded.token, Sealed)
        case TokenFound(_, token):
            return not isinstance(token, Sealed)
    return True


steps = st.one_of(st.sampled_from(["fold", "reopen"]), strategies.events.filter(is_plain))


@settings(deadline=None)
@given(st.lists(steps, max_size=12), st.integers(1, 120), st.sampled_from(sorted(LOSSES)))
def test_any_story_that_stops_anywhere_loses_nothing_that_was_confirmed(
    story: Story, fuse: int, loss: str
) -> None:
    with TemporaryDirectory() as folder:
        teller = crashed(Path(folder) / "any", fuse, PaperDisk, loss, story)
        if teller is not None:
            check(teller, PaperDisk, loss)
        else:
            read = read_state(Path(folder) / "any" / NAME) or State("0b6c1f2e")
            told = [event for event in story if not isinstance(event, str)]
            assert plain(read) == plain(State("0b6c1f2e").after(told))


class SyncsNoLine(PaperDisk):
    def sync_data(self, fd: int) -> None:
        self._step("no sync_data")


class SyncsNoFile(PaperDisk):
    def sync(self, fd: int) -> None:
        self._step("no sync")


class SyncsNoFolder(PaperDisk):
    def sync_folder(self, path: Path) -> None:
        self._step("no sync_folder")


class DropsTheJournalFirst(PaperDisk):
    def create(self, path: Path) -> int:
        if path.name == TEMP and (journal := path.with_name(JOURNAL)).exists():
            self.unlink(journal)
        return super().create(path)


class SyncsAfterTheRename(PaperDisk):
    def sync(self, fd: int) -> None:
        self.late = self._open[fd][1]

    def replace(self, source: Path, target: Path) -> None:
        super().replace(source, target)
        self._durable_names = dict(self._names)
        self._step("late sync")
        self.late.durable = self.late.current


class WritesInPlace(PaperDisk):
    """What a rename saves us from: the file is emptied, then filled."""

    def replace(self, source: Path, target: Path) -> None:
        data = source.read_bytes()
        target.unlink(missing_ok=True)
        fd = super().create(target)
        self.write(fd, memoryview(data))
        self.sync(fd)
        self.close(fd)
        self.unlink(source)


MUTANTS: list[tuple[type[PaperDisk], str]] = [
    (SyncsNoLine, "contents, not names"),
    (SyncsNoFile, "contents, not names"),
    (SyncsNoFolder, "all that was not synced"),
    (DropsTheJournalFirst, "nothing, the process was killed"),
    (SyncsAfterTheRename, "half of each content"),
    (WritesInPlace, "nothing, the process was killed"),
]


@pytest.mark.parametrize(("mutant", "loss"), MUTANTS)
def test_the_sweep_catches_a_disk_that(tmp_path: Path, mutant: type[PaperDisk], loss: str) -> None:
    with pytest.raises((AssertionError, StateError)):
        sweep(tmp_path / "sweep", mutant, loss)


WRITER = """
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from tests.state.parts import intent, open_store, record
with open_store(Path(sys.argv[1])) as store:
    for number in range(10_000):
        store.record(intent(number))
        store.record(record(number))
        print(f"key-{number}", flush=True)
        if number % 10 == 9:
            store.fold()
"""


@pytest.mark.parametrize("answers", [1, 9, 10, 37])
def test_a_killed_process_loses_nothing_that_it_confirmed(path: Path, answers: int) -> None:
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        confirmed = [writer.stdout.readline().strip() for _ in range(answers)]
        writer.kill()
        confirmed += writer.stdout.read().split("\n")[:-1]

    with open_store(path) as store:
        assert set(store.state().instances) >= set(confirmed)
        assert len(store.state().instances) <= len(confirmed) + 1
        assert len(store.state().pending) <= 1
