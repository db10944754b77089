"""Waits until instances are ready, or linked: asks many of them at a time, again and again."""

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor
from concurrent.futures import wait as until_one
from dataclasses import dataclass
from heapq import heappop, heappush
from threading import Event as Flag

from reconciler.apply.ports import PartnerApi
from reconciler.evidence.states import Goal, Hopeless, NotYet, Reached, judge_state
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import InstanceAccess, InstanceCall, StateTold
from reconciler.partner.methods import GET_STATE_INSTANCE

Seen = Reached | Hopeless | NotYet


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often is asked, in seconds; *concurrency* instances at once."""

    timeout: float
    poll: float
    concurrency: int


def wait_for(
    goal: Goal,
    instances: Mapping[str, InstanceAccess],
    patience: Patience,
    *,
    api: PartnerApi,
    monotonic: Callable[[], float],
    jitter: Callable[[], float],
    stopping: Flag,
) -> Generator[tuple[str, Seen], None, None]:
    """Yield what each of *instances* was seen to be, each time it was asked, until all are as they
    should be or never will, or the time is up.

    An instance is asked again after about `poll` seconds, not in step with the others. Whoever
    leaves early has *stopping* set and waits for no answer.
    """

    def ask(access: InstanceAccess) -> StateTold | Unreadable:
        return api.read(GET_STATE_INSTANCE, InstanceCall(access), stopping=stopping)

    end = monotonic() + patience.timeout
    due = [(monotonic(), key) for key in instances]  # in order, so it is a heap
    asked: dict[Future[StateTold | Unreadable], str] = {}
    pool = ThreadPoolExecutor(patience.concurrency, thread_name_prefix="wait")
    try:
        while (due or asked) and (now := monotonic()) < end:
            while due and due[0][0] <= now and len(asked) < patience.concurrency:
                key = heappop(due)[1]
                asked[pool.submit(ask, instances[key])] = key
            pause = min(end, due[0][0] if due and len(asked) < patience.concurrency else end) - now
            if not asked:
                stopping.wait(pause)
                continue
            for answered in until_one(asked, timeout=pause, return_when=FIRST_COMPLETED).done:
                key = asked.pop(answered)
                seen = judge_state(answered.result(), goal)
                if isinstance(seen, NotYet):
                    later = patience.poll * (0.8 + 0.4 * jitter())
                    heappush(due, (monotonic() + later, key))
                yield key, seen
    finally:
        stopping.set()  # what is still asked is of no interest any more
        pool.shutdown(wait=False, cancel_futures=True)
