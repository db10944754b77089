"""What does a run cost that has nothing to do? Against octoDNS, and against the least there is."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.environment import REPOSITORY, Environment, environment
from benchmarks.harness import Command, Costs, Sample, in_turns, ratio
from benchmarks.inputs import ENV, write_zone
from benchmarks.report import Figure, Found, rows_of, show

SIZES = {100: 11, 1_000: 11, 10_000: 7}
_FLOOR = Path(__file__).with_name("floor.py")
_OCTODNS = """\
providers:
  config: {{class: octodns.provider.yaml.YamlProvider, directory: {folder}/zones}}
  target: {{class: octodns.provider.yaml.YamlProvider, directory: {folder}/target}}
zones:
  example.com.: {{sources: [config], targets: [target]}}
"""


def measure(place: Environment, *, sizes: Mapping[int, int] = SIZES) -> Found:
    """Measure each of *sizes* as often as it says; 1,000 and 10,000 must be among them."""
    with tempfile.TemporaryDirectory() as scratch:
        costs = {
            count: in_turns(commands(place, Path(scratch), count), rounds, warm=rounds > 1)
            for count, rounds in sizes.items()
        }
    return Found(
        "What does a run cost that has nothing to do?",
        [
            row
            for count, each in costs.items()
            for name, cost in each.items()
            for row in rows_of(f"{name}, {count}", cost)
        ],
        figures(costs),
        "An entry and a DNS record have as many lines; octoDNS reads its zone twice, as source and"
        " as target, where we read manifest and state.",
    )


def commands(place: Environment, scratch: Path, count: int) -> dict[str, Command]:
    """Return what is run over *count* entries, with its input written."""
    folder = prepare(scratch, count)
    for name in ("zones", "target"):
        (folder / name).mkdir()
        write_zone(folder / name / "example.com.yaml", count)
    (folder / "octodns.yaml").write_text(_OCTODNS.format(folder=folder))
    sync = (place.bin / "octodns-sync", "--config-file", "octodns.yaml")
    return {
        "reconciler plan": Command([place.reconciler, "plan"], ENV, folder),
        "floor": Command(
            [place.python, _FLOOR, "instances.yaml", "instances.state.json"], {}, folder
        ),
        "octodns-sync": Command(sync, {}, folder),
    }


def prepare(scratch: Path, count: int) -> Path:
    """Return a folder in which everything that is wanted is recorded."""
    folder = scratch / str(count)
    folder.mkdir()
    # In a process of its own: what this one needs would count as the peak of those it starts.
    subprocess.run(
        [sys.executable, "-m", "benchmarks.inputs", folder, str(count)], cwd=REPOSITORY, check=True
    )
    return folder


def figures(costs: dict[int, dict[str, Costs]]) -> list[Figure]:
    def against(peer: str, count: int) -> Sample:
        return ratio(costs[count]["reconciler plan"].cpu, costs[count][peer].cpu)

    return [
        Figure("no-op plan / octodns-sync, 1,000", against("octodns-sync", 1_000), 1 / 4),
        Figure("no-op plan / octodns-sync, 10,000", against("octodns-sync", 10_000), 1 / 12),
        Figure("no-op plan / libyaml events + json, 10,000", against("floor", 10_000), 3),
    ]


if __name__ == "__main__":
    show(measure(environment()))
