"""`--checkpoint`: what will be sent is in the state file, and taken away, before it leaves."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from reconciler.apply.checkpoint import CheckpointedLaunch, Phase
from reconciler.apply.ports import Options
from reconciler.errors import StateError
from reconciler.model import Attempt, Created, Desired, NotSent, Throttled, Unknown, Word
from reconciler.results import Result
from reconciler.state.model import Closed, Event, ExposureEnded, Intent, State
from tests.apply.parts import House, MemoryStore, ScriptedPartner
from tests.apply.test_launch import creates, launcher
from tests.values import desired, pending


class Folding(MemoryStore):
    """Remembers what the state file held at each fold."""

    def __init__(self) -> None:
        super().__init__()
        self.file = self.state()

    def fold(self) -> None:
        self.file = self.state()


@dataclass
class Command:
    """A checkpoint that notes what it is given, and does what the test says."""

    store: Folding
    does: Callable[[int], None] = lambda call: None
    calls: list[tuple[Phase, int]] = field(default_factory=list)
    files: list[State] = field(default_factory=list)

    def __call__(self, phase: Phase, announced: int) -> None:
        self.calls.append((phase, announced))
        self.files.append(self.store.file)
        self.does(len(self.calls))


@dataclass
class Slow(ScriptedPartner):
    """Answers each create after *seconds*."""

    of: House | None = None
    seconds: float = 400.0

    def create(self, desired: Desired) -> Attempt:
        assert self.of is not None
        self.of.time.passed += self.seconds
        return super().create(desired)


def checkpointed(of: House, command: Command) -> CheckpointedLaunch:
    return CheckpointedLaunch(launcher(of), command, store=of.store, clock=of.clock)


def house(partner: ScriptedPartner | None = None) -> tuple[House, Folding]:
    store = Folding()
    return House(partner or ScriptedPartner(), store, Options(concurrency=1, rate=0)), store


def became(results: list[Result]) -> dict[str, type]:
    return {result.key: type(result.outcome) for result in results}


def test_everything_is_announced_in_the_file_before_the_first_request() -> None:
    of, store = house()
    command = Command(store, lambda call: _nothing_was_sent(of))

    results = checkpointed(of, command).run(creates("a", "b"))

    assert became(results) == {"a": Created, "b": Created}
    assert command.calls == [("before", 2)]
    [file] = command.files
    assert {key: each.launch_until for key, each in file.pending.items()} == dict.fromkeys(
        ("a", "b"), "2026-11-22T10:16:00Z"
    )


def _nothing_was_sent(of: House) -> None:
    assert of.partner.sent == []


def test_what_the_file_holds_is_said_again_in_the_journal_before_the_first_request() -> None:
    class Looking(ScriptedPartner):
        def create(self, desired: Desired) -> Attempt:
            later = store.events[folded:]
            assert [each.key for each in later[:2] if isinstance(each, Intent)] == ["a", "b"]
            return super().create(desired)

    of, store = house(Looking())
    folded = 2

    checkpointed(of, Command(store)).run(creates("a", "b"))

    assert of.partner.sent == ["a", "b"]


def test_a_command_that_fails_stops_the_run_and_withdraws_what_was_announced() -> None:
    def fail(call: int) -> None:
        raise StateError("the checkpoint command exited 1")

    of, store = house()

    with pytest.raises(StateError, match="exited 1"):
        checkpointed(of, Command(store, fail)).run(creates("a", "b"))

    assert of.partner.sent == []
    assert store.state().pending == {}
    closed = [event.word for event in store.events if isinstance(event, Closed)]
    assert closed == [Word.NOT_SENT] * 2


def test_after_ten_minutes_nothing_is_launched_until_the_command_has_run_again() -> None:
    partner = Slow()
    of, store = house(partner)
    partner.of = of
    command = Command(store)

    results = checkpointed(of, command).run(creates("a", "b", "c", "d"))

    assert set(became(results).values()) == {Created}
    assert command.calls == [("before", 4), ("before", 2)]
    again = command.files[1].pending
    assert set(again) == {"c", "d"}
    assert {each.launch_until for each in again.values()} == {"2026-11-22T10:29:20Z"}


def test_a_second_checkpoint_that_fails_withdraws_what_the_first_had_let_leave() -> None:
    def fail(call: int) -> None:
        if call == 2:
            raise StateError("the checkpoint command exited 1")

    partner = Slow({"a": [Throttled(None)]}, seconds=700.0)
    of, store = house(partner)
    partner.of = of

    with pytest.raises(StateError, match="exited 1"):
        checkpointed(of, Command(store, fail)).run(creates("a", "b"))

    assert partner.sent == ["a"]
    assert store.state().pending == {}


def test_a_window_that_ends_while_an_intent_is_written_lets_nothing_leave() -> None:
    class SlowDisk(Folding):
        def record(self, *events: Event) -> None:
            super().record(*events)
            if len(self.events) == 5:  # both for the file, both for the journal, and a's own
                of.time.passed += 601

    def fail(call: int) -> None:
        if call == 2:
            raise StateError("the checkpoint command exited 1")

    store = SlowDisk()
    of = House(store=store, options=Options(concurrency=1, rate=0))

    with pytest.raises(StateError, match="exited 1"):
        checkpointed(of, Command(store, fail)).run(creates("a", "b"))

    assert of.partner.sent == []
    assert store.state().pending == {}
    closed = [event for event in store.events if isinstance(event, Closed)]
    assert closed[0] == Closed("a", Word.NOT_SENT, "its time to be launched was over")


def test_no_announcement_of_one_window_is_open_longer_than_the_window() -> None:
    partner = Slow(seconds=599.0)
    of, store = house(partner)
    partner.of = of

    checkpointed(of, Command(store)).run(creates("a", "b"))

    until = {each.pending.launch_until for each in store.events if isinstance(each, Intent)}
    assert until == {"2026-11-22T10:16:00Z"}


def test_a_stop_withdraws_what_was_announced_and_not_launched() -> None:
    class Stopping(ScriptedPartner):
        def create(self, desired: Desired) -> Attempt:
            of.stop.request("stopped by SIGTERM", signal=15)
            return super().create(desired)

    of, store = house(Stopping())

    results = checkpointed(of, Command(store)).run(creates("a", "b", "c"))

    assert became(results) == {"a": Created, "b": NotSent, "c": NotSent}
    assert store.state().pending == {}


def test_what_was_withdrawn_is_not_withdrawn_again() -> None:
    def fail(call: int) -> None:
        raise StateError("the checkpoint command exited 1")

    of, store = house()
    launching = checkpointed(of, Command(store, fail))
    with pytest.raises(StateError):
        launching.run(creates("a"))
    before = list(store.events)

    launching.withdraw()

    assert store.events == before


def test_an_answer_that_was_lost_stays_announced() -> None:
    of, store = house(ScriptedPartner({"a": [Unknown("connection reset")]}))

    launching = checkpointed(of, Command(store))
    launching.run(creates("a", "b"))
    launching.withdraw()

    assert set(store.state().pending) == {"a"}


def test_the_command_takes_the_end_away_too() -> None:
    of, store = house(ScriptedPartner({"a": [Unknown("connection reset")]}))
    command = Command(store)

    launching = checkpointed(of, command)
    launching.run(creates("a", "b"))
    launching.end()

    assert command.calls[-1] == ("after", 1)
    assert set(command.files[-1].instances) == {"b"}


def test_a_whole_run_lets_the_command_take_away_both_ends() -> None:
    of, store = house()
    command = Command(store)
    run = of.run(desired("a"))
    run.sender.checkpoint = command

    run.carry_out(run.prepare(run.decide(), of.partner), of.partner, of.stop)

    assert command.calls == [("before", 1), ("after", 0)]
    assert set(command.files[-1].instances) == {"a"}


def test_who_waits_no_longer_leaves_behind_what_is_in_flight_and_nothing_else() -> None:
    class Leaving(ScriptedPartner):
        def create(self, desired: Desired) -> Attempt:
            run.leave()
            left.append(store.file)
            return super().create(desired)

    of, store = house(Leaving())
    run, left = of.run(desired("a"), desired("b")), list[State]()
    run.sender.checkpoint = Command(store)
    store.record(Intent("older", pending("older")))

    run.carry_out(run.prepare(run.decide(), of.partner), of.partner, of.stop)

    assert set(left[0].pending) == {"older", "a"}
    assert all(each.exposed_until for each in left[0].pending.values())
    ended = [event.key for event in store.events if isinstance(event, ExposureEnded)]
    assert ended.count("older") == 0
