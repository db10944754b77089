"""The server of `benchmarks.server` in a process of its own, and what clients are told of it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from benchmarks.environment import REPOSITORY, Environment
from benchmarks.harness import Command
from benchmarks.inputs import ENV, write_manifest

TOKEN: Final = "gac.0123456789abcdef0123456789abcdef"
# Without bounds: it is the program that is measured, not the caution of its defaults.
UNBOUND: Final = ("--yes", "--rate", "0", "--max-creates", "1000000", "--no-ci")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    url: str

    @property
    def env(self) -> dict[str, str]:
        """What the command needs to reach it."""
        return {**ENV, "GREEN_API_PARTNER_URL": self.url, "GREEN_API_PARTNER_TOKEN": TOKEN}

    def creates(self) -> int:
        """Return how many creates came so far."""
        with urlopen(f"{self.url}/count") as answer:  # noqa: S310 - our own server
            return int(answer.read())


@contextmanager
def serving(seconds: float, *, rows: int = 0) -> Iterator[Server]:
    """Run a server that takes *seconds* for an answer, and lists so many *rows*."""
    command = [sys.executable, "-m", "benchmarks.server", str(seconds), str(rows)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield Server(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.kill()


def applying(
    environment: Environment, server: Server, folder: Path, count: int, *options: str
) -> Command:
    """Return an apply of *count* entries into a state that does not exist yet."""
    folder.mkdir()
    write_manifest(folder / "instances.yaml", count)
    script = folder / "apply.sh"
    script.write_text(
        "#!/bin/sh\nrm -f instances.state.json*\n"
        f'exec "{environment.reconciler}" apply {" ".join((*UNBOUND, *options))}\n'
    )
    script.chmod(0o755)
    return Command(["./apply.sh"], server.env, folder)
