"""Asks many instances something at a time."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
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
