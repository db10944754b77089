"""Every item is sent, once and in order, and no thread waits for another's."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from reconciler.outbox import Outbox


class Gate(list[list[str]]):
    """Takes batches, but none until it is opened; *reached* once somebody comes with one."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self, batch: list[str]) -> None:
        self.reached.set()
        self.opened.wait()
        self.append(batch)

    @property
    def items(self) -> list[str]:
        return [item for batch in self for item in batch]


def test_a_thread_does_not_wait_for_anothers_item_and_its_own_is_sent_all_the_same() -> None:
    gate = Gate()
    outbox = Outbox(gate)
    slow = threading.Thread(target=outbox.put, args=("first",))
    slow.start()
    gate.reached.wait()

    outbox.put("second")  # would never return if it waited
    outbox.put("third")

    gate.opened.set()
    slow.join()
    assert gate == [["first"], ["second", "third"]]


def test_many_threads_lose_nothing_and_keep_their_order() -> None:
    sent: list[tuple[int, int]] = []
    outbox = Outbox(sent.extend)

    def talk(who: int) -> None:
        for number in range(500):
            outbox.put((who, number))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(talk, range(8)))

    assert sorted(sent) == [(who, number) for who in range(8) for number in range(500)]
    assert all([n for who, n in sent if who == each] == list(range(500)) for each in range(8))


def test_batches_go_together_and_are_all_sent_at_the_end() -> None:
    gate = Gate()
    gate.opened.set()
    outbox = Outbox(gate)
    items = [f"{number}" for number in range(1000)]

    with outbox.in_batches():
        for item in items:
            outbox.put(item)

    assert gate.items == items
    assert len(gate) < 100


def test_one_item_alone_does_not_wait_for_ever() -> None:
    gate = Gate()
    outbox = Outbox(gate)

    with outbox.in_batches():
        outbox.put("alone")
        gate.reached.wait()
        gate.opened.set()

    assert gate == [["alone"]]


def test_after_batches_items_are_sent_at_once_again() -> None:
    sent: list[str] = []
    outbox = Outbox(sent.extend)
    with outbox.in_batches():
        pass

    outbox.put("now")

    assert sent == ["now"]


def test_a_flush_sends_what_waits_for_company() -> None:
    sent: list[str] = []
    outbox = Outbox(sent.extend)

    with outbox.in_batches():
        outbox.put("soon")
        outbox.flush()
        outbox.flush()

        assert sent == ["soon"]


def test_what_fails_in_a_batch_is_told_at_its_end() -> None:
    reached = threading.Event()

    def fail(batch: list[str]) -> None:
        reached.set()
        raise ZeroDivisionError

    outbox = Outbox(fail)

    with pytest.raises(ZeroDivisionError), outbox.in_batches():
        outbox.put("one")
        reached.wait()
