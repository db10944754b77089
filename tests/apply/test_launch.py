"""Creating: what is announced, sent, repeated, given up, and stopped."""

from collections.abc import Collection
from threading import Barrier
from threading import Event as Flag

import pytest

from reconciler.apply.launch import Launcher, Witness
from reconciler.apply.operations import CreateInstance
from reconciler.apply.ports import Options
from reconciler.apply.server_clock import ServerClock
from reconciler.errors import StateError, TokenRefused
from reconciler.model import (
    Attempt,
    Created,
    Desired,
    NotSent,
    Outcome,
    Refused,
    Rejected,
    Throttled,
    Unknown,
    Word,
)
from reconciler.state.model import Closed, Event, Intent, Record, State
from tests.apply.parts import Heard, House, MemoryStore, ScriptedPartner, created, kinds
from tests.values import desired

LOST = Unknown("connection reset")
UNREACHABLE = NotSent("connection refused")
THROTTLED = Throttled(None)


def house(
    answers: dict[str, list[Attempt]], *, breaks_at: int | None = None, **options: object
) -> House:
    return House(
        ScriptedPartner(answers),
        MemoryStore(breaks_at=breaks_at),
        Options(**{"concurrency": 1, **options}),  # type: ignore[arg-type]
    )


class Blind:
    """A witness who sees nothing in the account: nobody took a name, and nothing was made."""

    def taken(self, key: str) -> str | None:
        return None

    def prove(self, keys: Collection[str]) -> dict[str, Outcome]:
        return dict.fromkeys(keys, NotSent("too many requests (429)"))


def launcher(of: House, witness: Witness | None = None) -> Launcher:
    return Launcher(
        store=of.store,
        api=of.partner,
        options=of.options,
        clock=of.clock,
        stop=of.stop,
        log=of.log,
        server=ServerClock(of.clock),
        witness=witness or Blind(),
    )


def creates(*keys: str) -> list[CreateInstance]:
    return [CreateInstance(desired(key), "line", None) for key in keys]


def launch(of: House, *keys: str) -> dict[str, Outcome]:
    return {result.key: result.outcome for result in launcher(of).run(creates(*keys)).results}


ANSWERS: dict[str, tuple[Attempt, type[Outcome], list[str]]] = {
    "created": (created(10), Created, ["Intent", "Record"]),
    "created without token": (created(10, token=False), Created, ["Intent", "Record"]),
    "rejected": (Rejected(400, "bad"), Rejected, ["Intent", "Closed"]),
    "refused": (Refused(401, "Unauthorized"), Rejected, ["Intent", "Closed"]),
    "unknown": (LOST, Unknown, ["Intent", "ExposureEnded"]),
}


@pytest.mark.parametrize(("answer", "fate", "recorded"), ANSWERS.values(), ids=ANSWERS)
def test_each_create_is_announced_sent_once_and_settled(
    answer: Attempt, fate: type[Outcome], recorded: list[str]
) -> None:
    of = house({"a": [answer]})

    fates = launch(of, "a")

    assert type(fates["a"]) is fate
    assert kinds(of.store.events) == recorded
    assert of.partner.sent == ["a"]


def test_the_intent_is_on_disk_when_the_request_leaves() -> None:
    class Looking(ScriptedPartner):
        def create(self, desired: Desired) -> Attempt:
            assert kinds(of.store.events) == ["Intent"]
            return super().create(desired)

    of = House(Looking())

    assert isinstance(launch(of, "a")["a"], Created)


def test_what_was_not_sent_is_tried_again_and_announced_again() -> None:
    of = house({"a": [UNREACHABLE, created(10)]})

    fates = launch(of, "a")

    assert fates["a"] == created(10)
    assert kinds(of.store.events) == ["Intent", "Closed", "Intent", "Record"]
    why = {"key": "a", "reason": "connection refused", "attempt": 1}
    assert ("create_retried", why) in of.log.told
    assert of.time.passed > 0.2


