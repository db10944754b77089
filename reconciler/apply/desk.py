"""One worker's way to the disk, on which an answer and the next intent may go together."""

from collections.abc import Callable
from typing import NamedTuple

from reconciler.apply.ports import Store
from reconciler.model import Desired, Outcome
from reconciler.state.model import Event, Record


class Desk:
    """For one worker. *done* is told of each entry once what became of it is on disk.

    Where the next request may leave at once, the record of an instance and the next intent need
    one sync, not two, and the worker waits once for it. Whoever has to wait for anything else
    clears the desk first.
    """

    def __init__(self, store: Store, done: Callable[[Desired, Outcome], None]) -> None:
        self._store, self.done = store, done
        self._held: _Held | None = None

    def hold(self, entry: Desired, outcome: Outcome, record: Record) -> None:
        """Keep *record* for the next write, which must follow at once."""
        self._held = _Held(entry, outcome, record)

    def write(self, *events: Event) -> None:
        """Make durable what is held, then *events*; raise StateError."""
        held, self._held = self._held, None  # whatever happens to it, the store sees to it
        if held is None:
            self._store.record(*events)
        else:
            self._store.record(held.record, *events)
            self.done(held.entry, held.outcome)

    def clear(self) -> None:
        """Make durable what is held, now."""
        if self._held is not None:
            self.write()


class _Held(NamedTuple):
    entry: Desired
    outcome: Outcome
    record: Record
