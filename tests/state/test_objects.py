"""A state in a bucket: stopped at every call, with every way to lose an answer, and two at once."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from reconciler.errors import StateError, StateLocked
from reconciler.model import Word
from reconciler.state.backend import Overtaken
from reconciler.state.bucket import StoredObject
from reconciler.state.loading import load
from reconciler.state.model import Closed, Event, Listed, Moved, State
from reconciler.state.objects import ObjectBackend
from reconciler.state.store import Store
from tests.nightly import BY_NIGHT, NIGHTLY
from tests.state.paper_bucket import DONE, LOST_BEFORE, PUT_FATES, PaperBucket, Shelf, fates, fuse
from tests.state.paper_disk import Crash
from tests.state.parts import NOW, TAKEN_OVER, as_left, intent, record, recorded
from tests.state.test_crashes import STORY, Story

KEY = "prod/state.json"


def backend(bucket: PaperBucket) -> ObjectBackend:
    return ObjectBackend(bucket, KEY)


def hold(
    bucket: PaperBucket,
    *,
    later: float = 0,
    rescue: Callable[[str], None] = lambda line: None,
    make: type[ObjectBackend] = ObjectBackend,
) -> Store:
    """Take the state, *later* by so many seconds than the others of the test."""
    return Store.hold(
        make(bucket, KEY),
        now=lambda: NOW + timedelta(seconds=later),
        moment=lambda: TAKEN_OVER,
        new_lineage=lambda: "0b6c1f2e",
        lock_timeout=0,
        rescue=rescue,
        warn=lambda message: None,
    )


def state_on(shelf: Shelf) -> State:
    found = load(backend(PaperBucket(shelf)))
    return found.state if found else State("0b6c1f2e")


def plain(state: State) -> State:
    return as_left(state.after(()))


# --- one run ----------------------------------------------------------------------------------


def test_what_is_recorded_is_there_for_whoever_looks_next() -> None:
    shelf = Shelf()

    with hold(PaperBucket(shelf)) as store:
        store.record(intent(1))
        store.record(record(1))
        assert state_on(shelf).instances == {"key-1": recorded(1)}

    assert state_on(shelf).instances == {"key-1": recorded(1)}


def test_a_run_that_ends_leaves_one_object() -> None:
    shelf = Shelf()

    with hold(PaperBucket(shelf)) as store:
        store.record(intent(1))
        store.record(record(1))
        assert f"{KEY}.journal/000000000001" in shelf.objects
        assert f"{KEY}.lock" in shelf.objects

    assert list(shelf.objects) == [KEY]


def test_a_run_with_nothing_to_record_writes_nothing_but_its_lease() -> None:
    shelf, bucket = Shelf(), PaperBucket(Shelf())
    bucket.shelf = shelf

    with hold(bucket) as store:
        store.state()

    assert shelf.objects == {}
    assert {call for call in bucket.calls if call.startswith("create")} == {f"create {KEY}.lock"}


def test_the_journals_numbers_go_on_after_a_fold() -> None:
    shelf = Shelf()
    with hold(PaperBucket(shelf)) as store:
        store.record(intent(1))
        store.fold()
        store.record(record(1))

        assert f"{KEY}.journal/000000000002" in shelf.objects

    with hold(PaperBucket(shelf)) as store:
        store.record(intent(2))
        assert f"{KEY}.journal/000000000003" in shelf.objects


def test_conditions_are_tried_out_once_for_a_bucket() -> None:
    shelf, first, second = Shelf(), PaperBucket(Shelf()), PaperBucket(Shelf())
    first.shelf = second.shelf = shelf

    with hold(first) as store:
        store.record(intent(1))
    with hold(second) as store:
        store.record(intent(2))

    assert any(".probe" in call for call in first.calls)
    assert not any(".probe" in call for call in second.calls)
    assert not any(".probe" in name for name in shelf.objects)


def test_conditions_are_tried_out_while_it_is_asked_whether_there_is_anything_to_write() -> None:
    bucket = PaperBucket(Shelf())

    with hold(bucket) as store:
        store.expect()
        store.state()  # waits for the writer
        tried = [call for call in bucket.calls if ".probe" in call]
        store.record(intent(1))

    assert tried
    assert [call for call in bucket.calls if ".probe" in call] == tried
    assert {*bucket.shelf.objects} == {KEY}


def test_a_try_that_failed_is_made_again_before_anything_is_announced() -> None:
    bucket = Careless(Shelf())

    with hold(bucket) as store:
        store.expect()
        with pytest.raises(StateError, match="ignores the conditions of puts"):
            store.record(intent(1))

    assert not any(".journal" in name for name in bucket.shelf.objects)


class Careless(PaperBucket):
    """A store that puts whatever the condition is."""

    def _put(self, verb, key, data, marks, allowed):  # type: ignore[no-untyped-def]
        return super()._put(verb, key, data, marks, lambda there: True)


def test_a_store_that_ignores_conditions_is_refused_before_anything_is_announced() -> None:
    shelf = Shelf()

    with hold(Careless(shelf)) as store, pytest.raises(StateError, match="ignores the conditions"):
        store.record(intent(1))

    assert KEY not in shelf.objects


def test_another_run_is_told_who_holds_the_state() -> None:
    shelf = Shelf()

    with hold(PaperBucket(shelf)), pytest.raises(StateLocked, match=r"pid \d+ on .*since"):
        hold(PaperBucket(shelf), later=10)


def test_a_lease_that_expired_is_ignored() -> None:
    shelf = Shelf()
    first = hold(PaperBucket(shelf))

    with hold(PaperBucket(shelf), later=21) as second:
        second.record(intent(1))

    first.close()


def test_what_two_runs_recorded_is_found_though_the_state_was_removed() -> None:
    shelf = Shelf()
    hold(PaperBucket(shelf)).record(record(1))
    keeps = PaperBucket(shelf, lambda call: LOST_BEFORE if f"delete {KEY}.j" in call else DONE)
    hold(keeps, later=21).record(record(2))
    del shelf.objects[KEY]

    assert state_on(shelf).instances == {"key-1": recorded(1), "key-2": recorded(2)}


def test_a_late_answer_takes_nothing_from_what_the_next_run_closed() -> None:
    shelf = Shelf()
    late = hold(PaperBucket(shelf))
    late.record(intent(1))
    hold(PaperBucket(shelf), later=21).record(Closed("key-1", Word.NOT_CREATED))

    late.record(record(9))

    found = state_on(shelf)
    assert found.instances == {"key-9": recorded(9)}
    assert found.pending == {}


def test_what_is_announced_while_another_run_takes_over_keeps_what_it_compares_with() -> None:
    shelf, announced = Shelf(), list[str]()
    first = hold(PaperBucket(shelf))
    first.note(Listed("seen", frozenset({7})))
    first.record(intent(1, "seen"), record(1), intent(2, "seen"))

    def meanwhile(call: str) -> str:
        if call == f"replace {KEY}" and not announced:  # what is put in place has not seen this
            announced.append(call)
            first.record(record(2), intent(3, "seen"))
        return DONE

    with pytest.raises(StateError), hold(PaperBucket(shelf, meanwhile), later=21) as second:
        second.record(record(2))  # by the listing; its number is the first run's
        second.record(intent(4))
    with hold(PaperBucket(shelf), later=42) as third:
        found = third.state()

    assert announced
    assert found.pending.keys() == {"key-3"}
    assert found.snapshots[f"{found.pending['key-3'].snapshot}"] == {7}


def test_a_state_that_is_rewritten_keeps_what_a_run_at_work_may_name() -> None:
    shelf = Shelf()
    hold(PaperBucket(shelf)).record(Listed("seen", frozenset({7})), intent(1, "seen"), record(1))
    with hold(PaperBucket(shelf), later=21) as second:
        second.rewrite(lambda state: state.after([Moved("key-1", "key-2")]))

    assert state_on(shelf).instances == {"key-2": recorded(1)}
    assert state_on(shelf).snapshots == {"seen": frozenset({7})}


def test_a_snapshot_goes_once_nobody_can_name_it_any_more() -> None:
    shelf = Shelf()
    hold(PaperBucket(shelf)).record(Listed("seen", frozenset({7})), intent(1, "seen"), record(1))
    with hold(PaperBucket(shelf), later=21):
        pass
    after_one_that_did_nothing = state_on(shelf).snapshots
    with hold(PaperBucket(shelf), later=42) as third:
        third.record(intent(2))

    assert after_one_that_did_nothing == {"seen": frozenset({7})}
    assert state_on(shelf).snapshots == {}


# --- stopped at every call ----------------------------------------------------------------------


class BucketTeller:
    """Tells a story to a store, and remembers what was confirmed and what was in flight."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.confirmed: list[Event] = []
        self.in_flight: list[Event] = []
        self.later = 0.0

    def tell(self, bucket: PaperBucket, make: type[ObjectBackend] = ObjectBackend) -> None:
        rest = iter(self.story)
        while self._session(rest, bucket, make):
            self.later += 60

    def _session(
        self, rest: Iterator[Event | str], bucket: PaperBucket, make: type[ObjectBackend]
    ) -> bool:
        with hold(bucket, later=self.later, make=make) as store:
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
        told = [self.confirmed, self.confirmed + self.in_flight]
        return [plain(base.after(events)) for events in told]


