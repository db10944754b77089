"""What does a create cost in processor time? Against httpx alone, and a server that takes none."""

import tempfile
from pathlib import Path

from benchmarks.environment import Environment, environment
from benchmarks.harness import Command, Costs, Sample, in_turns, ratio
from benchmarks.report import Figure, Found, Row, show
from benchmarks.serving import TOKEN, Server, applying, serving

FEW, MANY = 500, 5_500
_POST = Path(__file__).with_name("post.py")


def measure(place: Environment, *, rounds: int = 5, many: int = MANY) -> Found:
    with tempfile.TemporaryDirectory() as scratch, serving(0) as server:
        commands = {
            f"{name}, {count}": command
            for count in (FEW, many)
            for name, command in _commands(place, server, Path(scratch), count).items()
        }
        costs = in_turns(commands, rounds, warm=rounds > 1)
    each = {
        name: _slope(costs[f"{name}, {FEW}"], costs[f"{name}, {many}"], many - FEW)
        for name in ("apply", "apply, warnings only", "httpx.Client")
    }
    return Found(
        "What does a create cost in processor time?",
        [Row(f"{name}: each create", Sample(_milli(cost)), "ms") for name, cost in each.items()],
        [
            Figure("processor time of a create / httpx.Client", _over(each, "apply"), 1.4),
            Figure("the same, logging warnings only", _over(each, "apply, warnings only"), 1.4),
        ],
        "Eight workers, no limit of the rate, the journal on, the log's two lines for each create"
        " written to /dev/null. What a run costs beside its creates is subtracted:"
        f" a run of {FEW} is compared with one of {many}.",
    )


def _commands(place: Environment, server: Server, scratch: Path, count: int) -> dict[str, Command]:
    url = f"{server.url}/partner/createInstance/{TOKEN}"
    quiet = ("--log-level", "warning")
    return {
        "apply": applying(place, server, scratch / f"apply{count}", count),
        "apply, warnings only": applying(place, server, scratch / f"quiet{count}", count, *quiet),
        "httpx.Client": Command([place.python, _POST, url, str(count)]),
    }


def _slope(few: Costs, many: Costs, creates: int) -> Sample:
    pairs = zip(few.cpu.values, many.cpu.values, strict=True)
    return Sample(tuple((larger - smaller) / creates for smaller, larger in pairs))


def _over(each: dict[str, Sample], name: str) -> Sample:
    return ratio(each[name], each["httpx.Client"])


def _milli(sample: Sample) -> tuple[float, ...]:
    return tuple(value * 1000 for value in sample.values)


if __name__ == "__main__":
    show(measure(environment()))
