"""Updates that are killed at any step, or whose answers are lost, end as wanted and restart nothing
twice."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from reconciler.apply.ports import Options
from reconciler.apply.update import Target, Updater
from reconciler.model import Outcome
from reconciler.state.changes import UpdateAnnounced
from reconciler.state.model import Event
from tests.apply.fleet import Fleet
from tests.apply.parts import MemoryStore
from tests.apply.test_update import NEW, Yard
from tests.exactly_once.world import SimulatedStop
from tests.nightly import NIGHTLY, STRIDE


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Steps:
    """Counts what a run does on the disk and on the wire, and kills it before number *at*."""

    at: int | None = None
    taken: int = 0

    def step(self) -> None:
        self.taken += 1
        if self.at is not None and self.taken >= self.at:
            raise Killed


class SteppedStore(MemoryStore):
    """A state in memory that outlives its runs. *forgets* are events that it never keeps."""

    steps: Steps = Steps()
    forgets: tuple[type[Event], ...] = ()

    def record(self, *events: Event) -> None:
        self.steps.step()
        super().record(*(event for event in events if not isinstance(event, self.forgets)))


@dataclass
class SteppedFleet(Fleet):
    steps: Steps = field(default_factory=Steps)

    def send(self, method: Any, asked: Any) -> Any:
        self.steps.step()
        told = super().send(method, asked)
        self.steps.step()
        return told

    def read(self, method: Any, asked: Any, **how: Any) -> Any:
        self.steps.step()
        return super().read(method, asked, **how)


class Site(Yard):
    """Instances, a state and a clock: what outlives a run."""

    def __post_init__(self) -> None:
        super().__post_init__()
        machines, events = self.fleet.machines, self.store.state()
        self.fleet = SteppedFleet(self.time, machines)
        self.store = SteppedStore(events)

    def run_until(self, at: int | None) -> int:
        """Run, and die before step number *at*; return how many steps were taken."""
        steps = Steps(at)
        assert isinstance(self.fleet, SteppedFleet)
        assert isinstance(self.store, SteppedStore)
        self.fleet.steps = self.store.steps = steps
        self.stop = SimulatedStop(self.time)
        with suppress(Killed):
            self.run()
        return steps.taken

    def go_on(self) -> None:
        """Run again, minutes apart, until nothing is to be done any more."""
        for _ in range(8):
            self.run_until(None)
            self.time.passed += 700
        assert self.updates() == ()

    def assert_as_wanted(self) -> None:
        for name in self.names:
            assert self.machine(name).settings == NEW, name
            assert self.machine(name).restarts == 1, name
            assert self.store.state().instances[name].parameters == NEW, name


SETS = {
    "usual": ["usual"],
    "answer lost": ["lost"],
    "shown a minute later": ["late"],
    "lost, and not done": ["gone"],
}


def site(first: list[str]) -> Site:
    made = Site("abc")
    for name in made.names:
        made.machine(name).sets = list(first)
    return made


def sweep(
    first: list[str],
    forgets: tuple[type[Event], ...] = (),
    updater: type[Updater] = Updater,
    *,
    stride: int = 1,
) -> int:
    """Kill a run before each of its steps, or each *stride*th, go on, and hold what must hold;
    return their number."""
    steps = site(first).run_until(None)
    for at in range(1, steps + 1, stride):
        killed = site(first)
        assert isinstance(killed.store, SteppedStore)
        killed.store.forgets, killed.updater = forgets, updater
        killed.run_until(at)
        killed.go_on()
        killed.assert_as_wanted()
    return steps


@pytest.mark.parametrize("first", SETS.values(), ids=SETS)
def test_a_kill_before_any_step_restarts_nothing_twice(first: list[str]) -> None:
    assert sweep(first, stride=STRIDE) > 8


def _caught(run: Callable[[], object]) -> bool:
    try:
        run()
    except AssertionError:
        return True
    return False


def test_the_sweep_catches_a_run_that_announces_nothing() -> None:
    assert _caught(lambda: sweep(["late"], (UpdateAnnounced,)))


class Believing(Updater):
    """Takes what is sent for done, and does not look."""

    def _watch(self, targets: Sequence[Target], **patience: float) -> dict[str, Outcome]:
        return {each.key: self._confirmed(each) for each in targets}


def test_the_sweep_catches_a_run_that_believes_the_answer() -> None:
    assert _caught(lambda: sweep(["gone"], updater=Believing))


@NIGHTLY
@pytest.mark.parametrize("seed", range(5))
def test_two_hundred_updates_with_one_answer_in_five_lost_all_end_as_wanted(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - no secret is made of it
    names = [chr(0x4E00 + number) for number in range(200)]
    many = Site("".join(names), options=Options(concurrency=8, rate=0, batch=50, canary=1))
    for name in many.names[1:]:
        lost = chance.choice(["lost", "lost", "gone", "late", "dropped"])
        many.machine(name).sets = [lost if chance.random() < 0.2 else "usual"]
        many.machine(name).state = chance.choice(["authorized", "notAuthorized"])

    many.go_on()

    many.assert_as_wanted()
