"""SIGINT and SIGTERM while creates are in flight: stop launching, wait, record; twice: leave."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from threading import Thread
from types import FrameType
from typing import Any, Final

from reconciler.apply.stop import Stop
from reconciler.cli.progress import Progress, Standing, beats, can_redraw, live
from reconciler.cli.session import Session
from reconciler.cli.streams import Narration
from reconciler.logs import is_terminal

_LEAVING: Final = 1.0  # seconds; a CI server that sent the second signal kills soon after


@contextmanager
def listening(
    stop: Stop, narrate: Callable[[str], None], progress: Progress, leave: Callable[[], None]
) -> Iterator[None]:
    """Turn the first signal into a request to *stop*, the second into an exit within a second,
    in which *leave* records and folds what it can.

    A handler may interrupt the main thread anywhere, locks held, so it only drops the number into
    a queue that is safe for that; a thread of its own acts on it.
    """
    mailbox: SimpleQueue[int | None] = SimpleQueue()

    def handler(number: int, frame: FrameType | None) -> None:
        mailbox.put(number)

    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    watcher = Thread(
        target=_watch, args=(mailbox, stop, narrate, progress, leave), daemon=True, name="signals"
    )
    watcher.start()
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
        mailbox.put(None)
        watcher.join()


def _watch(
    mailbox: "SimpleQueue[int | None]",
    stop: Stop,
    narrate: Callable[[str], None],
    progress: Progress,
    leave: Callable[[], None],
) -> None:
    first = mailbox.get()
    if first is None:
        return
    name = signal.Signals(first).name
    stop.request(f"stopped by {name}", signal=first)
    progress.stopping()
    flying = progress.standing().in_flight
    answers = "1 answer" if flying == 1 else f"{flying} answers"
    narrate(
        f"{name}: launching nothing more; waiting for {answers} to record"
        " (once more: leave now, and the next run asks the account)"
    )
    second = mailbox.get()
    if second is None:
        return
    progress.leave()
    narrate(f"{signal.Signals(second).name}: leaving; what is in flight is on record as unresolved")
    last = Thread(target=leave, daemon=True)
    last.start()
    last.join(_LEAVING)
    os._exit(128 + second)  # every record is on disk already; nothing is left to unwind


@contextmanager
def watching(total: int, session: Session) -> Iterator[Progress]:
    """Show that *total* creates go on: live on a terminal, a log line now and then elsewhere."""
    clock = session.clock().monotonic
    stderr = sys.stderr
    if isinstance(stderr, Narration) and can_redraw(stderr, session.env):
        display = live(total, narration=stderr, color=session.color_err, monotonic=clock)
    else:
        display = beats(total, say=partial(_say, session), monotonic=clock)
    session.listeners.append(display.handle)
    try:
        with display:
            yield display
    finally:
        session.listeners.remove(display.handle)


def _say(session: Session, standing: Standing) -> None:
    session.log.info("run_progressed", **dict[str, Any](standing.fields()))
    if is_terminal(sys.stderr) and session.quiet:
        session.narrate(standing.text())  # a dumb one, and somebody sits before it
