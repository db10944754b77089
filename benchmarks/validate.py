"""What do problems cost? A manifest of 10,000 entries, with a hundred problems and without."""

import tempfile
from pathlib import Path

from benchmarks.environment import Environment, environment
from benchmarks.harness import Command, in_turns, ratio
from benchmarks.inputs import ENV, write_manifest
from benchmarks.report import Figure, Found, rows_of, show


def measure(place: Environment, *, rounds: int = 9) -> Found:
    with tempfile.TemporaryDirectory() as scratch:
        right, wrong = Path(scratch, "right.yaml"), Path(scratch, "wrong.yaml")
        write_manifest(right, 10_000)
        write_manifest(wrong, 10_000, problems=100)
        costs = in_turns(
            {
                "without problems": Command([place.reconciler, "validate", right], ENV),
                "with 100 problems": Command([place.reconciler, "validate", wrong], ENV, code=3),
            },
            rounds,
        )
    times = ratio(costs["with 100 problems"].cpu, costs["without problems"].cpu)
    return Found(
        "What do problems cost?",
        [row for name, cost in costs.items() for row in rows_of(name, cost)],
        [Figure("validate 10,000, 100 problems / none", times, 1.5)],
    )


if __name__ == "__main__":
    show(measure(environment()))
