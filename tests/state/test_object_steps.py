"""A state in a bucket, step by step: which number is put, what is trusted, what is let alone."""

from collections.abc import Callable, Sequence
from datetime import datetime

import pytest

from reconciler.errors import StateError
from reconciler.model import Pending
from reconciler.state.backend import Overtaken, Version
from reconciler.state.bucket import StoredObject
from reconciler.state.ledger import FOLD_AT
from reconciler.state.loading import load
from reconciler.state.model import Addressed, Intent
from reconciler.state.objects import ObjectBackend
from tests.state.paper_bucket import DONE, LOST_AFTER, LOST_BEFORE, PaperBucket, Shelf
from tests.state.parts import NOW, SINCE, intent, record, recorded
from tests.state.test_objects import KEY, backend, hold, state_on

FOLDER = f"{KEY}.journal"


def numbers(shelf: Shelf) -> list[int]:
    """Return the numbers of the journal's objects."""
    return sorted(int(name[-12:]) for name in shelf.objects if name.startswith(f"{FOLDER}/"))


def now() -> datetime:
    return NOW


def held(shelf: Shelf, step: Callable[[str], str] = lambda call: DONE) -> ObjectBackend:
    """Return the place as a run holds it that has looked at it."""
    place = backend(PaperBucket(shelf, step))
    place.hold(0, now=now, warn=lambda message: None)
    place.look()
    return place


def let_go(shelf: Shelf) -> None:
    """Let the lease expire."""
    shelf.objects.pop(f"{KEY}.lock", None)


def seldom(verb: str, fate: str, *, at: int = 1, times: int = 1) -> Callable[[str], str]:
    """Give the calls that begin with *verb* that *fate*, from number *at* on, so many *times*."""
    seen = 0

    def step(call: str) -> str:
        nonlocal seen
        seen += call.startswith(verb)
        return fate if call.startswith(verb) and at <= seen < at + times else DONE

    return step


def test_a_run_that_left_its_journal_in_a_bucket_may_be_at_work_still() -> None:
    shelf = Shelf()
    frozen = hold(PaperBucket(shelf))
    frozen.record(intent(1))

    with hold(PaperBucket(shelf), later=60) as store:
        assert store.took_over
        assert store.state().pending["key-1"].exposed_until is None
        assert store.far

    with pytest.raises(Overtaken):
        frozen.close()


def test_a_journal_that_a_fold_could_not_remove_holds_nothing_new() -> None:
    shelf = Shelf()
    with hold(PaperBucket(shelf, seldom(f"delete {FOLDER}", LOST_BEFORE, times=99))) as store:
        store.record(intent(1))
        store.record(record(1))
    before = shelf.objects[KEY]

    with hold(PaperBucket(shelf)) as store:
        assert not store.took_over

    assert numbers(shelf) == [1, 2]
    assert shelf.objects[KEY] == before


def test_what_comes_while_the_first_state_is_put_goes_with_the_first_record() -> None:
    shelf = Shelf()

    def step(call: str) -> str:
        if call == f"create {KEY}":
            store.note(Addressed("https://api.example.com"))
        return DONE

    with hold(PaperBucket(shelf, step)) as store:
        store.record(intent(1))

        assert numbers(shelf) == [1]
        assert b"api.example.com" in shelf.objects[f"{FOLDER}/000000000001"].data


def test_a_long_journal_is_not_folded_before_the_end_for_it_stays_until_then() -> None:
    shelf = Shelf()
    bucket = PaperBucket(shelf)
    long = Pending("name-1", {"webhookUrl": "x" * FOLD_AT}, SINCE, None)

    with hold(bucket) as store:
        store.record(Intent("key-1", long))
        store.record(intent(2))

        assert numbers(shelf) == [1, 2]
        assert f"replace {KEY}" not in bucket.calls


def test_folded_journals_are_removed_at_the_end_together() -> None:
    shelf = Shelf()
    calls = PaperBucket(shelf)

    with hold(calls) as store:
        store.record(intent(1))
        store.fold()
        store.record(record(1))
        store.fold()
        assert numbers(shelf) == [1, 2]
        store.record(intent(2))

    assert {*shelf.objects} == {KEY}
    said = [call for call in calls.calls if call.startswith(f"delete {FOLDER}")]
    assert [int(call[-12:]) for call in said] == [1, 2, 3]


