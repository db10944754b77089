"""Small stand-ins for what a run is given: an API that answers by script, a state in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event as Flag
from threading import Lock
from typing import Any, Final

from reconciler.apply.ports import Clock, Options
from reconciler.apply.prepared import Prepared
from reconciler.apply.run import Run
from reconciler.apply.stop import Stop
from reconciler.errors import ReconcilerError, StateError
from reconciler.evidence.settings import Told
from reconciler.model import Account, Attempt, Created, Desired
from reconciler.partner.instances import Done, SettingsTold, StateTold
from reconciler.partner.methods import (
    DELETE_INSTANCE_ACCOUNT,
    GET_SETTINGS,
    GET_STATE_INSTANCE,
    SET_SETTINGS,
)
from reconciler.results import Report
from reconciler.secrets import Secret
from reconciler.state.model import Event, State
from tests.exactly_once.world import Sends, SimulatedStop, Time
from tests.values import account

URL: Final = "https://api.example.com"


def created(id_instance: int, *, token: bool = True) -> Created:
    """An answer with an instance in it."""
    return Created(id_instance, Secret(f"{id_instance:050x}") if token else None, "whatsapp")


@dataclass
class ScriptedPartner(Sends):
    """Answers each create by its name's script, and each look with the next of *accounts*.

    The last of each is given again and again. What was asked for is in *sent* and *looks*. *tells*
    are the settings of instances that tell theirs, by their ids; *asked* is who was asked.
    """

    answers: Mapping[str, Sequence[Attempt]] = field(default_factory=dict)
    accounts: Sequence[Account | ReconcilerError] = (account(),)
    url: str = URL
    sent: list[str] = field(default_factory=list)
    looks: int = 0
    tells: dict[int, Told] = field(default_factory=dict)
    deleted: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def create(self, desired: Desired) -> Attempt:
        with self.lock:
            script = self.answers.get(desired.name, (created(1000 + len(self.sent)),))
            answer = script[min(self.sent.count(desired.name), len(script) - 1)]
            self.sent.append(desired.name)
        return answer

    def order(self, method: Any, asked: Any) -> Any:
        if method is DELETE_INSTANCE_ACCOUNT:
            self.deleted.append(asked)
            return Done()
        assert method is SET_SETTINGS
        number = asked.instance.id_instance
        self.tells[number] = {**self.tells[number], **asked.body}
        return Done()

    def read(self, method: Any, asked: Any, **how: Any) -> Any:
        number = asked.instance.id_instance
        if number not in self.tells:
            return super().read(method, asked, **how)
        if method is GET_STATE_INSTANCE:
            return StateTold("notAuthorized")
        assert method is GET_SETTINGS
        self.asked.append(number)
        return SettingsTold(self.tells[number])

    def account(self, *, tries: int = 5, stopping: Flag | None = None) -> Account:
        seen = self.accounts[min(self.looks, len(self.accounts) - 1)]
        self.looks += 1
        if isinstance(seen, ReconcilerError):
            raise seen
        return seen


class MemoryStore:
    """A state in memory; *events* is its history. It breaks before event number *breaks_at*."""

    def __init__(self, state: State | None = None, *, breaks_at: int | None = None) -> None:
        self._state = state or State("line")
        self._lock = Lock()
        self.events: list[Event] = []
        self.breaks_at = breaks_at

    far = False

    @property
    def lineage(self) -> str:
        return self._state.lineage

    def state(self) -> State:
        return self._state.after(self.events)

    def record(self, *events: Event) -> None:
        with self._lock:
            if self.breaks_at is not None and len(self.events) + len(events) > self.breaks_at:
                raise StateError("state.json: can't be written: no space left on device")
            self.events += events

    def note(self, *events: Event) -> None:
        self.record(*events)

    def expect(self) -> None:
        """Memory is always ready."""

    def fold(self) -> None:
        """Nothing is to be folded in memory."""


class Heard:
    """A log that is kept: the events' names, and their fields."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, **fields: object) -> None:
        self.told.append((event, fields))

    debug = warning = error = info

    @property
    def events(self) -> list[str]:
        return [event for event, _ in self.told]


@dataclass
class House:
    """Everything that a run needs, in simulated time."""

    partner: ScriptedPartner = field(default_factory=ScriptedPartner)
    store: MemoryStore = field(default_factory=MemoryStore)
    options: Options = field(default_factory=lambda: Options(concurrency=1))
    time: Time = field(default_factory=Time)
    log: Heard = field(default_factory=Heard)

    def __post_init__(self) -> None:
        self.stop: Stop = SimulatedStop(self.time)
        self.clock = Clock(
            self.time.now, self.time.monotonic, lambda: 0.5, "boot", self.time.monotonic
        )

    def run(self, *entries: Desired) -> Run:
        return Run(
            "run-2",
            entries,
            self.store,
            self.partner.url,
            self.options,
            self.clock,
            self.log,
            "2026-11-22T10:06:00Z",
            0.0,
        )

    def apply(self, *entries: Desired) -> Report:
        run = self.run(*entries)
        plan = run.decide()
        if run.idle(plan):
            return run.stay_offline(plan)
        return run.carry_out(run.prepare(plan, self.partner), self.partner, self.stop)

    def prepare(self, *entries: Desired) -> Prepared:
        run = self.run(*entries)
        return run.prepare(run.decide(), self.partner)


def fates(report: Report) -> dict[str, str]:
    """Return what became of each entry, in a word."""
    return {result.key: type(result.outcome).__name__ for result in report.results}


def kinds(events: Iterable[Event]) -> list[str]:
    return [type(event).__name__ for event in events]
