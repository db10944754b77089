"""All benchmarks, one after the other, with their results written down: `make bench`.

python -m benchmarks [NAME...]
"""

import sys
from collections.abc import Callable, Mapping
from typing import Final

from benchmarks import (
    apply_cpu,
    apply_latency,
    creating,
    durability,
    large_plan,
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
from benchmarks.report import Found, save, show

QUESTIONS: Final[Mapping[str, Callable[[Environment], Found]]] = {
    "startup": startup.measure,
    "noop_plan": noop_plan.measure,
    "large_plan": large_plan.measure,
    "noop_apply": noop_apply.measure,
    "validate": validate.measure,
    "apply_latency": apply_latency.measure,
    "apply_cpu": apply_cpu.measure,
    "durability": durability.measure,
    "memory": memory.measure,
    "creating": creating.measure,
    "lost_answers": lost_answers.measure,
}


def main(names: list[str]) -> None:
    """Measure what is named, or everything; draw and write down what all results say."""
    place = environment()
    for name in names or QUESTIONS:
        found = QUESTIONS[name](place)
        show(found)
        save(name, found)
    plot.draw()
    page.write()


if __name__ == "__main__":
    main(sys.argv[1:])
