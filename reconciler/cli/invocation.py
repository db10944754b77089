"""What is known of a call from its first moment on, and what its errors need that end it early."""

import os
from dataclasses import dataclass, field

from reconciler.secrets import Environment, Secret, Sieve


def _pasted(env: Environment) -> Sieve:
    # people paste the token where a file or an option is meant, and errors repeat those
    return Sieve([Secret(env.get("GREEN_API_PARTNER_TOKEN", ""))])


@dataclass(slots=True)
class Invocation:
    """One run of the command line. *output* is the format that -o asked for, once it was read."""

    env: Environment = field(default_factory=lambda: Environment(os.environ))
    sieve: Sieve = field(init=False)
    output: str = "text"

    def __post_init__(self) -> None:
        self.sieve = _pasted(self.env)
