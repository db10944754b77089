"""Is the API's latency all that one waits for? A thousand creates of 200 ms, fifty at a time."""

import tempfile
from pathlib import Path

from benchmarks.environment import Environment, environment
from benchmarks.harness import Costs, Sample, in_turns
from benchmarks.report import Figure, Found, rows_of, show
from benchmarks.serving import applying, serving

CREATES, LATENCY, CONCURRENCY = 1_000, 0.2, 50
IDEAL = CREATES * LATENCY / CONCURRENCY


def measure(place: Environment, *, rounds: int = 5) -> Found:
    with tempfile.TemporaryDirectory() as scratch, serving(LATENCY) as server:
        folder, options = Path(scratch, "apply"), ("--concurrency", str(CONCURRENCY))
        command = applying(place, server, folder, CREATES, *options)
        cost = in_turns({"apply": command}, rounds, warm=False)["apply"]
    return Found(
        "Is the API's latency all that one waits for?",
        rows_of("apply of 1,000", cost),
        [Figure("apply of 1,000 / ideal", against_ideal(cost), 1.15)],
        f"The ideal is {IDEAL:g} s. The time is that of the whole process: start, manifest, the"
        " listing of the account (one more answer of 200 ms), creates, journal, state file.",
    )


def against_ideal(cost: Costs) -> Sample:
    return Sample(tuple(seconds / IDEAL for seconds in cost.seconds.values))


if __name__ == "__main__":
    show(measure(environment()))
