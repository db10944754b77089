"""Run commands in turns, and say what they cost: medians with spread, ratios of one run."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.environment import clean_env


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process cost: *seconds* on the wall, *cpu* seconds (user and system), *peak* MiB.

    Linux counts what its parent held when it was started: no *peak* is below some 30 MiB.
    """

    seconds: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Command:
    """A process to be measured. One that does not exit with *code* is no measurement."""

    args: Sequence[str | Path]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    code: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """Several measurements of the same thing."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """Half the distance between the quartiles: half of the values are that near."""
        if len(self.values) < 2:
            return 0.0
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return (high - low) / 2


@dataclass(frozen=True, slots=True)
class Costs:
    """What every run of one command cost, in the order of the rounds."""

    runs: tuple[Cost, ...]

    @property
    def seconds(self) -> Sample:
        return Sample(tuple(run.seconds for run in self.runs))

    @property
    def cpu(self) -> Sample:
        return Sample(tuple(run.cpu for run in self.runs))

    @property
    def peak(self) -> Sample:
        return Sample(tuple(run.peak for run in self.runs))


def run(command: Command) -> Cost:
    """Run *command* to its end; what it says is thrown away, unless it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command.args,
        env=clean_env(command.env),
        cwd=command.cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != command.code:
        sys.exit(f"error: exit code {process.returncode} of {' '.join(map(str, command.args))}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_turns(
    commands: Mapping[str, Command], rounds: int, *, warm: bool = True
) -> dict[str, Costs]:
    """Run every command once a round, so that what disturbs the machine disturbs them all.

    One round before the first is not counted: it fills the caches (*warm*).
    """
    found: dict[str, list[Cost]] = {name: [] for name in commands}
    for counted in (*([False] if warm else []), *[True] * rounds):
        for name, command in commands.items():
            cost = run(command)
            if counted:
                found[name].append(cost)
    return {name: Costs(tuple(runs)) for name, runs in found.items()}


def ratio(one: Sample, other: Sample) -> Sample:
    """Return how much larger *one* was than *other*, round by round."""
    return Sample(tuple(a / b for a, b in zip(one.values, other.values, strict=True)))
