"""How often something is looked at that takes its time, and for how long."""

from collections.abc import Callable, Iterator
from threading import Event as Flag
from typing import Final

_FIRST_PAUSE: Final = 0.5  # seconds
_LONGEST_PAUSE: Final = 10.0


def looks(
    monotonic: Callable[[], float], interrupted: Flag, pauses: Iterator[float], *, seconds: float
) -> Iterator[bool]:
    """Yield each time that a look is due, *pauses* apart: whether it is the last.

    The last one comes when *seconds* are over; none comes any more once a signal *interrupted*.
    """
    end, last = monotonic() + seconds, False
    while not (last or interrupted.is_set()):
        last = monotonic() >= end
        yield last
        interrupted.wait(max(min(next(pauses), end - monotonic()), 0))


def longer_and_longer() -> Iterator[float]:
    """Yield pauses for what shows soon, or not for long."""
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 1.7, _LONGEST_PAUSE)