@pytest.mark.parametrize(
    "late", [0, pytest.param(1, marks=NIGHTLY), pytest.param(3, marks=NIGHTLY)]
)
def test_a_stop_at_any_call_loses_nothing_that_was_confirmed(late: int) -> None:
    for at in range(1, 500):
        shelf, teller = Shelf(late=late), BucketTeller(STORY)
        try:
            teller.tell(PaperBucket(shelf, fuse(at)))
        except Crash:
            _finds_all(shelf, teller)
        else:
            assert at > 50
            return


def _finds_all(shelf: Shelf, teller: BucketTeller) -> None:
    """The next run finds it, wherever it is stopped in its turn; and so does the one after it."""
    for at in range(1, 100) if BY_NIGHT else (4, 9, 100):
        again = shelf.copy()
        try:
            with hold(PaperBucket(again, fuse(at)), later=1000) as store:
                assert plain(store.state()) in teller.possible()
        except Crash:
            with hold(PaperBucket(again), later=2000) as store:
                assert plain(store.state()) in teller.possible()
        else:
            return


@pytest.mark.parametrize("fate", PUT_FATES)
def test_a_put_whose_answer_is_lost_counts_if_it_was_done(fate: str) -> None:
    story, calls = STORY, PaperBucket(Shelf())
    BucketTeller(story).tell(calls)
    for number, call in enumerate(calls.calls, 1):
        if call.split()[0] not in ("create", "replace") or ".probe" in call:
            continue
        shelf, teller = Shelf(), BucketTeller(story)
        try:
            teller.tell(PaperBucket(shelf, fates((number, fate))))
        except StateLocked:
            assert ".lock" in call
        except StateError as error:  # no answer, and nothing there: whoever asked was told
            assert fate == "lost before", call
            assert not isinstance(error, Overtaken)

        with hold(PaperBucket(shelf), later=1000) as store:
            assert plain(store.state()) in teller.possible(), call