def test_what_a_run_could_not_remove_is_removed_by_the_next_that_folds() -> None:
    shelf = Shelf()
    with hold(PaperBucket(shelf, seldom(f"delete {FOLDER}", LOST_BEFORE))) as store:
        store.record(intent(1))
    assert numbers(shelf) == [1]

    with hold(PaperBucket(shelf)) as store:
        store.record(record(1))

    assert {*shelf.objects} == {KEY}


def test_what_no_state_holds_yet_is_left_where_it_is() -> None:
    shelf, folds = Shelf(), 0

    def step(call: str) -> str:
        nonlocal folds
        folds += call == f"replace {KEY}"
        return LOST_BEFORE if call == f"replace {KEY}" and folds > 1 else DONE

    store = hold(PaperBucket(shelf, step))
    store.record(intent(1))
    store.fold()
    store.record(record(1))

    with pytest.raises(StateError):
        store.close()

    assert numbers(shelf) == [2]


def test_a_state_whose_journal_is_folded_and_removed_while_it_is_read_is_read_again() -> None:
    shelf = Shelf()
    writer = hold(PaperBucket(shelf))
    writer.record(record(1))

    def step(call: str) -> str:
        if call == f"get {FOLDER}/000000000001" and numbers(shelf):
            writer.close()
        return DONE

    found = load(backend(PaperBucket(shelf, step)))

    assert found is not None
    assert found.state.instances == {"key-1": recorded(1)}


def test_a_state_that_nobody_folds_is_read_once() -> None:
    shelf, bucket = Shelf(), PaperBucket(Shelf())
    bucket.shelf = shelf
    writer = hold(PaperBucket(shelf))
    writer.record(intent(1))

    load(backend(bucket))

    assert bucket.calls.count(f"get {KEY}") == 1
    writer.close()


class Forgetful(PaperBucket):
    """Lists some names late."""

    late: tuple[int, ...] = ()

    def names(self, prefix: str) -> Sequence[str]:
        return [name for name in super().names(prefix) if int(name[-12:]) not in self.late]


@pytest.mark.parametrize("late", [(1,), (2,), (3,), (2, 3), (1, 2, 3)])
def test_what_a_late_listing_leaves_out_is_read_all_the_same(late: tuple[int, ...]) -> None:
    shelf = Shelf()
    frozen = hold(PaperBucket(shelf))
    frozen.record(record(1))
    frozen.record(record(3))
    frozen.record(intent(2))
    bucket = Forgetful(shelf)
    bucket.late = late

    with hold(bucket, later=60) as store:
        assert store.state().instances.keys() == {"key-1", "key-3"}
        assert list(store.state().pending) == ["key-2"]

    with pytest.raises(Overtaken):
        frozen.close()


def test_what_others_keep_beside_the_journal_is_none_of_it() -> None:
    strange = StoredObject(b"hello", Version("strange"), {})
    names = ("readme.txt", "0000000000007", "00000000000x", "more/000000000007")
    shelf = Shelf(objects={f"{FOLDER}/{name}": strange for name in names})
    shelf.changed()

    with hold(PaperBucket(shelf)) as store:
        store.record(intent(1))
        assert f"{FOLDER}/000000000001" in shelf.objects

    assert {name for name in shelf.objects if name != KEY} == {f"{FOLDER}/{name}" for name in names}


def test_conditions_are_tried_out_again_at_another_address() -> None:
    shelf = Shelf()
    with hold(PaperBucket(shelf)) as store:
        store.record(intent(1))
    copied = shelf.objects[KEY]
    marks = {**copied.marks, "conditions": "s3://elsewhere"}
    shelf.objects[KEY] = StoredObject(copied.data, copied.version, marks)
    again = PaperBucket(shelf)

    with hold(again) as store:
        store.record(record(1))
        store.record(intent(2))
        probes = [call for call in again.calls if call.startswith("create") and ".probe" in call]

    assert len(probes) == 2  # puts where something is, and none more for the second record


