"""The clocks of this machine; everything below the command line is handed them."""

import random
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from reconciler.apply.ports import Clock


def utc_now() -> datetime:
    """The current time, aware and in UTC."""
    return datetime.now(UTC)


def real_clock() -> Clock:
    """Return the real clock.

    Where sleep can't be counted, the boot is not named, and nothing is concluded from uptimes.
    """
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return Clock(
        now=utc_now,
        monotonic=time.monotonic,
        jitter=random.random,
        boot=_boot() if boottime is not None else None,
        uptime=time.monotonic if boottime is None else partial(time.clock_gettime, boottime),
    )


def _boot() -> str | None:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
