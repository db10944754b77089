"""Plays a history that the model printed on the real program: the same runs, deaths and answers.

The world and the clock are on paper; deciding, recording and reading it again is the program's own.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import copytree
from threading import Event
from typing import Any, Final

from reconciler.apply.ports import Options, PartnerApi
from reconciler.model import Account, Unknown
from reconciler.partner.methods import Method
from tests.exactly_once.runs import Ended, Site
from tests.exactly_once.world import REFUSED, Reply, World
from tests.values import desired

TICK: Final = 100.0  # seconds
SLACK: Final = 1.0  # what a run takes by itself is no tick
SETTLED: Final = 3  # ticks, as in the model
ENTRY: Final = desired("a")

Line = Sequence[str]
Verdict = tuple[
    str, int, int
]  # what is known of the name, which instance is recorded, how many were bought


@dataclass
class Rehearsed:
    """One run of the history: when it starts, what becomes of its request, where it dies."""

    starts: int
    made: int | None = None  # ticks until the instance is listed; None: none is made
    answer: str = "lost"
    gives_up: int = 0
    asks: int = 0
    dies: str | None = None
    ends: Verdict = ("nothing", 0, 0)

    @property
    def reply(self) -> Reply:
        if self.answer == "refused":
            return replace(REFUSED["no free instances"], seconds=0)
        lag = max(0, (self.made or 0) * TICK - SLACK)
        usual = Reply(made=self.made is not None, lag=lag, seconds=0)
        if self.answer == "answered":
            return usual
        waits = max(0, (self.gives_up - self.starts) * TICK)
        return replace(usual, outcome=Unknown("no answer"), seconds=waits)


@dataclass(frozen=True)
class ByHand:
    """Somebody makes an instance of the name, *at* a tick, and it is listed *lag* ticks later."""

    at: int
    lag: int


@dataclass
class Timed:
    """The partner, seen by a run of the history: what it asks after its create, it asks later."""

    api: PartnerApi
    world: World
    run: Rehearsed
    sent: bool = False

    @property
    def url(self) -> str:
        return self.api.url

    def send(self, method: Method[Any, Any], asked: Any) -> Any:
        self.sent = True
        return self.api.send(method, asked)

    def read(self, method: Method[Any, Any], asked: Any, **how: Any) -> Any:
        return self.api.read(method, asked, **how)

    def account(self, *, tries: int = 5, stopping: Event | None = None) -> Account:
        if self.sent:
            _wait_until(self.world, self.run.asks)
        return self.api.account(tries=tries, stopping=stopping)


@dataclass
class Theatre:
    """A folder, an account and a clock, in which one history is played."""

    folder: Path
    site: Site = field(init=False)

    def __post_init__(self) -> None:
        place = self.folder / "site"
        place.mkdir(parents=True)
        self.site = Site(place)

    def verdicts(self, history: Sequence[Rehearsed | ByHand]) -> list[Verdict]:
        """Play *history*; return what the program knows after each run."""
        played = []
        for event in history:
            match event:
                case ByHand(at, lag):
                    _wait_until(self.site.world, at)
                    row = self.site.world.by_hand(ENTRY.name)
                    row.listed_at = self.site.time.passed + max(0, lag * TICK - SLACK)
                case run:
                    _wait_until(self.site.world, run.starts)
                    _apply(self.site, run, kill_at=self._step_of_death(run))
                    played.append(self._verdict())
        return played

    def _step_of_death(self, run: Rehearsed) -> int | None:
        """Find out, on a copy of everything, which step the run dies before."""
        if run.dies is None:
            return None
        copy = self.folder / "copy"
        copytree(self.site.folder, copy, dirs_exist_ok=True)
        world = deepcopy(self.site.world)
        site = Site(copy, time=world.time)
        site.world = world
        steps = _apply(site, run).steps
        sent = steps.index(f"send {ENTRY.key}")
        match run.dies:
            case "before_intent":
                before = sent - 1
                while not steps[before].startswith("write"):
                    before -= 1
            case "after_intent":
                before = sent
            case "after_send":
                before = steps.index(f"receive {ENTRY.key}")
            case _ if run.answer == "lost":  # that the answer was given up is on disk
                before = steps.index("list", sent)
            case _:
                before = steps.index(f"receive {ENTRY.key}") + 1
        return before + 1

    def _verdict(self) -> Verdict:
        state, bought = self.site.state, self.site.world.bill.total()
        if (recorded := state.instances.get(ENTRY.key)) is not None:
            ids = [row.id_instance for row in self.site.world.rows]
            return "recorded", ids.index(recorded.id_instance) + 1, bought
        return ("pending" if ENTRY.key in state.pending else "nothing"), 0, bought


def verdicts(history: Sequence[Rehearsed | ByHand]) -> list[Verdict]:
    """Return what the model said after each run."""
    return [event.ends for event in history if isinstance(event, Rehearsed)]


def events(  # noqa: C901 - one case for each line that the model prints
    lines: Sequence[Line],
) -> Iterator[Rehearsed | ByHand]:
    """Read what the model printed."""
    run = Rehearsed(0)
    for line in lines:
        match line:
            case ["somebody", at, lag]:
                yield ByHand(int(at), int(lag))
            case ["starts", at]:
                run = Rehearsed(int(at))
            case ["made", lag]:
                run.made = int(lag)
            case ["not", "made"]:
                run.made = None
            case ["answered" | "refused" | "lost" as answer]:
                run.answer = answer
            case ["gives", "up", at]:
                run.gives_up = int(at)
            case ["asks", at]:
                run.asks = int(at)
            case ["dies", where]:
                run.dies = where
            case ["ends", stage, slot, bought]:
                run.ends = (stage, int(slot), int(bought))
                yield run


def _apply(site: Site, run: Rehearsed, *, kill_at: int | None = None) -> Ended:
    site.wrap_partner = lambda api: Timed(api, site.world, run)
    options = Options(concurrency=1, settle=0, settled_after=SETTLED * TICK - SLACK)
    return site.apply([ENTRY], options=options, replies=[run.reply], kill_at=kill_at)


def _wait_until(world: World, tick: int) -> None:
    world.time.passed = max(world.time.passed, tick * TICK)
