"""What does cron's run cost: an apply, token at hand, that finds nothing to create?"""

import tempfile
from pathlib import Path

from benchmarks.environment import Environment, environment
from benchmarks.harness import Command, in_turns, ratio
from benchmarks.inputs import ENV
from benchmarks.noop_plan import prepare
from benchmarks.report import Figure, Found, rows_of, show
from benchmarks.serving import TOKEN


def measure(place: Environment, *, rounds: int = 15) -> Found:
    env = {**ENV, "GREEN_API_PARTNER_TOKEN": TOKEN}
    with tempfile.TemporaryDirectory() as scratch:
        folder = prepare(Path(scratch), 1_000)
        costs = in_turns(
            {
                name: Command([place.reconciler, *name.split()[1:]], env, folder)
                for name in ("reconciler plan", "reconciler apply --yes")
            },
            rounds,
        )
    times = ratio(costs["reconciler apply --yes"].cpu, costs["reconciler plan"].cpu)
    return Found(
        "What does cron's run cost, an apply with nothing to do?",
        [row for name, cost in costs.items() for row in rows_of(name, cost)],
        [Figure("no-op apply / no-op plan, 1,000", times, 2)],
        "The difference: structlog for four log lines, and the lock on the state.",
    )


if __name__ == "__main__":
    show(measure(environment()))
