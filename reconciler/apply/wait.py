"""Waits until instances are ready, or linked: asks many for their states, again and again."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from threading import Event as Flag

from reconciler.apply.asking import keep_asking
from reconciler.apply.ports import PartnerApi
from reconciler.evidence.states import Goal, Hopeless, NotYet, Reached, judge_state
from reconciler.partner.instances import InstanceAccess, InstanceCall
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
    should be or never will, or the time is up. One is asked again after about `poll` seconds, not
    in step with the others."""

    def ask(access: InstanceAccess) -> Seen:
        told = api.read(GET_STATE_INSTANCE, InstanceCall(access), stopping=stopping)
        return judge_state(told, goal)

    def pause(seen: Seen) -> float | None:
        return patience.poll * (0.8 + 0.4 * jitter()) if isinstance(seen, NotYet) else None

    return keep_asking(
        instances,
        ask,
        pause,
        seconds=patience.timeout,
        concurrency=patience.concurrency,
        monotonic=monotonic,
        stopping=stopping,
    )
