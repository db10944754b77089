"""Is the API's latency all that `wait` and `report --states` wait for? A thousand states of 200 ms,
fifty at a time."""

import tempfile
from pathlib import Path

from benchmarks.environment import Environment, environment
from benchmarks.harness import Command, Sample, in_turns
from benchmarks.noop_plan import prepare
from benchmarks.report import Figure, Found, rows_of, show
from benchmarks.serving import serving

READS, LATENCY, CONCURRENCY = 1_000, 0.2, 50
WAIT = READS * LATENCY / CONCURRENCY
REPORT = WAIT + LATENCY  # the listing comes first


def measure(place: Environment, *, rounds: int = 5) -> Found:
    with tempfile.TemporaryDirectory() as scratch, serving(LATENCY, rows=READS) as server:
        folder = prepare(Path(scratch), READS)
        state = folder / "instances.state.json"
        state.write_text(state.read_text().replace("https://api.green-api.com", server.url))
        many = ("--concurrency", str(CONCURRENCY))
        costs = in_turns(
            {
                "wait": Command([place.reconciler, "wait", *many], server.env, folder),
                "report --states": Command(
                    [place.reconciler, "report", "--states", *many], server.env, folder
                ),
            },
            rounds,
            warm=False,
        )
    ideals = {"wait": WAIT, "report --states": REPORT}
    return Found(
        "Is the API's latency all that `wait` and `report --states` wait for?",
        [row for name, cost in costs.items() for row in rows_of(f"{name} of 1,000", cost)],
        [
            Figure(
                f"{name} of 1,000 / ideal",
                Sample(tuple(seconds / ideals[name] for seconds in cost.seconds.values)),
                1.15,
            )
            for name, cost in costs.items()
        ],
        f"The ideals are {WAIT:g} and {REPORT:g} s. The time is that of the whole process.",
    )


if __name__ == "__main__":
    show(measure(environment()))
