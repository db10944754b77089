"""What does it cost that every record is durable first? On a disk that takes 10 ms for a sync."""

import tempfile
from pathlib import Path

from benchmarks.apply_latency import CONCURRENCY, CREATES, LATENCY
from benchmarks.environment import Environment, environment
from benchmarks.harness import Command, in_turns, ratio
from benchmarks.report import Figure, Found, rows_of, show
from benchmarks.serving import applying, serving

_SLOW = Path(__file__).with_name("slow_disk.py")
SYNC = 0.01


def measure(place: Environment, *, rounds: int = 5) -> Found:
    with tempfile.TemporaryDirectory() as scratch, serving(LATENCY) as server:
        options = ("--concurrency", str(CONCURRENCY))
        slow = applying(place, server, Path(scratch, "slow"), CREATES, *options)
        none = applying(place, server, Path(scratch, "none"), CREATES, *options)
        _on_disk(slow, place, SYNC)
        _on_disk(none, place, 0)
        costs = in_turns({"10 ms a sync": slow, "no time for a sync": none}, rounds, warm=False)
    times = ratio(costs["10 ms a sync"].seconds, costs["no time for a sync"].seconds)
    return Found(
        "What does durability cost?",
        [row for name, cost in costs.items() for row in rows_of(name, cost)],
        [Figure("apply of 1,000 with 10 ms a sync / with none", times, 1.15)],
        "200 ms for an answer, fifty at a time; records of the same moment share one sync.",
    )


def _on_disk(command: Command, place: Environment, seconds: float) -> None:
    assert command.cwd is not None
    script = command.cwd / "apply.sh"
    called = f'"{place.python}" "{_SLOW}" {seconds:g}'
    script.write_text(script.read_text().replace(f'"{place.reconciler}"', called))


if __name__ == "__main__":
    show(measure(environment()))
