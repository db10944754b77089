"""Two runs at once on one bucket, each of which believes that the other's lease has expired.

They take turns at every call, in every order that is tried; whatever the order, nothing is bought
twice, and no answer is lost. Programs that are wrong in one way each show that this would be seen.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from threading import Condition, Thread
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.errors import ReconcilerError, StateError
from reconciler.state.backend import Version
from reconciler.state.bucket import StoredObject
from reconciler.state.loading import load
from reconciler.state.model import Listed
from reconciler.state.objects import ObjectBackend
from tests.nightly import BY_NIGHT, NIGHTLY
from tests.state.paper_bucket import DONE, PUT_FATES, PaperBucket, Shelf
from tests.state.paper_disk import Crash
from tests.state.parts import intent, record, token_of
from tests.state.test_objects import KEY, hold

KEYS: Final = (1, 2, 3)


class Turns:
    """Lets one actor go on at a time: the one that *order* says, anybody once it has ended."""

    def __init__(self, order: Iterator[int], actors: int) -> None:
        self._order, self._alive = order, set(range(actors))
        self._changed = Condition()
        self._next = self._draw()

    def take(self, actor: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._next == actor)
            self._next = self._draw()
            self._changed.notify_all()

    def end(self, actor: int) -> None:
        with self._changed:
            self._alive.discard(actor)
            if self._next == actor:
                self._next = self._draw()
            self._changed.notify_all()

    def _draw(self) -> int:
        for actor in self._order:
            if actor in self._alive:
                return actor
        return min(self._alive, default=-1)


@dataclass
class Market:
    """What was bought, and what was answered or is lost with its run."""

    bill: Counter[int] = field(default_factory=Counter)
    answered: set[int] = field(default_factory=set)
    rescued: list[str] = field(default_factory=list)


@dataclass
class Actor:
    """A run that buys what is neither recorded nor announced, and folds now and then."""

    number: int
    shelf: Shelf
    turns: Turns
    market: Market
    make: type[ObjectBackend]
    fates: dict[int, str]
    killed_at: int | None
    ended: BaseException | None = None
    calls: int = 0

    def run(self) -> None:
        try:
            self._buy()
        except (ReconcilerError, Crash) as error:
            self.ended = error
        finally:
            self.turns.end(self.number)

    def _buy(self) -> None:
        bucket = PaperBucket(self.shelf, self._step)
        later, rescue = 60.0 * self.number, self.market.rescued.append
        with hold(bucket, later=later, rescue=rescue, make=self.make) as store:
            state, seen = store.state(), f"seen by {self.number}"
            store.note(Listed(seen, frozenset({self.number})))
            for key in KEYS:
                if f"key-{key}" in state.instances or f"key-{key}" in state.pending:
                    continue
                store.record(intent(key, snapshot=seen))
                self.market.bill[key] += 1
                self._step("the answer")  # takes a while
                self.market.answered.add(key)
                try:
                    store.record(record(key))
                except Crash:
                    self.market.answered.discard(key)
                    raise
                if key == 2:
                    store.fold()

    def _step(self, call: str) -> str:
        self.turns.take(self.number)
        self.calls += 1
        if self.killed_at is not None and self.calls >= self.killed_at:
            raise Crash(call)
        puts = call.startswith(("create", "replace")) and ".probe" not in call
        return self.fates.get(self.calls, DONE) if puts else DONE


def play(
    order: Iterator[int],
    *,
    make: type[ObjectBackend] = ObjectBackend,
    late: int = 0,
    fates: tuple[dict[int, str], dict[int, str]] = ({}, {}),
    killed: tuple[int | None, int | None] = (None, None),
) -> tuple[Actor, ...]:
    """Let two runs go in that *order*, and a third one look; raise AssertionError."""
    shelf, market = Shelf(late=late), Market()
    turns = Turns(order, 2)
    actors = tuple(
        Actor(number, shelf, turns, market, make, fates[number], killed[number])
        for number in (0, 1)
    )
    threads = [Thread(target=actor.run, daemon=True) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    shelf.late = 0
    _judge(shelf, market)
    return actors


def _judge(shelf: Shelf, market: Market) -> None:
    assert {key: count for key, count in market.bill.items() if count > 1} == {}
    with hold(PaperBucket(shelf), later=1000) as store:
        state = store.state()
    said = "\n".join(market.rescued)
    for key in market.bill:
        recorded = state.instances.get(f"key-{key}")
        if key in market.answered:
            token = token_of(key)
            assert (recorded and recorded.token == token) or token.reveal() in said
        elif recorded is None:  # by its snapshot the next run knows what is new
            assert state.pending[f"key-{key}"].snapshot in state.snapshots
    found = load(ObjectBackend(PaperBucket(shelf), KEY))
    assert found is None or found.state.instances == state.instances


def slices(first: int, second: int, third: int = 1000) -> Iterator[int]:
    """One goes so many calls, then the other, then the first again, then the other to its end."""
    yield from [0] * first + [1] * second + [0] * third + [1] * 1000


STEPS: Final = range(1, 48)


def test_a_run_that_is_frozen_at_any_call_while_another_one_works_buys_nothing_twice() -> None:
    for frozen_at in STEPS:
        first, second = play(slices(frozen_at, 1000))

        assert not isinstance(second.ended, Crash)
        assert first.ended is None or getattr(first.ended, "exit_code", 0) == 7


def test_what_is_announced_while_another_run_takes_over_keeps_what_it_compares_with() -> None:
    for first, second in product(*((STEPS, STEPS) if BY_NIGHT else (range(11, 18), range(8, 12)))):
        for survived in range(1, 14 if BY_NIGHT else 6):
            play(slices(first, second), killed=(first + survived, None))


@NIGHTLY
@pytest.mark.parametrize("late", [0, 2])
def test_two_runs_that_meet_at_any_two_calls_buy_nothing_twice(late: int) -> None:
    for first, second, third in product(STEPS, STEPS, (3, 1000)):
        play(slices(first, second, third), late=late)


orders = st.lists(st.sampled_from((0, 1)), max_size=140)
lost = st.dictionaries(st.integers(1, 60), st.sampled_from(PUT_FATES), max_size=3)
kills = st.none() | st.integers(1, 60)


@settings(deadline=None, max_examples=3000 if BY_NIGHT else 60)
@given(orders, st.sampled_from((0, 0, 1, 3)), st.tuples(lost, lost), st.tuples(kills, kills))
def test_two_runs_in_any_order_buy_nothing_twice_and_lose_no_answer(
    order: Sequence[int],
    late: int,
    fates: tuple[dict[int, str], dict[int, str]],
    killed: tuple[int | None, int | None],
) -> None:
    play(iter(order), late=late, fates=fates, killed=killed)


# --- programs that are wrong in one way ---------------------------------------------------------


class PutsUnconditionally(ObjectBackend):
    """Puts its journal over whatever is there."""

    def _create(self, name: str, data: bytes, marks: dict[str, str]) -> StoredObject | None:
        del name, marks
        with suppress(Exception):
            self._bucket.delete([self._name_of(self._next)])
        return super()._create(self._name_of(self._next), data, self._marks())


class LooksNotAfterwards(ObjectBackend):
    """Trusts a number that was free, though it may have been freed by a fold."""

    def _look_whether_replaced(self) -> None:
        pass


class NumbersAnew(ObjectBackend):
    """Begins at 1 after each fold."""

    def replace(self, data: bytes, *, expected: Version | None) -> Version:
        version = super().replace(data, expected=expected)
        self._next = 1
        return version

    def _look_whether_replaced(self) -> None:
        pass


class RemovesAll(ObjectBackend):
    """Removes what it never read with the rest of the journal."""

    def replace(self, data: bytes, *, expected: Version | None) -> Version:
        version = super().replace(data, expected=expected)
        self._bucket.delete([self._name_of(number) for number in self._numbers()])
        return version


MUTANTS: Final = (PutsUnconditionally, LooksNotAfterwards, NumbersAnew, RemovesAll)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_program_that_is_wrong_is_caught(mutant: type[ObjectBackend]) -> None:
    assert _is_caught(slices, mutant)


def _is_caught(order: Callable[[int, int], Iterator[int]], mutant: type[ObjectBackend]) -> bool:
    for first, second in product(STEPS, (1000, *range(4, 40, 3))):
        try:
            play(order(first, second), make=mutant)
        except (AssertionError, StateError):
            return True
    return False