def test_an_entry_that_can_not_be_sent_is_given_up() -> None:
    of = house({"a": [UNREACHABLE]})

    fates = launch(of, "a", "b")

    assert fates == {"a": NotSent("connection refused"), "b": created(1005)}
    assert of.partner.sent == ["a"] * 5 + ["b"]
    assert of.store.state().pending == {}


def test_three_hopeless_entries_in_a_row_end_the_launching() -> None:
    of = house({key: [UNREACHABLE] for key in "acde"})

    fates = launch(of, "a", "b", "c", "d", "e", "f")

    assert of.partner.sent == ["a"] * 5 + ["b"] + ["c"] * 5 + ["d"] * 5 + ["e"] * 5
    assert fates["f"] == NotSent("connection refused")
    assert of.store.state().pending == {}


def test_two_hopeless_entries_do_not() -> None:
    of = house({key: [UNREACHABLE] for key in "ab"})

    fates = launch(of, "a", "b", "c")

    assert isinstance(fates["c"], Created)


@pytest.mark.parametrize("concurrency", [1, 32, 256])
def test_an_api_that_only_throttles_is_left_alone_within_a_minute(concurrency: int) -> None:
    keys = [f"{number}" for number in range(300)]
    of = house({key: [THROTTLED] for key in keys}, concurrency=concurrency, rate=0)

    fates = launch(of, *keys)

    assert set(map(type, fates.values())) == {NotSent}
    assert len(fates) == 300
    assert of.time.passed < 60


def test_retry_after_is_obeyed() -> None:
    of = house({"a": [Throttled(90.0), created(10)]})

    assert launch(of, "a") == {"a": created(10)}
    assert of.time.passed >= 90


def test_one_retry_after_that_repeats_is_not_obeyed_for_ever() -> None:
    of = house({key: [Throttled(90.0)] for key in "abc"})

    launch(of, "a", "b", "c")

    assert of.time.passed < 100
    assert of.stop.reason == "the API answered nothing but 429 for 90 s"


def test_who_asks_for_an_hour_is_left_alone_at_once() -> None:
    of = house({"a": [Throttled(3600.0)]})

    fates = launch(of, "a", "b")

    assert of.stop.reason == "the API asked to be left alone for 3600 s"
    assert fates["b"] == NotSent("the API asked to be left alone for 3600 s")
    assert of.partner.sent == ["a"]
    assert of.time.passed < 3


def test_throttling_now_and_then_slows_down_and_goes_on() -> None:
    keys = [f"{number}" for number in range(50)]
    often: dict[str, list[Attempt]] = {
        key: [THROTTLED, created(10 + int(key))] for key in keys[::3]
    }
    of = house(often, rate=0)

    fates = launch(of, *keys)

    assert set(map(type, fates.values())) == {Created}
    assert "rate_adapted" in of.log.events


def test_a_refused_token_ends_the_launching() -> None:
    of = house({"b": [Refused(403, "Forbidden")]})
    work = launcher(of)

    results = work.run(creates("a", "b", "c")).results

    assert work.token_refused
    assert of.partner.sent == ["a", "b"]
    assert results[-1].outcome == NotSent("the partner API refused the token")


@pytest.mark.parametrize("failure", [Rejected(400, "bad"), LOST, UNREACHABLE])
def test_fail_fast_stops_at_the_first_failure(failure: Attempt) -> None:
    of = house({"a": [failure]}, fail_fast=True)

    fates = launch(of, "a", "b")

    assert set(of.partner.sent) == {"a"}
    assert fates["b"] == NotSent("stopped at the first failure (--fail-fast)")


def test_without_fail_fast_the_others_go_on() -> None:
    of = house({"a": [Rejected(400, "bad")], "b": [LOST]})

    fates = launch(of, "a", "b", "c")

    assert [type(fate) for fate in fates.values()] == [
        Rejected,
        Unknown,
        Created,
    ]


