"""A run that stops before any of its steps, on the disk or on the wire, costs nothing twice."""

import errno
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.apply.checkpoint import Phase
from reconciler.errors import StateError
from reconciler.model import Desired
from reconciler.state.model import Event
from reconciler.state.store import Store
from tests.exactly_once.mutants import MUTANTS, Around
from tests.exactly_once.runs import (
    KILLED,
    Ended,
    Site,
    assert_never_billed_twice,
    assert_no_token_is_lost,
    assert_record_is_bill,
)
from tests.exactly_once.schedules import DiskFailure
from tests.exactly_once.world import ANSWERED, LOST, REFUSED, USUAL, Reply
from tests.nightly import STRIDE, cases
from tests.state.paper_disk import LOSSES
from tests.values import desired

A_DAY: Final = 86_400.0
LATE: Final = replace(LOST["closed, made"], lag=300)  # listed when this run has long ended
MIXED: Final = (
    USUAL,
    LOST["closed, made"],
    REFUSED["429"],
    ANSWERED["without token"],
    LOST["502, not made"],
    REFUSED["refused connection"],
    USUAL,
    REFUSED["400"],
    LATE,
)
ENTRIES: Final = tuple(desired(key) for key in ("a", "b", "c", "d", "e", "f", "g"))


DURABLE: Final = ("write state.json.journal", "sync_data state.json.journal")


@dataclass(frozen=True)
class Scenario:
    """*before* happened without trouble; then the run with *replies* is stopped.

    *folding*: it folds its journal into the state file after every record, as a long run does
    now and then. *failing* is a disk that says no before the run is stopped.
    """

    replies: Sequence[Reply] = ()
    before: Callable[[Site], None] = lambda site: None
    entries: Sequence[Desired] = ENTRIES
    folding: bool = False
    failing: DiskFailure | None = None


def _left_open(site: Site) -> None:
    """One run that ended with unknowns: found by now, late, and never made."""
    replies = (replace(LATE, lag=40), LATE, LOST["500, not made"], USUAL)
    site.world.by_hand("another")
    assert site.apply(ENTRIES[:4], replies=replies).code == 6
    site.time.passed += 100


SCENARIOS: Final = {
    "a first run": Scenario(replies=MIXED),
    "a run after one that left creates open": Scenario(replies=MIXED, before=_left_open),
    "a run in which all goes well": Scenario(entries=ENTRIES[:3]),
    "a run whose fifth sync fails": Scenario(failing=DiskFailure("sync_data", 5, 1, errno.EIO)),
    "a run whose disk fills up": Scenario(failing=DiskFailure("write", 6, 1000, errno.ENOSPC)),
    "a run that folds after each record": Scenario(MIXED[:3], entries=ENTRIES[:3], folding=True),
}


def test_each_create_is_durably_announced_and_durably_recorded_before_the_next(
    tmp_path: Path,
) -> None:
    steps = Site(tmp_path).apply(ENTRIES[:2]).steps

    begin = steps.index("write state.json.journal")
    assert steps[begin:-7] == (
        *(*DURABLE, "send a", "receive a", *DURABLE),
        *(*DURABLE, "send b", "receive b", *DURABLE),
    )


# By day each scenario and each loss once; a process that is killed, and a disk that loses all that
# was not synced, are what happens most.
PAIRS: Final = {
    f"{loss}-{name}": (scenario, loss) for loss in LOSSES for name, scenario in SCENARIOS.items()
}
BY_DAY: Final = (
    "nothing, the process was killed-a first run",
    "all that was not synced-a first run",
    "half of each content-a run after one that left creates open",
    "names, not contents-a run in which all goes well",
    "contents, turned into zeros-a run whose fifth sync fails",
    "contents, not names-a run whose disk fills up",
    "all that was not synced-a run that folds after each record",
)


