"""Commands of the user's that are run while a command of ours is at work.

`apply --checkpoint` takes the state to safety, `rotate --then` a new token to who needs it.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.apply.checkpoint import Phase
from reconciler.errors import StateError
from reconciler.model import Recorded
from reconciler.partner.settings import VARIABLE
from reconciler.places import Place
from reconciler.report.export import Exported, as_json
from reconciler.secrets import Secret


@dataclass(frozen=True, slots=True)
class ShellCheckpoint:
    """Runs *command* once all is announced in *state*, and at the end."""

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
        # Ctrl-C stops the launching, not a push half way.
        code = _run(self.command, self.env, told, apart=True)
        if code == 0:
            return
        ended = f"was killed by signal {-code}" if code < 0 else f"exited {code}"
        what = "nothing more was sent" if phase == "before" else "what was sent is recorded here"
        raise StateError(
            f"the checkpoint command {ended}, in phase {phase}; {what}",
            hint="its own words are above; once it succeeds, run this again",
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """Runs *command* for each new token. It finds the entry's key in RECONCILER_KEY, and in
    RECONCILER_EXPORT the path of a private file with the instance as `export` prints it."""

    command: str
    api_url: str | None
    env: Mapping[str, str]

    def __call__(self, key: str, recorded: Recorded, token: Secret) -> bool:
        """Return whether it exited 0."""
        instance = Exported.of(key, recorded, token, self.api_url)
        # mkstemp makes it readable for its owner alone, and it is gone before this returns.
        descriptor, path = tempfile.mkstemp(prefix="reconciler-", suffix=".json")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(as_json([instance]))
            told = {"RECONCILER_KEY": key, "RECONCILER_EXPORT": path}
            return _run(self.command, self.env, told) == 0
        finally:
            Path(path).unlink()


def _run(
    command: str, env: Mapping[str, str], told: Mapping[str, str], *, apart: bool = False
) -> int:
    """Run *command* by `sh -c`, without the partner token, *apart* from the terminal's signals
    and input; return its exit code. What it prints goes to stderr: stdout is the answer's."""
    without_token = {name: each for name, each in env.items() if name != VARIABLE}
    sys.stderr.flush()
    return subprocess.run(  # noqa: S602 - a shell is what the options promise
        command,
        shell=True,
        env={**without_token, **told},
        stdin=subprocess.DEVNULL if apart else None,
        stdout=2,  # stderr
        start_new_session=apart,
        check=False,
    ).returncode
