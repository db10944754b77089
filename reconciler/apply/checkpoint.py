"""Take the state to safety before money is spent: for machines whose disk dies with the job.

Everything that will be sent is announced and folded into the state file; then a command takes that
file away, to git for example. Only if it succeeds does the first request leave, and none leaves
once ten minutes are over: what is left is announced anew, and the command runs again.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final, Literal, Protocol

from reconciler.apply.launch import Launcher
from reconciler.apply.operations import Operation
from reconciler.apply.ports import Clock, HeldState, stamp
from reconciler.errors import StateError
from reconciler.model import NotSent
from reconciler.results import Result
from reconciler.state.model import Event

WINDOW: Final = 600.0  # seconds in which what one checkpoint holds may be launched

Phase = Literal["before", "after"]


class Checkpoint(Protocol):
    """Takes the state file away. *announced* is how many operations it holds as announced."""

    def __call__(self, phase: Phase, announced: int) -> None:
        """Raise StateError if that fails: then nothing may be sent."""


class CheckpointedLaunch:
    """Launches operations that a checkpoint holds."""

    def __init__(
        self, launcher: Launcher, checkpoint: Checkpoint, *, store: HeldState, clock: Clock
    ) -> None:
        self._launcher, self._checkpoint = launcher, checkpoint
        self._store, self._clock = store, clock
        self._waiting: Sequence[Operation] = ()  # announced, as far as no worker has taken them

    def run(self, operations: Sequence[Operation]) -> list[Result]:
        """Carry *operations* out; raise StateError, also when a checkpoint fails."""
        results, left = list[Result](), operations
        try:
            while left:
                until = self._clock.uptime() + WINDOW
                intents = self._intents(left)
                self._waiting = left
                self._launcher.taken_up.clear()
                self._store.record(*intents)
                self._store.fold()
                self._checkpoint("before", len(left))
                # In the journal, too: who finds it there knows that this run is dead.
                self._store.record(*intents)
                launched = self._launcher.run(left, until=until)
                results += launched.results
                left = launched.left
        finally:
            with suppress(StateError):  # which was told already: it is why this ends
                self.withdraw()
        return results

    def withdraw(self) -> None:
        """Record as not sent what is announced and was not launched: only a killed run leaves it
        for the next to ask about."""
        unsent = [each for each in self._waiting if each.key not in self._launcher.taken_up]
        self._waiting = ()
        now = self._clock.moment()
        settled = [each.settled(NotSent("announced and not launched"), now) for each in unsent]
        self._store.record(*(event for event in settled if event is not None))

    def end(self) -> None:
        """Let the command take away what has become of it all; raise StateError."""
        self._store.fold()
        self._checkpoint("after", len(self._store.state().pending))

    def _intents(self, operations: Sequence[Operation]) -> list[Event]:
        now = self._clock.now()
        begin, end = stamp(now), stamp(now + timedelta(seconds=WINDOW))
        return [each.intent(begin, end) for each in operations]
