"""What does it cost that every record is on the disk before the next step?"""

import tempfile
from pathlib import Path

from benchmarks.apply_latency import CONCURRENCY, CREATES, LATENCY
from benchmarks.environment import Environment, environment
from benchmarks.harness import Command, in_turns, ratio
from benchmarks.report import Figure, Found, rows_of, show
from benchmarks.serving import applying, serving

_UNSYNCED = Path(__file__).with_name("unsynced.py")


def measure(place: Environment, *, rounds: int = 7) -> Found:
    # In the working folder: a temporary one may lie in memory, where durable means nothing.
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as scratch, serving(LATENCY) as server:
        options = ("--concurrency", str(CONCURRENCY))
        synced = applying(place, server, Path(scratch, "synced"), CREATES, *options)
        other = applying(place, server, Path(scratch, "unsynced"), CREATES, *options)
        _unsync(other, place)
        costs = in_turns({"with fsync": synced, "without": other}, rounds, warm=False)
    times = ratio(costs["with fsync"].seconds, costs["without"].seconds)
    return Found(
        "What does durability cost?",
        [row for name, cost in costs.items() for row in rows_of(name, cost)],
        [Figure("apply of 1,000 with fsync / without", times, 1.03)],
        "200 ms for an answer, fifty at a time; records of the same moment share one fsync.",
    )


def _unsync(command: Command, place: Environment) -> None:
    assert command.cwd is not None
    script = command.cwd / "apply.sh"
    text = script.read_text()
    script.write_text(text.replace(f'"{place.reconciler}"', f'"{place.python}" "{_UNSYNCED}"'))


if __name__ == "__main__":
    show(measure(environment()))
