import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event as Flag
from threading import Thread, main_thread
from types import FrameType

import pytest

from reconciler.errors import StateError
from reconciler.state.model import State
from reconciler.state.store import read_state
from tests.state.paper_disk import FULL, PaperDisk, failing
from tests.state.parts import JOURNAL, TEMP, intent, open_store, record, recorded, until


def test_what_many_threads_record_is_complete_and_in_the_order_of_each(path: Path) -> None:
    def work(first: int) -> None:
        for number in range(first, first + 20):
            store.record(intent(number))
            store.record(record(number))

    with open_store(path) as store:
        with ThreadPoolExecutor(32) as pool:
            list(pool.map(work, range(0, 640, 20)))

        lines = path.with_name(JOURNAL).read_text().splitlines()[1:]
        assert len(lines) == 1280
        assert read_state(path) == store.state()
        assert len(store.state().instances) == 640
        assert not store.state().pending


class SlowDisk(PaperDisk):
    """Holds its first sync of the journal until it is told to go on."""

    def wait_for(self) -> None:
        self.reached, self.go_on = Flag(), Flag()

    def sync_data(self, fd: int) -> None:
        super().sync_data(fd)
        if not self.reached.is_set():
            self.reached.set()
            assert self.go_on.wait(10)


def test_those_who_come_during_a_sync_share_the_next(path: Path) -> None:
    disk = SlowDisk(path.parent)
    disk.wait_for()
    with open_store(path, disk=disk) as store:
        first = Thread(target=store.record, args=[record(0)])
        first.start()
        assert disk.reached.wait(10)
        others = [Thread(target=store.record, args=[record(n)]) for n in range(1, 32)]
        for thread in others:
            thread.start()
        until(lambda: len(store._waiting) == 31)
        disk.go_on.set()
        for thread in [first, *others]:
            thread.join()

        assert disk.steps.count(f"sync_data {JOURNAL}") == 2
        assert len(store.state().instances) == 32


def test_a_reader_beside_the_writer_always_sees_a_whole_state(path: Path) -> None:
    seen: list[State] = []
    done = Flag()

    def read() -> Iterator[State]:
        while not done.is_set():
            found = read_state(path)
            if found is not None:
                yield found

    with open_store(path) as store:
        reader = Thread(target=lambda: seen.extend(read()))
        reader.start()
        for number in range(60):
            store.record(record(number))
            if number % 4 == 3:
                store.fold()
        done.set()
        reader.join()

    assert [len(state.instances) for state in seen] == [state.serial for state in seen]
    assert [state.serial for state in seen] == sorted(state.serial for state in seen)


def test_one_who_is_interrupted_while_waiting_leaves_and_is_recorded_all_the_same(
    path: Path,
) -> None:
    disk = SlowDisk(path.parent)
    disk.wait_for()
    with open_store(path, disk=disk) as store:
        first = Thread(target=store.record, args=[record(0)])
        first.start()
        assert disk.reached.wait(10)
        beside = Thread(target=store.record, args=[record(2)])

        def interrupt() -> None:
            until(lambda: len(store._waiting) == 1)
            beside.start()
            until(lambda: len(store._waiting) == 2)
            signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)

        interrupter = Thread(target=interrupt)
        interrupter.start()
        with pytest.raises(KeyboardInterrupt):
            store.record(record(1))
        disk.go_on.set()
        for thread in (first, beside, interrupter):
            thread.join(10)
            assert not thread.is_alive()

        assert store.state().instances.keys() == {"key-0", "key-1", "key-2"}


def test_one_who_is_interrupted_before_it_asked_is_recorded_at_the_end(path: Path) -> None:
    def interrupt(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_name == "submit":
            raise KeyboardInterrupt

    with open_store(path) as store:
        store.record(intent(1))
        sys.setprofile(interrupt)
        try:
            with pytest.raises(KeyboardInterrupt):
                store.record(record(1))
        finally:
            sys.setprofile(None)

    found = read_state(path)
    assert found is not None
    assert found.instances == {"key-1": recorded(1)}


def test_nobody_is_told_that_it_was_recorded_though_the_rescue_fails(path: Path) -> None:
    disk = SlowDisk(path.parent)
    disk.wait_for()
    told: list[BaseException | None] = []

    def rescue(line: str) -> None:
        raise LookupError

    def tell(number: int) -> None:
        try:
            store.record(record(number))
        except (LookupError, StateError) as error:
            told.append(error)
        else:
            told.append(None)

    with open_store(path, disk=disk, rescue=rescue) as store:
        first = Thread(target=store.record, args=[record(0)])
        first.start()
        assert disk.reached.wait(10)
        others = [Thread(target=tell, args=[number]) for number in (1, 2)]
        for thread in others:
            thread.start()
        until(lambda: len(store._waiting) == 2)
        disk.refuse = failing(FULL, f"write {JOURNAL}", f"write {TEMP}")
        disk.go_on.set()
        for thread in [first, *others]:
            thread.join()
        disk.refuse = failing(FULL)

    assert len(told) == 2
    assert None not in told
