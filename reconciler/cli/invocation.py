"""What is known of a call from its first moment on, and what its errors need that end it early."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.places import Place
from reconciler.secrets import Environment, Secret, Sieve


def _pasted(env: Environment) -> Sieve:
    # people paste the token where a file or an option is meant, and errors repeat those
    return Sieve([Secret(env.get("GREEN_API_PARTNER_TOKEN", ""))])


@dataclass(slots=True)
class Invocation:
    """One run of the command line.

    *command* and *output*, the format that -o asked for, are those of the command once it was
    found and its options were read; *run_id* is there once it began. *report* is a file that gets
    the same document, where the command leaves writing it for a failure to whoever tells that.
    """

    env: Environment = field(default_factory=lambda: Environment(os.environ))
    sieve: Sieve = field(init=False)
    started: float = field(default_factory=time.monotonic)
    command: str = ""
    output: str = "text"
    report: Path | None = None
    run_id: str | None = None
    manifests: tuple[Path, ...] = ()  # named before the command
    state: Place | None = None  # likewise
    tokens_in_bucket: bool = False  # they may lie there in plain text

    def __post_init__(self) -> None:
        self.sieve = _pasted(self.env)
