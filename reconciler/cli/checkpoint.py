"""`--checkpoint COMMAND`: a command of the user's that takes the state file to safety."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.apply.checkpoint import Phase
from reconciler.errors import StateError
from reconciler.partner.settings import VARIABLE
from reconciler.places import Place


@dataclass(frozen=True, slots=True)
class ShellCheckpoint:
    """Runs *command* by `sh -c`. What it prints goes to stderr: stdout is the answer's."""

    command: str
    state: Place
    env: Mapping[str, str]

    def __call__(self, phase: Phase, announced: int) -> None:
        """Raise StateError unless it exits 0."""
        told = {
            "RECONCILER_STATE": str(self.state),
            "RECONCILER_ANNOUNCED": f"{announced}",
            "RECONCILER_PHASE": phase,
        }
        without_token = {name: each for name, each in self.env.items() if name != VARIABLE}
        sys.stderr.flush()
        code = subprocess.run(  # noqa: S602 - a shell is what the option promises
            self.command,
            shell=True,
            env={**without_token, **told},
            stdin=subprocess.DEVNULL,
            stdout=2,  # stderr
            start_new_session=True,  # Ctrl-C stops the launching, not a push half way
            check=False,
        ).returncode
        if code == 0:
            return
        ended = f"was killed by signal {-code}" if code < 0 else f"exited {code}"
        what = "nothing more was sent" if phase == "before" else "what was sent is recorded here"
        raise StateError(
            f"the checkpoint command {ended}, in phase {phase}; {what}",
            hint="its own words are above; once it succeeds, run this again",
        )
