"""Sends the operations of a run, by way of checkpoints where they are asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reconciler.apply.checkpoint import Checkpoint, CheckpointedLaunch
from reconciler.apply.launch import Launcher, Witness
from reconciler.apply.operations import Operation
from reconciler.apply.ports import Clock, HeldState, Log, Options, PartnerApi
from reconciler.apply.server_clock import ServerClock
from reconciler.apply.stop import Stop
from reconciler.results import Result
from reconciler.state.model import ExposureEnded


@dataclass(slots=True)
class Sender:
    """What one run sends, kind after kind; *launching* is the last that a checkpoint holds."""

    store: HeldState
    options: Options
    clock: Clock
    server: ServerClock
    log: Log
    checkpoint: Checkpoint | None
    launching: CheckpointedLaunch | None = field(init=False, default=None)

    def send(
        self, operations: Sequence[Operation], witness: Witness, api: PartnerApi, stop: Stop
    ) -> tuple[list[Result], bool]:
        """Carry *operations* out; tell also whether the token was refused."""
        if not operations:
            return [], False
        launcher = Launcher(
            store=self.store,
            api=api,
            options=self.options,
            clock=self.clock,
            server=self.server,
            stop=stop,
            log=self.log,
            witness=witness,
        )
        if self.checkpoint is None:
            return launcher.run(operations).results, launcher.token_refused
        self.launching = CheckpointedLaunch(
            launcher, self.checkpoint, store=self.store, clock=self.clock
        )
        return self.launching.run(operations), launcher.token_refused

    def end(self) -> None:
        """Let the checkpoint take away what has become of it all; raise StateError."""
        if self.launching is not None:
            self.launching.end()

    def leave(self) -> None:
        """Record, at once, that what is in flight is given up, and fold; raise StateError."""
        if self.launching is not None:
            self.launching.withdraw()
        now = self.server.moment()
        self.store.record(
            *(
                ExposureEnded(key, now, "a second signal ended the wait for the answer")
                for key, pending in self.store.state().pending.items()
                if pending.exposed_until is None
            )
        )
        self.store.fold()