@pytest.mark.parametrize("late", [0, 2])
def test_what_was_confirmed_is_confirmed_again_if_every_second_answer_is_lost(late: int) -> None:
    shelf, teller, seen = Shelf(late=late), BucketTeller(STORY), 0

    def step(call: str) -> str:
        nonlocal seen
        seen += 1
        lost = seen % 2 and call.startswith(("create", "replace")) and ".probe" not in call
        return "repeated" if lost else "done"

    teller.tell(PaperBucket(shelf, step))

    assert (
        plain(state_on(Shelf(objects=shelf.objects, history=[tuple(shelf.objects)])))
        == (teller.possible()[0])
    )


class ReadsNothingBack(PaperBucket):
    """A program that takes what its own put left there for another run's."""

    def get(self, key: str) -> StoredObject | None:
        found = super().get(key)
        return found and StoredObject(found.data, found.version, {**found.marks, "put": "other-1"})


def test_a_program_that_reads_nothing_back_is_caught() -> None:
    with pytest.raises(Overtaken), hold(ReadsNothingBack(Shelf(), _every_second())) as store:
        store.record(intent(1))
        store.record(record(1))


def _every_second() -> Callable[[str], str]:
    seen = 0

    def step(call: str) -> str:
        nonlocal seen
        seen += call.startswith("create") and ".journal" in call
        return "repeated" if seen % 2 and ".journal" in call else "done"

    return step
