"""What does it cost to start?"""

from benchmarks.environment import Environment, environment
from benchmarks.harness import Command, in_turns, ratio
from benchmarks.report import Figure, Found, rows_of, show


def measure(place: Environment, *, rounds: int = 40) -> Found:
    costs = in_turns(
        {
            "bare interpreter": Command([place.python, "-c", "pass"]),
            "import click": Command([place.python, "-c", "import click"]),
            "reconciler --version": Command([place.reconciler, "--version"]),
        },
        rounds,
    )
    times = ratio(costs["reconciler --version"].cpu, costs["bare interpreter"].cpu)
    return Found(
        "What does it cost to start?",
        [row for name, cost in costs.items() for row in rows_of(name, cost)[:2]],
        [Figure("start-up / bare interpreter", times, 5)],
        "click is what is left of it: everything else is imported when it is needed.",
    )


if __name__ == "__main__":
    show(measure(environment()))
