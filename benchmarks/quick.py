"""The targets, each beside its figure, in under a minute: `make bench-quick`.

Fewer rounds than `make bench`, so a figure near its target is not to be taken at its word.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from benchmarks import (
    apply_latency,
    bucket_state,
    durability,
    large_plan,
    live_plan,
    live_states,
    memory,
    noop_apply,
    noop_plan,
    startup,
    validate,
)
from benchmarks.environment import Environment, environment
from benchmarks.report import Found, show_figures

QUESTIONS: Final[tuple[Callable[[Environment], Found], ...]] = (
    partial(startup.measure, rounds=9),
    partial(noop_plan.measure, sizes={1_000: 3, 10_000: 1}),
    partial(large_plan.measure, rounds=1),
    partial(noop_apply.measure, rounds=5),
    partial(validate.measure, rounds=3),
    partial(apply_latency.measure, rounds=1),
    partial(live_plan.measure, rounds=1),
    partial(live_states.measure, rounds=1),
    partial(durability.measure, rounds=1),
    partial(bucket_state.measure, rounds=1),
    partial(memory.measure, rounds=1),
)


def main() -> None:
    """Print the table, line by line as it is measured."""
    place = environment()
    for measure in QUESTIONS:
        show_figures(measure(place).figures, 46)


if __name__ == "__main__":
    main()
