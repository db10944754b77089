"""An update is one request, read back: never sent again blindly, and stopped where it does harm."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from reconciler.apply.launch import Launcher, Unwatched
from reconciler.apply.operations import Operation
from reconciler.apply.ports import Clock, Options
from reconciler.apply.reach import NoWay
from reconciler.apply.server_clock import ServerClock
from reconciler.apply.stop import Stop
from reconciler.apply.update import Updater
from reconciler.evidence.settings import LiveSettings, confirmed
from reconciler.model import Lifecycle, NotSent
from reconciler.partner.instances import InstanceAccess
from reconciler.partner.methods import GET_SETTINGS, GET_STATE_INSTANCE, Method
from reconciler.plan import Update, diff
from reconciler.results import Result
from reconciler.secrets import Secret
from reconciler.state.changes import SettingsConfirmed, UpdateAnnounced, UpdateClosed
from reconciler.state.model import Record, State
from tests.apply.fleet import Fleet, Machine
from tests.apply.parts import Heard, MemoryStore, kinds
from tests.exactly_once.world import SimulatedStop, Time
from tests.values import desired, recorded

OLD, NEW = {"incomingWebhook": "no"}, {"incomingWebhook": "yes"}
LONG_AGO = "2026-11-01T00:00:00Z"


@dataclass
class Yard:
    """Instances a, b, … as recorded with OLD, and wanted with NEW."""

    names: str = "abc"
    options: Options = field(default_factory=lambda: Options(concurrency=1, rate=0))
    time: Time = field(default_factory=Time)
    log: Heard = field(default_factory=Heard)
    updater: type[Updater] = Updater
    ways: dict[str, InstanceAccess | NoWay] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fleet = Fleet(self.time)
        self.numbers = {name: 1000 + index for index, name in enumerate(self.names)}
        self.fleet.machines = {number: Machine(dict(OLD)) for number in self.numbers.values()}
        records = [
            Record(name, recorded(number, name, **OLD)._replace(created_at=LONG_AGO))
            for name, number in self.numbers.items()
        ]
        self.store = MemoryStore(State("line").after(records))
        self.stop: Stop = SimulatedStop(self.time)
        self.wanted = {name: desired(name, **NEW) for name in self.names}

    def machine(self, name: str) -> Machine:
        return self.fleet.machines[self.numbers[name]]

    def updates(self) -> tuple[Update, ...]:
        return diff([*self.wanted.values()], self.store.state(), update=True).of(Update)

    def run(self) -> dict[str, str]:
        """Update all that differs; return what became of each, in a word."""
        clock = Clock(self.time.now, self.time.monotonic, lambda: 0.5, "boot", self.time.monotonic)

        def send(operations: Sequence[Operation]) -> tuple[list[Result], bool]:
            launcher = Launcher(
                store=self.store,
                api=self.fleet,
                options=self.options,
                clock=clock,
                server=ServerClock(clock),
                stop=self.stop,
                log=self.log,
                witness=Unwatched(),
            )
            return launcher.run(operations).results, False

        ways = {n: self.ways.get(n, self.fleet.way(number)) for n, number in self.numbers.items()}
        updater = self.updater(
            self.store, self.fleet, self.options, clock, self.log, self.stop, ways, send
        )
        self.results = updater.run(self.updates())
        return {result.key: result.outcome.word.value for result in self.results}

    def are_newborn(self) -> None:
        """Let the records be as young as the run."""
        records = [
            Record(name, recorded(number, name, **OLD)) for name, number in self.numbers.items()
        ]
        self.store = MemoryStore(State("line").after(records))

    def after(self, seconds: float, happens: Callable[[], None]) -> None:
        """Let *happens* come to pass while the run waits for something."""
        wait = self.stop.interrupted.wait

        def awake(timeout: float | None = None) -> bool:
            if self.time.passed > seconds:
                happens()
            return wait(timeout)

        self.stop.interrupted.wait = awake  # type: ignore[method-assign]

    def restarts(self) -> dict[str, int]:
        return {name: self.machine(name).restarts for name in self.names}


def test_what_differs_is_set_once_read_back_and_recorded() -> None:
    yard = Yard("ab")

    words = yard.run()

    assert words == {"a": "updated", "b": "updated"}
    assert yard.restarts() == {"a": 1, "b": 1}
    assert yard.store.state().instances["a"].parameters == NEW
    assert yard.updates() == ()
    assert kinds(yard.store.events[:2]) == ["UpdateAnnounced", "SettingsConfirmed"]
    assert yard.log.events.count("instance_updated") == 2


def test_only_what_differs_is_sent_and_nothing_where_the_instance_has_it() -> None:
    yard = Yard("ab")
    yard.wanted["a"] = desired("a", **NEW, stateWebhook="yes")
    yard.machine("a").settings["stateWebhook"] = "yes"
    yard.machine("b").settings = dict(NEW)

    words = yard.run()

    assert words == {"a": "updated", "b": "updated"}
    assert yard.restarts() == {"a": 1, "b": 0}
    announced = [event for event in yard.store.events if isinstance(event, UpdateAnnounced)]
    assert [event.update.parameters for event in announced] == [NEW]
    assert yard.updates() == ()


@pytest.mark.parametrize("what", ["lost", "late"])
def test_what_the_instance_shows_in_time_is_confirmed_and_not_sent_again(what: str) -> None:
    yard = Yard("a")
    yard.machine("a").sets = [what]

    assert yard.run() == {"a": "updated"}
    assert yard.restarts() == {"a": 1}
    assert 4 <= yard.time.passed <= 70


@pytest.mark.parametrize("what", ["dropped", "gone"])
def test_what_is_not_shown_is_looked_at_by_the_next_run_before_anything_is_sent(what: str) -> None:
    yard = Yard("a")
    yard.machine("a").sets = [what]

    first = yard.run()
    waited = yard.time.passed
    second = yard.run()
    sent = yard.fleet.asked["setSettings"]
    yard.time.passed += 400
    third = yard.run()
    told = [each for each in yard.store.events if isinstance(each, UpdateAnnounced | UpdateClosed)]

    assert kinds(told) == ["UpdateAnnounced", "UpdateClosed", "UpdateAnnounced"]
    assert [first, second, third] == [*[{"a": "not_confirmed"}] * 2, {"a": "updated"}]
    assert 300 <= waited <= 310
    assert sent == 1
    assert yard.restarts() == {"a": 1}


def test_what_was_not_done_is_only_told_by_a_run_that_sets_nothing() -> None:
    yard = Yard("a")
    yard.machine("a").sets = ["gone"]
    yard.run()
    yard.time.passed += 700
    wanted, yard.wanted = yard.wanted, {}

    looked = yard.run()
    yard.wanted = wanted
    done = yard.run()

    assert (looked, done) == ({"a": "not_confirmed"}, {"a": "updated"})
    assert yard.restarts() == {"a": 1}


def test_an_update_that_was_not_done_for_certain_is_closed_at_once() -> None:
    yard = Yard("a")
    yard.machine("a").sets = ["refused"]

    assert yard.run() == {"a": "rejected"}
    assert kinds(yard.store.events) == ["UpdateAnnounced", "UpdateClosed"]
    assert yard.store.state().instances["a"].update is None


def test_a_canary_that_is_not_confirmed_stops_the_rest() -> None:
    yard = Yard("abc")
    yard.machine("a").sets = ["dropped"]

    words = yard.run()

    assert words == {"a": "not_confirmed", "b": "not_sent", "c": "not_sent"}
    assert yard.restarts() == {"a": 0, "b": 0, "c": 0}


def test_without_a_canary_a_batch_goes_first() -> None:
    yard = Yard("abc", options=Options(concurrency=1, rate=0, canary=0, batch=2))
    yard.machine("a").sets = ["dropped"]

    assert yard.run() == {"a": "not_confirmed", "b": "updated", "c": "updated"}


def test_an_instance_that_loses_its_phone_stops_the_rest_and_is_named() -> None:
    yard = Yard("abcd", options=Options(concurrency=1, rate=0, canary=1, batch=1))
    for name in "abcd":
        yard.machine(name).state = "authorized"
    yard.machine("b").sets = ["unlinks"]

    words = yard.run()

    assert words == {"a": "updated", "b": "not_confirmed", "c": "not_sent", "d": "not_sent"}
    reasons = {result.key: getattr(result.outcome, "reason", "") for result in yard.results}
    assert reasons["b"] == (
        "its settings are set, but it was authorized before and is notAuthorized"
    )
    assert reasons["c"] == "b lost its phone by its update"
    assert yard.updates() != ()
    assert {update.key for update in yard.updates()} == {"c", "d"}


def interrupt(yard: Yard, *, after: int = 0) -> None:
    """Let a signal come as soon as the run waits for anything, or *after* so many waits."""
    wait, waits = yard.stop.interrupted.wait, count()

    def signal(timeout: float | None = None) -> bool:
        if next(waits) < after:
            return wait(timeout)
        yard.stop.request("stopped by SIGINT", signal=2)
        return True

    yard.stop.interrupted.wait = signal  # type: ignore[method-assign]


def test_a_signal_ends_reading_back_at_once_and_the_next_run_looks() -> None:
    yard = Yard("ab")
    yard.machine("a").sets = ["late"]

    interrupt(yard)

    stopped = yard.run()
    at = yard.time.passed
    yard.stop = SimulatedStop(yard.time)
    yard.time.passed += 60
    again = yard.run()

    assert stopped == {"a": "not_confirmed", "b": "not_sent"}
    assert at < 1
    assert again == {"a": "updated", "b": "updated"}
    assert yard.restarts() == {"a": 1, "b": 1}


@pytest.mark.parametrize("looks", [0, 1])
def test_a_phone_that_an_earlier_runs_update_cost_stops_the_rest(looks: int) -> None:
    yard = Yard("ab")
    for name in "ab":
        yard.machine(name).state = "authorized"
    yard.machine("a").sets = ["unlinks"]
    interrupt(yard, after=looks)
    yard.run()
    yard.stop = SimulatedStop(yard.time)

    words = yard.run()

    assert words == {"a": "not_confirmed", "b": "not_sent"}
    assert yard.restarts() == {"a": 1, "b": 0}


@pytest.mark.parametrize("silent", ["401", "502", "404"])
def test_an_instance_that_tells_nothing_is_not_sent_anything(silent: str) -> None:
    yard = Yard("a")
    yard.machine("a").silent = silent

    assert yard.run() == {"a": "not_sent"}
    assert yard.fleet.asked["setSettings"] == 0
    assert yard.time.passed == 0


@pytest.mark.parametrize("newborn", [True, False])
def test_nothing_is_waited_for_where_there_is_no_way_to_ask(newborn: bool) -> None:
    yard = Yard("a", ways={"a": NoWay("its token is not known")})
    if newborn:
        yard.are_newborn()

    assert yard.run() == {"a": "not_sent"}
    assert yard.results[0].outcome == NotSent("its token is not known")
    assert yard.time.passed == 0


def test_an_instance_that_starts_is_set_once_it_has_started() -> None:
    yard = Yard("a")
    yard.machine("a").state = "starting"
    yard.after(30, lambda: setattr(yard.machine("a"), "state", "notAuthorized"))

    assert yard.run() == {"a": "updated"}
    assert yard.restarts() == {"a": 1}


def test_an_instance_that_has_it_already_may_be_starting() -> None:
    yard = Yard("a")
    yard.machine("a").settings = dict(NEW)
    yard.machine("a").state = "starting"

    assert yard.run() == {"a": "updated"}
    assert yard.time.passed == 0


def test_an_instance_that_is_still_starting_is_not_restarted_by_it() -> None:
    yard = Yard("a")
    yard.machine("a").state = "starting"

    assert yard.run() == {"a": "not_sent"}
    assert yard.results[0].outcome == NotSent("it is starting")
    assert yard.fleet.asked["setSettings"] == 0


def test_what_an_earlier_run_left_open_does_not_hold_up_the_others() -> None:
    yard = Yard("ab")
    yard.machine("a").sets = ["dropped"]
    other = yard.wanted.pop("b")
    yard.run()
    yard.wanted["b"] = other

    assert yard.run() == {"a": "not_confirmed", "b": "updated"}


@pytest.mark.parametrize(
    "hidden", [None, GET_SETTINGS, GET_STATE_INSTANCE], ids=["all", "its settings", "its state"]
)
def test_a_newborn_is_waited_for(hidden: Method[Any, Any] | None) -> None:
    yard = Yard("a")
    yard.are_newborn()
    machine = yard.machine("a")
    machine.silent, machine.secretive = (None, hidden) if hidden else ("401", None)

    def tells() -> None:
        machine.silent = machine.secretive = None

    yard.after(30, tells)

    assert yard.run() == {"a": "updated"}
    assert yard.time.passed < 100


def test_a_newborn_that_tells_all_is_set_at_once() -> None:
    yard = Yard("a")
    yard.are_newborn()

    assert yard.run() == {"a": "updated"}
    assert yard.time.passed < 10


def test_a_parameter_that_left_is_set_back_only_where_the_entry_says_so() -> None:
    yard = Yard("ab")
    has = {**NEW, "webhookUrl": "https://a.example", "stateWebhook": "yes"}
    for name in "ab":
        yard.machine(name).settings = dict(has)
        number = yard.numbers[name]
        yard.store.record(SettingsConfirmed(name, number, has))
    yard.wanted["a"] = yard.wanted["a"]._replace(lifecycle=Lifecycle(reset=True))

    assert yard.run() == {"a": "updated"}
    assert yard.machine("a").settings == {**NEW, "webhookUrl": "", "stateWebhook": "no"}
    assert yard.machine("b").settings == has
    assert yard.store.state().instances["a"].parameters == NEW


def test_a_secret_is_sent_as_it_is_and_kept_as_a_digest() -> None:
    yard = Yard("a")
    yard.wanted["a"] = desired("a", **OLD, webhookUrlToken=Secret("hush-hush"))

    assert yard.run() == {"a": "updated"}
    assert yard.machine("a").settings["webhookUrlToken"] == "hush-hush"
    assert "hush" not in repr(yard.store.events)
    assert yard.updates() == ()


def test_what_was_mended_in_the_console_is_settled_without_a_request() -> None:
    yard = Yard("a")
    live = LiveSettings(yard.time.now(), {1000: {"incomingWebhook": "Yes"}})
    state = yard.store.state()
    settled = confirmed(yard.wanted["a"], state.instances["a"], "line", live)

    after = state.after([SettingsConfirmed("a", 1000, settled)])

    assert diff([yard.wanted["a"]], state, live=live, update=True).of(Update) == ()
    assert after.instances["a"].parameters == NEW
