"""What the tests of the state are made of."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from reconciler.model import Moment, Origin, Pending, Recorded, Token
from reconciler.secrets import Secret
from reconciler.state.disk import Disk
from reconciler.state.file import FileBackend
from reconciler.state.model import Intent, Record, State
from reconciler.state.sealing import Sealer
from reconciler.state.store import Store

NOW: Final = datetime(2026, 11, 22, 10, 6, tzinfo=UTC)
SINCE: Final = "2026-11-22T10:06:00Z"
NAME: Final = "instances.state.json"
JOURNAL: Final = f"{NAME}.journal"
LOCK: Final = f"{NAME}.lock"
TEMP: Final = f"{NAME}.tmp"


def token_of(number: int) -> Secret:
    return Secret(f"{number:050x}")


def recorded(
    number: int, *, token: Token | None = None, origin: Origin = Origin.CREATED
) -> Recorded:
    return Recorded(
        id_instance=1101728000 + number,
        token=token or token_of(number),
        type_instance="whatsapp",
        name=f"name-{number}",
        parameters={"webhookUrl": "https://hooks.example.com/", "incomingWebhook": "yes"},
        created_at=SINCE,
        origin=origin,
    )


def record(number: int) -> Record:
    return Record(f"key-{number}", recorded(number))


def intent(number: int, snapshot: str | None = None) -> Intent:
    pending = Pending(f"name-{number}", {"incomingWebhook": "yes"}, SINCE, snapshot)
    return Intent(f"key-{number}", pending)


def names(path: Path) -> list[str]:
    """The files beside the state, itself included."""
    return sorted(each.name for each in path.parent.iterdir())


TAKEN_OVER: Final = Moment("2026-11-22T10:06:00Z")


def taken_over(pending: Pending) -> Pending:
    """Return *pending* as it is once another run has found its journal."""
    return replace(pending, exposed_until=TAKEN_OVER)


def as_left(state: State) -> State:
    """Return *state* without what the run that takes it over adds: that no request of the run that
    died is on its way any more."""
    pending = {key: replace(each, exposed_until=None) for key, each in state.pending.items()}
    return replace(state, serial=0, pending=pending)


def no_rescue(line: str) -> None:
    raise AssertionError("nothing was to be rescued")


def no_warning(message: str) -> None:
    raise AssertionError(message)


def open_store(
    path: Path,
    *,
    disk: Disk | None = None,
    sealer: Sealer | None = None,
    lock_timeout: float = 0,
    rescue: Callable[[str], None] = no_rescue,
    warn: Callable[[str], None] = no_warning,
    now: Callable[[], datetime] = lambda: NOW,
) -> Store:
    return Store.hold(
        FileBackend(path, disk=disk or Disk()),
        now=now,
        moment=lambda: TAKEN_OVER,
        new_lineage=lambda: "0b6c1f2e",
        lock_timeout=lock_timeout,
        sealer=sealer,
        rescue=rescue,
        warn=warn,
    )


def until(condition: Callable[[], bool]) -> None:
    """Give way to other threads until *condition* holds; give up after ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        os.sched_yield()