@pytest.mark.parametrize("lost", [LOST_AFTER, LOST_BEFORE])
def test_a_fold_of_which_nobody_knows_is_gone_on_from(lost: str) -> None:
    """Neither its put nor the look at what became of it is answered."""
    puts = 0

    def step(call: str) -> str:
        nonlocal puts
        puts += call == f"replace {KEY}"
        return lost if puts == 1 and call in (f"replace {KEY}", f"get {KEY}") else DONE

    shelf = Shelf()
    store = hold(PaperBucket(shelf, step))
    store.record(intent(1))
    with pytest.raises(StateError, match="no answer"):
        store.fold()
    puts = 2  # the network is back

    store.record(record(1))
    store.record(intent(2))
    store.fold()
    store.close()

    assert state_on(shelf).instances == {"key-1": recorded(1)}
    assert list(state_on(shelf).pending) == ["key-2"]


def test_a_state_of_ours_whose_put_was_not_answered_overtakes_nobody() -> None:
    shelf, cut = Shelf(), False
    with hold(PaperBucket(shelf)) as first:
        first.record(Addressed("https://a"))

    def step(call: str) -> str:
        return LOST_AFTER if cut and call.endswith(KEY) else DONE

    place = held(shelf, step)
    cut = True
    with pytest.raises(StateError, match="no answer"):
        place.replace(b"ours", expected=None)
    cut = False

    place.append(b"first", header=b"", answers=False)
    place.append(b"second", header=b"", answers=False)

    assert numbers(shelf) == [2, 3]
    assert place.replace(b"ours again", expected=None) == shelf.objects[KEY].version


# --- overtaken --------------------------------------------------------------------------------


def overtaken(shelf: Shelf) -> ObjectBackend:
    """Return a place whose next number, 2, another run has put meanwhile."""
    with hold(PaperBucket(shelf)) as first:
        first.record(Addressed("https://a"))
    place = held(shelf)
    let_go(shelf)
    other = hold(PaperBucket(shelf))
    other.record(intent(1))
    with pytest.raises(Overtaken):
        place.append(b"ours", header=b"", answers=False)
    return place


def test_a_run_that_was_overtaken_announces_and_replaces_nothing() -> None:
    shelf = Shelf()
    place = overtaken(shelf)
    before = dict(shelf.objects)

    with pytest.raises(Overtaken, match=r"another run took it over \(pid \d+ on"):
        place.append(b"ours", header=b"", answers=False)
    with pytest.raises(Overtaken):
        place.replace(b"ours", expected=None)
    with pytest.raises(Overtaken):
        place.check(None)

    assert shelf.objects == before


def test_answers_of_a_run_that_was_overtaken_follow_the_others_without_a_gap() -> None:
    shelf = Shelf()
    place = overtaken(shelf)

    place.append(b"first", header=b"", answers=True)
    place.append(b"second", header=b"", answers=True)

    assert numbers(shelf) == [2, 3, 4]
    assert [shelf.objects[f"{FOLDER}/{n:012}"].data for n in (3, 4)] == [b"first", b"second"]


def test_a_run_that_answers_find_others_number_taken_first_is_overtaken_by_that() -> None:
    shelf = Shelf()
    place = held(shelf)
    let_go(shelf)
    hold(PaperBucket(shelf)).record(intent(1))

    place.append(b"ours", header=b"", answers=True)

    assert numbers(shelf) == [1, 2]
    with pytest.raises(Overtaken):
        place.check(None)


def test_late_answers_of_another_run_overtake_nobody() -> None:
    shelf = Shelf()
    place = overtaken(shelf)
    place.append(b'{"format": "x"}', header=b"", answers=True)
    late = shelf.objects.pop(f"{FOLDER}/000000000003")
    shelf.objects.pop(f"{FOLDER}/000000000002")
    let_go(shelf)
    at_work = held(shelf)
    shelf.objects[f"{FOLDER}/{at_work_next(shelf):012}"] = late

    at_work.append(b"ours", header=b"", answers=False)

    at_work.check(None)
    assert len(numbers(shelf)) == 2


def at_work_next(shelf: Shelf) -> int:
    """Return the number that a run which has just looked will put next."""
    last = shelf.objects[KEY].marks.get("journal", "0")
    return max([int(last), *numbers(shelf)]) + 1


def test_a_state_that_was_removed_is_missed_before_anything_is_announced() -> None:
    shelf = Shelf()
    store = hold(PaperBucket(shelf))
    store.record(intent(1))
    del shelf.objects[KEY]

    with pytest.raises(Overtaken, match="the state was removed from there"):
        store.record(intent(2))
    store.close()

    assert KEY not in shelf.objects
