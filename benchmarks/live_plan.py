"""Is the API's latency all that `plan --live` waits for? A thousand reads of 200 ms, fifty at a
time."""

import tempfile
from pathlib import Path

from benchmarks.environment import Environment, environment
from benchmarks.harness import Command, Sample, in_turns
from benchmarks.noop_plan import prepare
from benchmarks.report import Figure, Found, rows_of, show
from benchmarks.serving import serving

READS, LATENCY, CONCURRENCY = 1_000, 0.2, 50
IDEAL = READS * LATENCY / CONCURRENCY


def measure(place: Environment, *, rounds: int = 5) -> Found:
    with tempfile.TemporaryDirectory() as scratch, serving(LATENCY) as server:
        options = ("--live", "--concurrency", str(CONCURRENCY))
        folder = prepare(Path(scratch), READS)
        state = folder / "instances.state.json"
        state.write_text(state.read_text().replace("https://api.green-api.com", server.url))
        command = Command([place.reconciler, "plan", *options], server.env, folder)
        cost = in_turns({"plan --live": command}, rounds, warm=False)["plan --live"]
    against_ideal = Sample(tuple(seconds / IDEAL for seconds in cost.seconds.values))
    return Found(
        "Is the API's latency all that `plan --live` waits for?",
        rows_of("plan --live of 1,000", cost),
        [Figure("plan --live of 1,000 / ideal", against_ideal, 1.15)],
        f"The ideal is {IDEAL:g} s. The time is that of the whole process.",
    )


if __name__ == "__main__":
    show(measure(environment()))
