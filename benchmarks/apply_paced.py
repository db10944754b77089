"""Does an apply at its defaults take longer than its rate allows? A hundred creates of 200 ms."""

import tempfile
from pathlib import Path

from benchmarks.environment import Environment, environment
from benchmarks.harness import Sample, in_turns
from benchmarks.report import Figure, Found, rows_of, show
from benchmarks.serving import applying, serving

CREATES, LATENCY, RATE = 100, 0.2, 10
ALLOWED = (CREATES - 1) / RATE + LATENCY


def measure(place: Environment, *, rounds: int = 3) -> Found:
    with tempfile.TemporaryDirectory() as scratch, serving(LATENCY) as server:
        command = applying(place, server, Path(scratch, "apply"), CREATES, "--rate", str(RATE))
        cost = in_turns({"apply": command}, rounds, warm=False)["apply"]
    times = Sample(tuple(seconds / ALLOWED for seconds in cost.seconds.values))
    return Found(
        "How long does a customer's batch take: a hundred creates at the defaults?",
        rows_of("apply of 100", cost),
        [Figure("apply of 100 at the defaults / what the rate allows", times, 1.05)],
        f"At {RATE} requests a second the last of {CREATES} leaves after {(CREATES - 1) / RATE:g}"
        f" s, and is answered {LATENCY:g} s later.",
    )


if __name__ == "__main__":
    show(measure(environment()))