def test_a_stop_before_the_start_sends_nothing() -> None:
    of = house({})
    of.stop.request("stopped by SIGINT", signal=2)

    fates = launch(of, "a", "b")

    assert set(fates.values()) == {NotSent("stopped by SIGINT")}
    assert (of.partner.sent, of.store.events) == ([], [])
    assert of.log.events == ["create_not_sent", "create_not_sent"]


def test_a_stop_that_comes_while_the_intent_is_written_sends_nothing() -> None:
    class Interrupted(MemoryStore):
        def record(self, *events: Event) -> None:
            super().record(*events)
            of.stop.request("stopped by SIGINT", signal=2)

    of = House(store=Interrupted())

    fates = launch(of, "a")

    assert fates == {"a": NotSent("stopped by SIGINT")}
    assert of.partner.sent == []
    assert of.store.events[1:] == [Closed("a", Word.NOT_SENT, "stopped by SIGINT")]


def test_what_is_in_flight_when_the_stop_comes_is_recorded() -> None:
    together = Barrier(3)

    class InFlight(ScriptedPartner):
        def create(self, desired: Desired) -> Attempt:
            together.wait(10)
            of.stop.request("stopped by SIGTERM", signal=15)
            return super().create(desired)

    of = House(InFlight(), options=Options(concurrency=3, rate=0))

    fates = launch(of, "a", "b", "c", "d")

    assert set(of.store.state().instances) == {"a", "b", "c"}
    assert fates["d"] == NotSent("stopped by SIGTERM")


def test_where_a_record_takes_a_round_trip_others_announce_while_some_are_in_flight() -> None:
    class Far(MemoryStore):
        far = True

        def record(self, *events: Event) -> None:
            super().record(*events)
            if sum(isinstance(event, Intent) for event in self.events) == 6:
                all_announced.set()

    class InFlight(ScriptedPartner):
        now = most = 0

        def create(self, desired: Desired) -> Attempt:
            with self.lock:
                self.now += 1
                self.most = max(self.most, self.now)
            assert all_announced.wait(10)
            with self.lock:
                self.now -= 1
            return super().create(desired)

    all_announced, partner = Flag(), InFlight()
    of = House(partner, Far(), Options(concurrency=2, rate=0))

    fates = launch(of, *"abcdef")

    assert {type(fate) for fate in fates.values()} == {Created}
    assert partner.most <= 2
    assert len(partner.sent) == 6


def test_what_was_announced_and_not_sent_when_the_stop_comes_is_closed() -> None:
    class Far(MemoryStore):
        far = True

        def record(self, *events: Event) -> None:
            super().record(*events)
            if sum(isinstance(event, Intent) for event in self.events) == 3:
                all_announced.set()

    class InFlight(ScriptedPartner):
        def create(self, desired: Desired) -> Attempt:
            assert all_announced.wait(10)
            of.stop.request("stopped by SIGTERM", signal=15)
            return super().create(desired)

    all_announced = Flag()
    of = House(InFlight(), Far(), Options(concurrency=1, rate=0))

    fates = launch(of, *"abc")

    assert len(of.partner.sent) == 1
    assert sorted(type(fate).__name__ for fate in fates.values()) == [
        "Created",
        "NotSent",
        "NotSent",
    ]
    assert of.store.state().pending == {}


def test_a_refused_token_is_more_urgent_than_a_state_that_failed() -> None:
    of = house({"a": [Refused(401, "Unauthorized")]}, breaks_at=1)

    with pytest.raises(TokenRefused, match=r"besides, .*no space left"):
        launch(of, "a", "b")


@pytest.mark.parametrize("breaks_at", range(6))
def test_nothing_is_sent_after_the_state_failed(breaks_at: int) -> None:
    of = house({}, breaks_at=breaks_at)

    with pytest.raises(StateError, match="no space left"):
        launch(of, "a", "b", "c")

    assert len(of.partner.sent) == (breaks_at + 1) // 2
    assert of.stop


