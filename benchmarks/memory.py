"""Does an apply's memory stay flat? 10,000 creates; at the end against at the first thousand."""

import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.environment import Environment, clean_env, environment
from benchmarks.harness import Command, Sample
from benchmarks.report import Figure, Found, Row, show
from benchmarks.serving import Server, applying, serving

ALL, EARLY = 10_000, 1_000


def measure(place: Environment, *, rounds: int = 3) -> Found:
    with tempfile.TemporaryDirectory() as scratch, serving(0) as server:
        command = applying(place, server, Path(scratch, "apply"), ALL)
        seen = [_watch(command, server) for _ in range(rounds)]
    early, last = (Sample(values) for values in zip(*seen, strict=True))
    times = Sample(tuple(after / before for before, after in seen))
    return Found(
        "Does an apply's memory stay flat?",
        [
            Row(f"resident at {EARLY} created", early, "MiB"),
            Row(f"most resident until {ALL} created", last, "MiB"),
        ],
        [Figure("apply of 10,000: memory at the end / at 1,000", times, 1.3)],
    )


def _watch(command: Command, server: Server) -> tuple[float, float]:
    """Return how much was resident early, and the most that was until the end."""
    before = server.creates()
    early = 0.0
    most = 0.0
    with subprocess.Popen(
        command.args,
        env=clean_env(command.env),
        cwd=command.cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None:
            now = _resident(process.pid)
            most = max(most, now)
            if not early and server.creates() - before >= EARLY:
                early = now
            time.sleep(0.02)
    assert process.returncode == 0
    return early, most


def _resident(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


if __name__ == "__main__":
    show(measure(environment()))
