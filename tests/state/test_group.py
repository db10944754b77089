import signal
from itertools import chain
from threading import Event, Thread, main_thread

import pytest

from reconciler.errors import StateError
from reconciler.state.group import Group, _Bell, _Entry
from tests.state.parts import until


class Commits:
    """Remembers its batches, and holds the first until it is told to go on."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go_on = Event()
        self.error: BaseException | None = None

    def __call__(self, batch: list[int]) -> None:
        self.batches.append(batch)
        assert self.go_on.wait(10)
        if self.error is not None and len(self.batches) == 2:
            raise self.error


def submitting(group: Group[int], number: int, failed: list[BaseException]) -> Thread:
    def run() -> None:
        try:
            group.submit(number)
        except (ValueError, StateError, KeyboardInterrupt) as error:
            failed.append(error)

    thread = Thread(target=run)
    thread.start()
    return thread


def crowd(commits: Commits) -> tuple[Group[int], list[Thread], list[BaseException]]:
    """One that leads, and eight that wait."""
    group: Group[int] = Group(commits)
    failed: list[BaseException] = []
    threads = [submitting(group, 0, failed)]
    until(lambda: len(commits.batches) == 1)
    threads += [submitting(group, number, failed) for number in range(1, 9)]
    until(lambda: len(group._waiting) == 8)
    return group, threads, failed


def finish(commits: Commits, threads: list[Thread]) -> None:
    commits.go_on.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_one_alone_is_committed_at_once() -> None:
    commits = Commits()
    commits.go_on.set()
    group: Group[int] = Group(commits)

    group.submit(1)
    group.submit(2)

    assert commits.batches == [[1], [2]]


def test_those_who_come_during_a_commit_are_committed_together() -> None:
    commits = Commits()
    group, threads, failed = crowd(commits)

    finish(commits, threads)

    assert [len(batch) for batch in commits.batches] == [1, 8]
    assert sorted(chain.from_iterable(commits.batches)) == list(range(9))
    assert failed == []
    group.submit(9)
    assert commits.batches[-1] == [9]


def test_what_a_commit_raises_reaches_everybody_in_it() -> None:
    commits = Commits()
    commits.error = ValueError()
    group, threads, failed = crowd(commits)

    finish(commits, threads)

    assert failed == [commits.error] * 8
    group.submit(9)
    assert commits.batches[-1] == [9]


def test_an_interrupt_hits_one_and_fails_the_others() -> None:
    commits = Commits()
    commits.error = KeyboardInterrupt()
    group, threads, failed = crowd(commits)

    finish(commits, threads)

    assert sorted(map(type, failed), key=str) == [KeyboardInterrupt] + [StateError] * 7
    group.submit(9)
    assert commits.batches[-1] == [9]


class Interrupted(_Bell):
    """To be woken is to be interrupted: a signal came in that moment."""

    def wait(self) -> None:
        super().wait()
        raise KeyboardInterrupt


@pytest.mark.parametrize("others", [0, 3])
def test_one_who_is_interrupted_when_it_is_to_lead_holds_nobody_up(others: int) -> None:
    commits = Commits()
    group: Group[int] = Group(commits)
    failed: list[BaseException] = []
    threads = [submitting(group, 0, failed)]
    until(lambda: len(commits.batches) == 1)
    entry = _Entry(1)
    entry.woken = Interrupted()
    group._waiting.append(entry)
    threads.append(Thread(target=waiting_until_interrupted, args=[group, entry]))
    threads[-1].start()
    threads += [submitting(group, number, failed) for number in range(2, 2 + others)]
    until(lambda: len(group._waiting) == 1 + others)

    finish(commits, threads)
    group.submit(9)

    assert sorted(chain.from_iterable(commits.batches)) == [*range(2 + others), 9]


def waiting_until_interrupted(group: Group[int], entry: _Entry[int]) -> None:
    with pytest.raises(KeyboardInterrupt):
        group._wait(entry)


def test_one_who_is_interrupted_while_waiting_leaves_the_rest_as_they_are() -> None:
    commits = Commits()
    group, threads, failed = crowd(commits)

    def interrupt() -> None:
        until(lambda: len(group._waiting) == 9)
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)

    threads.append(Thread(target=interrupt))
    threads[-1].start()
    with pytest.raises(KeyboardInterrupt):
        group.submit(9)
    finish(commits, threads)

    assert sorted(chain.from_iterable(commits.batches)) == list(range(10))
    assert failed == []
