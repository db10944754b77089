"""`rotate --then COMMAND`: a command of the user's that takes a new token to who needs it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.model import Recorded
from reconciler.partner.settings import VARIABLE
from reconciler.report.export import Exported, as_json
from reconciler.secrets import Secret


@dataclass(frozen=True, slots=True)
class Delivery:
    """Runs *command* by `sh -c`. It finds the entry's key in RECONCILER_KEY, and in
    RECONCILER_EXPORT the path of a private file with the instance as `export` prints it."""

    command: str
    api_url: str | None
    env: Mapping[str, str]

    def __call__(self, key: str, recorded: Recorded, token: Secret) -> bool:
        """Return whether it exited 0. What it prints goes to stderr: stdout is the answer's."""
        instance = Exported(
            key,
            recorded.name,
            recorded.id_instance,
            token,
            recorded.type_instance,
            recorded.extra.get("apiUrl", self.api_url),
            recorded.extra.get("mediaUrl"),
        )
        without_token = {name: each for name, each in self.env.items() if name != VARIABLE}
        # mkstemp makes it readable for its owner alone, and it is gone before this returns.
        descriptor, path = tempfile.mkstemp(prefix="reconciler-", suffix=".json")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(as_json([instance]))
            sys.stderr.flush()
            return (
                subprocess.run(  # noqa: S602 - a shell is what the option promises
                    self.command,
                    shell=True,
                    env={**without_token, "RECONCILER_KEY": key, "RECONCILER_EXPORT": path},
                    stdin=subprocess.DEVNULL,
                    stdout=2,  # stderr
                    check=False,
                ).returncode
                == 0
            )
        finally:
            Path(path).unlink()
