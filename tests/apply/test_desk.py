"""A record goes to the disk with the next intent if that follows at once, and never later."""

import pytest

from reconciler.apply import Options
from reconciler.apply.desk import Desk
from reconciler.errors import StateError
from reconciler.model import Attempt, Created, Desired, Origin, Outcome, Pending, Recorded
from reconciler.secrets import Secret
from reconciler.state.model import Event, Intent, Record
from tests.apply.parts import House, MemoryStore, ScriptedPartner, kinds
from tests.apply.test_launch import launch
from tests.values import desired

MADE = Record(
    "a", Recorded(7, Secret("0" * 50), "whatsapp", "a", {}, "2026-11-22T10:06:00Z", Origin.CREATED)
)
NEXT = Intent("b", Pending("b", {}, "2026-11-22T10:06:01Z", None))


class Batches(MemoryStore):
    """Remembers which events came together."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []

    def record(self, *events: Event) -> None:
        self.batches.append(kinds(events))
        super().record(*events)


class Ended(list[str]):
    def __call__(self, entry: Desired, fate: Outcome) -> None:
        self.append(entry.key)


def test_a_record_and_the_next_intent_are_written_together_and_in_order() -> None:
    store, ended = Batches(), Ended()
    desk = Desk(store, ended)

    desk.hold(desired("a"), Created(7, None), MADE)
    desk.write(NEXT)

    assert store.events == [MADE, NEXT]
    assert store.batches == [["Record", "Intent"]]


def test_an_entry_has_ended_when_its_record_is_on_disk_and_not_before() -> None:
    ended = Ended()
    desk = Desk(MemoryStore(), ended)

    desk.hold(desired("a"), Created(7, None), MADE)
    before = list(ended)
    desk.write(NEXT)

    assert (before, ended) == ([], ["a"])


def test_a_cleared_desk_holds_nothing_more() -> None:
    store, ended = Batches(), Ended()
    desk = Desk(store, ended)

    desk.hold(desired("a"), Created(7, None), MADE)
    desk.clear()
    desk.clear()
    desk.write(NEXT)

    assert store.batches == [["Record"], ["Intent"]]
    assert ended == ["a"]


def test_a_record_that_could_not_be_written_is_not_tried_again_and_has_not_ended() -> None:
    store, ended = MemoryStore(breaks_at=0), Ended()
    desk = Desk(store, ended)

    desk.hold(desired("a"), Created(7, None), MADE)
    with pytest.raises(StateError):
        desk.write(NEXT)
    store.breaks_at = None
    desk.clear()

    assert store.events == []
    assert ended == []


def test_without_a_bound_of_the_rate_the_next_intent_takes_the_record_along() -> None:
    store = Batches()

    launch(House(store=store, options=Options(concurrency=1, rate=0)), "a", "b", "c")

    together = ["Record", "Intent"]
    assert store.batches == [["Intent"], together, together, ["Record"]]


def test_a_record_does_not_wait_for_the_rate() -> None:
    class Looking(MemoryStore):
        """Notes the time of each record."""

        def record(self, *events: Event) -> None:
            times.extend((kind, of.time.passed) for kind in kinds(events))
            super().record(*events)

    times: list[tuple[str, float]] = []
    of = House(store=Looking(), options=Options(concurrency=1, rate=1))

    launch(of, "a", "b")

    (_, first), (_, made), (_, second), _ = times
    assert [kind for kind, _ in times] == ["Intent", "Record", "Intent", "Record"]
    assert made == first
    assert second == pytest.approx(first + 1)


def test_what_is_held_is_recorded_whatever_ends_the_worker() -> None:
    class Stumbling(MemoryStore):
        """Has no lineage any more once the first record is held."""

        looks = 0

        @property
        def lineage(self) -> str:
            self.looks += 1
            if self.looks > 1:
                raise ZeroDivisionError
            return "line"

    of = House(store=Stumbling(), options=Options(concurrency=1, rate=0))

    with pytest.raises(ZeroDivisionError):
        launch(of, "a", "b")

    assert kinds(of.store.events) == ["Intent", "Record"]


@pytest.mark.parametrize("stop", ["stop before the next", "no next"])
def test_the_last_record_does_not_wait_for_a_next_intent(stop: str) -> None:
    class Stopping(ScriptedPartner):
        def create(self, desired: Desired) -> Attempt:
            if stop == "stop before the next":
                of.stop.request("enough")
            return super().create(desired)

    of = House(Stopping(), options=Options(concurrency=1, rate=0))

    launch(of, "a", *(["b"] if stop == "stop before the next" else []))

    assert kinds(of.store.events) == ["Intent", "Record"]
