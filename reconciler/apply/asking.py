"""Asks many instances something at a time: each once, or each as often as it takes."""

from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed
from concurrent.futures import wait as until_one
from heapq import heappop, heappush
from threading import Event as Flag
from typing import TypeVar

from reconciler.partner.instances import InstanceAccess

Key = TypeVar("Key")
Told = TypeVar("Told")


def ask_all(
    instances: Mapping[Key, InstanceAccess],
    ask: Callable[[InstanceAccess], Told],
    *,
    concurrency: int,
    stopping: Flag,
) -> Iterator[tuple[Key, Told]]:
    """Yield what each of *instances* tells, as the answers come; *concurrency* are asked at once.

    Whoever leaves early, by a signal for example, has *stopping* set and waits for nobody.
    """
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="ask")
    try:
        asked = {pool.submit(ask, access): key for key, access in instances.items()}
        for answered in as_completed(asked):
            yield asked[answered], answered.result()
    except BaseException:
        stopping.set()
        raise
    finally:
        pool.shutdown(wait=not stopping.is_set(), cancel_futures=True)


def keep_asking(
    instances: Mapping[str, InstanceAccess],
    ask: Callable[[InstanceAccess], Told],
    pause_after: Callable[[Told], float | None],
    *,
    seconds: float,
    concurrency: int,
    monotonic: Callable[[], float],
    stopping: Flag,
) -> Generator[tuple[str, Told], None, None]:
    """Yield what each of *instances* tells, each time it is asked, until none is to be asked again
    or the *seconds* are over.

    *pause_after* says in how many seconds the one that told something is asked again, if at all: a
    slow one keeps no other waiting. Whoever leaves early has *stopping* set and waits for nobody.
    """
    end = monotonic() + seconds
    due = [(monotonic(), key) for key in instances]  # in order, so it is a heap
    asked: dict[Future[Told], str] = {}
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="ask")
    try:
        while (due or asked) and (now := monotonic()) < end:
            while due and due[0][0] <= now and len(asked) < concurrency:
                key = heappop(due)[1]
                asked[pool.submit(ask, instances[key])] = key
            rest = min(end, due[0][0] if due and len(asked) < concurrency else end) - now
            if not asked:
                stopping.wait(rest)
                continue
            for answered in until_one(asked, timeout=rest, return_when=FIRST_COMPLETED).done:
                key, told = asked.pop(answered), answered.result()
                if (pause := pause_after(told)) is not None:
                    heappush(due, (monotonic() + pause, key))
                yield key, told
    finally:
        stopping.set()  # what is still asked is of no interest any more
        pool.shutdown(wait=False, cancel_futures=True)