def test_others_that_are_in_flight_are_recorded_before_a_failure_is_told() -> None:
    together = Barrier(2)

    class OneFails(MemoryStore):
        def record(self, *events: Event) -> None:
            match events:
                case (Record("a"),):
                    raise StateError("a fails")
            super().record(*events)

    class InFlight(ScriptedPartner):
        def create(self, desired: Desired) -> Attempt:
            together.wait(10)
            return super().create(desired)

    of = House(InFlight(), OneFails(), Options(concurrency=2, rate=0))

    with pytest.raises(StateError, match="a fails"):
        launch(of, "a", "b")

    assert set(of.store.state().instances) == {"b"}
    assert set(of.store.state().pending) == {"a"}


def test_a_record_holds_what_was_sent_and_what_was_answered() -> None:
    answer = Created(10, created(10).token, "whatsapp", {"apiUrl": "https://7103.example.com"})
    of = house({"Sales": [answer]})
    entry = desired("sales", name="Sales", incomingWebhook="yes")

    launcher(of).run([CreateInstance(entry, "line", None)])

    state: State = of.store.state()
    recorded = state.instances["sales"]
    assert (recorded.id_instance, recorded.name) == (10, "Sales")
    assert recorded.parameters == {"incomingWebhook": "yes"}
    assert recorded.extra == {"apiUrl": "https://7103.example.com"}


def test_many_workers_leave_no_entry_out() -> None:
    keys = [f"{number}" for number in range(500)]
    of = house({}, concurrency=32, rate=0)

    fates = launch(of, *keys)

    assert set(fates) == set(keys)
    assert sorted(of.partner.sent) == sorted(keys)
    assert set(of.store.state().instances) == set(keys)


def test_an_announcement_names_no_time_in_another_zone() -> None:
    of = house({"a": [LOST]})

    launch(of, "a")

    intent, _ = of.store.events
    assert isinstance(intent, Intent)
    assert intent.pending.since == "2026-11-22T10:06:00Z"
    assert intent.pending.launch_until == "2026-11-22T10:06:30Z"


def test_an_announcement_that_was_long_on_its_way_to_the_disk_is_made_anew() -> None:
    class SlowDisk(MemoryStore):
        def record(self, *events: Event) -> None:
            super().record(*events)
            of.time.passed += 40 if len(self.events) < 3 else 0

    of = House(store=SlowDisk())

    launch(of, "a")

    announced = [each.pending for each in of.store.events if isinstance(each, Intent)]
    assert [each.since[-9:] for each in announced] == ["10:06:00Z", "10:06:40Z", "10:07:20Z"]
    assert announced[-1].launch_until == "2026-11-22T10:07:50Z"
    assert of.partner.sent == ["a"]


def test_a_disk_that_stays_slow_does_not_hold_a_stop_up() -> None:
    class SlowDisk(MemoryStore):
        def record(self, *events: Event) -> None:
            super().record(*events)
            of.time.passed += 40
            if len(self.events) == 3:
                of.stop.request("stopped by SIGINT", signal=2)

    of = House(store=SlowDisk())

    fates = launch(of, "a")

    assert fates == {"a": NotSent("stopped by SIGINT")}
    assert (of.partner.sent, of.store.state().pending) == ([], {})


def test_a_log_that_can_not_be_written_ends_the_run_and_loses_no_record() -> None:
    class Full(Heard):
        def info(self, event: str, **fields: object) -> None:
            if event == "instance_created":
                raise OSError(28, "No space left on device")
            super().info(event, **fields)

    of = House(log=Full())

    with pytest.raises(OSError, match="No space left"):
        launch(of, "a", "b")

    assert set(of.store.state().instances) == {"a"}
    assert of.partner.sent == ["a"]
