"""What state an instance is in at a moment. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from reconciler.sandbox.events import InstanceRow

# What an instance that is being born may look like, by the words of the setting `newborn`.
NEWBORN: Final = ("unauthorized", "missing", "null", "starting")


def settled_state(row: InstanceRow) -> str:
    """Return the state of an instance that neither restarts nor is being born."""
    if row.state is not None:
        return row.state
    if row.password is not None:
        return "pendingPassword"
    return "notAuthorized" if row.phone is None else "authorized"


def state_at(row: InstanceRow, now: datetime, newborn: Sequence[str]) -> str | None:
    """Return what getStateInstance says; None is `null`."""
    if row.state is None and now < row.ready_at:
        return "starting" if birth_phase(row, now, newborn) in (None, "starting") else None
    return settled_state(row)


def birth_phase(row: InstanceRow, now: datetime, newborn: Sequence[str]) -> str | None:
    """Return the phase of its birth that *row* is in, None after it.

    The phases *newborn* follow each other, each for an equal part of the time.
    """
    if row.rebooted or now >= row.ready_at:
        return None
    part = (now - row.created_at) / (row.ready_at - row.created_at)
    return newborn[min(int(part * len(newborn)), len(newborn) - 1)]


def logging_out(row: InstanceRow, now: datetime) -> bool:
    """Tell whether a logout of *row* is not over yet."""
    return row.logged_out_at is not None and now < row.logged_out_at
