"""All benchmarks, one after the other, with their results written down: `make bench`.

python -m benchmarks [--before REVISION] [NAME...]

With an older REVISION of the program, each of its figures is measured right beside ours.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Final

from benchmarks import (
    apply_latency,
    apply_paced,
    bucket_state,
    creating,
    durability,
    large_plan,
    live_plan,
    live_states,
    lost_answers,
    memory,
    noop_apply,
    noop_plan,
    page,
    plot,
    startup,
    validate,
)
from benchmarks.environment import Environment, environment
from benchmarks.report import Found, beside, save, show

QUESTIONS: Final[Mapping[str, Callable[[Environment], Found]]] = {
    "startup": startup.measure,
    "noop_plan": noop_plan.measure,
    "large_plan": large_plan.measure,
    "noop_apply": noop_apply.measure,
    "validate": validate.measure,
    "apply_paced": apply_paced.measure,
    "apply_latency": apply_latency.measure,
    "live_plan": live_plan.measure,
    "live_states": live_states.measure,
    "durability": durability.measure,
    "bucket_state": bucket_state.measure,
    "memory": memory.measure,
    "creating": creating.measure,
    "lost_answers": lost_answers.measure,
}
_NEW: Final = {"bucket_state", "live_plan", "live_states"}  # what the version before could not do


def main(names: list[str]) -> None:
    """Measure what is named, or everything; draw and write down what all results say."""
    before = None
    if names[:1] == ["--before"]:
        before, names = environment(names[1]), names[2:]
    place = environment()
    for name in names or QUESTIONS:
        found = QUESTIONS[name](place)
        if before is not None and found.figures and name not in _NEW:
            found = beside(found, QUESTIONS[name](before))
        show(found)
        save(name, found)
    plot.draw()
    page.write()


if __name__ == "__main__":
    main(sys.argv[1:])
