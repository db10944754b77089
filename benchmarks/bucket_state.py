"""What does a state in a bucket cost? In a store whose every answer takes 50 ms."""

import tempfile
from pathlib import Path
from urllib.request import urlopen

from benchmarks.apply_latency import CONCURRENCY, CREATES, LATENCY, against_ideal
from benchmarks.environment import Environment, environment
from benchmarks.harness import Command, Sample, in_turns, ratio
from benchmarks.inputs import ENV
from benchmarks.noop_plan import prepare
from benchmarks.report import Figure, Found, rows_of, show
from benchmarks.serving import applying, serving
from tests.object_stores import Service, own

ANSWER = 0.05


def measure(place: Environment, *, rounds: int = 5) -> Found:
    with (
        tempfile.TemporaryDirectory() as scratch,
        serving(LATENCY) as server,
        own("s3", seconds=ANSWER) as store,
    ):
        options = ("--concurrency", str(CONCURRENCY), "-s", '"s3://states/$$/state.json"')
        made = applying(place, server, Path(scratch, "apply"), CREATES, *options)
        command = Command(made.args, {**made.env, **store.env}, made.cwd)
        before = _puts(store)
        cost = in_turns({"apply": command}, rounds, warm=False)["apply"]
        puts = (_puts(store) - before) / (CREATES * rounds)
        plans = in_turns(_plans(place, store, Path(scratch)), rounds * 3)
    with_trip = Sample(tuple(each + ANSWER for each in plans["from a file"].seconds.values))
    return Found(
        "What does a state in a bucket cost?",
        [
            *rows_of("apply of 1,000", cost),
            *rows_of("no-op plan from a file", plans["from a file"]),
            *rows_of("no-op plan from a bucket", plans["from a bucket"]),
        ],
        [
            Figure("apply of 1,000 into a bucket / ideal", against_ideal(cost), 1.35),
            Figure("puts for each create", Sample((puts,)), 0.25),
            Figure(
                "no-op plan from a bucket / from a file and a round trip",
                ratio(plans["from a bucket"].seconds, with_trip),
                1.2,
            ),
        ],
        "200 ms for an answer of the API, fifty at a time; 50 ms for one of the store, a small"
        " server on loopback. Every announcement is in the store before its request leaves.",
    )


def _plans(place: Environment, store: Service, scratch: Path) -> dict[str, Command]:
    """Return a plan of 1,000 recorded entries from either place."""
    folder, env = prepare(scratch, 1_000), {**ENV, **store.env}
    url = store.url("plan/state.json")
    copying = Command([place.reconciler, "state", "copy", "instances.state.json", url], env, folder)
    in_turns({"copy": copying}, 1, warm=False)
    return {
        "from a file": Command([place.reconciler, "plan"], env, folder),
        "from a bucket": Command([place.reconciler, "plan", "-s", url], env, folder),
    }


def _puts(store: Service) -> int:
    with urlopen(f"{store.env['AWS_ENDPOINT_URL']}/-/puts") as answer:  # noqa: S310 - our own
        return int(answer.read())


if __name__ == "__main__":
    show(measure(environment()))
