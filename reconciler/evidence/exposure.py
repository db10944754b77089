"""For how long no request of an unresolved create can have been on its way.

An instance that the account does not list may be made yet while its request is on its way: by a
process that was frozen before it sent it, or by a slow server. So what is not listed counts as not
created only some time after that was over.
"""

from datetime import datetime
from typing import Final

from reconciler.model import Moment, Pending

HOUR: Final = 3600.0  # seconds; wall clocks that nothing confirms may differ by less than that


def is_over(pending: Pending, now: Moment, *, settled_after: float, timeout: float) -> bool:
    """Whether the exposure of *pending* ended at least *settled_after* seconds before *now*.

    Its run gave each answer up after *timeout* seconds, all the same.
    """
    age, confirmed = _age(pending, now, timeout)
    return age >= (settled_after if confirmed else max(settled_after, HOUR))


def _age(pending: Pending, now: Moment, timeout: float) -> tuple[float, bool]:
    """Return the smallest age that any clock tells, and whether one tells it beside the wall's,
    which anybody may set."""
    ended = pending.exposed_until
    if ended is None:  # by a run elsewhere, as far as is known: it may have sent it at the last
        last = pending.launch_until or pending.since
        return _seconds(last, now.wall) - timeout, False
    ages = [_seconds(ended.wall, now.wall)]
    if ended.boot is not None and ended.boot == now.boot:
        ages.append(now.uptime - ended.uptime)
    elif ended.server is not None and now.server is not None:
        ages.append(_seconds(ended.server, now.server))
    return min(ages), len(ages) > 1


def _seconds(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
