"""Does a plan stay linear, and within its memory, at a hundred thousand entries?"""

import tempfile
from pathlib import Path

from benchmarks.environment import Environment, environment
from benchmarks.harness import Command, in_turns, ratio
from benchmarks.inputs import ENV
from benchmarks.noop_plan import prepare
from benchmarks.report import Figure, Found, rows_of, show


def measure(place: Environment, *, rounds: int = 5) -> Found:
    with tempfile.TemporaryDirectory() as scratch:
        commands = {
            str(count): Command([place.reconciler, "plan"], ENV, prepare(Path(scratch), count))
            for count in (10_000, 100_000)
        }
        costs = in_turns(commands, rounds, warm=rounds > 2)
    large = costs["100000"]
    return Found(
        "Does a plan stay linear, and within its memory?",
        [row for count, cost in costs.items() for row in rows_of(f"plan, {count}", cost)],
        [
            Figure("plan, 100,000 / 10,000", ratio(large.cpu, costs["10000"].cpu), 10.5),
            Figure("plan, 100,000: peak memory", large.peak, 400, "MiB"),
        ],
    )


if __name__ == "__main__":
    show(measure(environment()))