@pytest.mark.parametrize(("scenario", "loss"), cases(PAIRS, by_day=BY_DAY))
def test_a_crash_before_any_step_costs_nothing_twice(
    tmp_path: Path, scenario: Scenario, loss: str
) -> None:
    stops = sum(1 for _ in sweep(tmp_path, scenario, loss, stride=STRIDE))

    assert stops > 20 / STRIDE


@pytest.mark.parametrize(("mutant", "loss"), MUTANTS.values(), ids=MUTANTS)
def test_the_sweep_catches(tmp_path: Path, mutant: dict[str, Any], loss: str) -> None:
    assert _is_caught(partial(sweep, tmp_path, SCENARIOS["a first run"], loss, **mutant))


class Away:
    """A checkpoint that keeps the state file elsewhere, and never its journal."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._kept: bytes | None = None

    def __call__(self, phase: Phase, announced: int) -> None:
        self._kept = self._site.path.read_bytes()

    def restore(self) -> None:
        """Let the disk die, and begin on another one with what was kept."""
        for path in self._site.folder.iterdir():
            path.unlink()
        if self._kept is not None:
            self._site.path.write_bytes(self._kept)


class Nowhere(Away):
    """A checkpoint that says that it has kept the state, and has not."""

    def __call__(self, phase: Phase, announced: int) -> None:
        pass


def machines_that_die(folder: Path, checkpoint: type[Away], *, stride: int = 1) -> Iterator[str]:
    """Stop a run at each step in its turn, or each *stride*th, and go on without its disk."""
    ended, stop = Ended(KILLED), 0
    while ended.code == KILLED:
        stop += stride
        site = Site(folder / f"{stop}")
        site.folder.mkdir(parents=True)
        away = checkpoint(site)
        site.checkpoint = away
        ended = site.apply(ENTRIES, replies=MIXED, kill_at=stop)
        away.restore()
        assert_never_billed_twice(site)
        _finish(site, ENTRIES)
        yield " ".join(ended.steps[-1:])


def test_a_machine_that_dies_with_its_disk_costs_nothing_twice_where_checkpoints_are_taken(
    tmp_path: Path,
) -> None:
    assert sum(1 for _ in machines_that_die(tmp_path, Away, stride=STRIDE)) > 20 / STRIDE


def test_the_sweep_catches_a_checkpoint_that_keeps_nothing(tmp_path: Path) -> None:
    assert _is_caught(partial(machines_that_die, tmp_path, Nowhere))


class Folding(Around):
    """A store that folds after each record."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._fold = store.fold

    def record(self, *events: Event) -> None:
        super().record(*events)
        self._fold()


def sweep(
    folder: Path, scenario: Scenario, loss: str, *, stride: int = 1, **parts: Any
) -> Iterator[str]:
    """Stop a run at its first step, the next one *stride* further, … until one gets to its end."""
    ended, stop = Ended(KILLED), 0
    while ended.code == KILLED:
        stop += stride
        site = Site(folder / f"{stop}", **parts)
        site.folder.mkdir(parents=True)
        scenario.before(site)
        if scenario.folding:
            site.wrap_store = Folding
        ended = site.apply(
            scenario.entries,
            replies=scenario.replies,
            kill_at=stop,
            loss=loss,
            refuse=scenario.failing.refuse() if scenario.failing else lambda step: None,
        )
        assert_never_billed_twice(site)
        assert_no_token_is_lost(site, ended)
        _finish(site, scenario.entries)
        yield " ".join(ended.steps[-1:])


def _finish(site: Site, entries: Sequence[Desired]) -> None:
    """Run again at once, and after a day; from then on there is nothing to do."""
    at_once = site.apply(entries)
    assert at_once.code in (0, 6)
    assert_never_billed_twice(site)
    site.time.passed += A_DAY
    assert site.apply(entries).code == 0
    posts = site.world.posts.total()
    assert site.apply(entries).code == 0
    assert site.world.posts.total() == posts
    assert_record_is_bill(site, entries)


def _is_caught(one: Callable[[], Iterator[str]]) -> bool:
    try:
        return not list(one())
    except (AssertionError, StateError):  # a state that can't be read any more is caught, too
        return True
