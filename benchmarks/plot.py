"""Draws cost against size, from the results that are written down, into docs/performance.svg."""

import json
from collections.abc import Mapping
from typing import Final

from benchmarks.environment import REPOSITORY
from benchmarks.report import RESULTS

PICTURE: Final = REPOSITORY / "docs" / "performance.svg"
_LINES: Final[Mapping[str, tuple[str, str]]] = {
    "octodns-sync": ("octodns-sync, nothing to do", "#b35900"),
    "reconciler plan": ("reconciler plan, nothing to do", "#00695c"),
    "floor": ("libyaml's events and json alone", "#757575"),
}


def draw() -> None:
    """Draw the plot; raise FileNotFoundError when nothing was measured yet."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "reconciler"  # the same figures make the same file
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2))
    for name, points in _points().items():
        label, color = _LINES[name]
        sizes, times = zip(*sorted(points.items()), strict=True)
        axes.plot(sizes, times, marker="o", label=label, color=color)
    axes.set(xscale="log", yscale="log", xlabel="entries, or DNS records", ylabel="seconds")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(PICTURE, metadata={"Date": None}, bbox_inches="tight")


def _points() -> dict[str, dict[int, float]]:
    found: dict[str, dict[int, float]] = {name: {} for name in _LINES}
    for row in json.loads((RESULTS / "noop_plan.json").read_text())["measured"]:
        name, _, size = row["name"].partition(", ")
        if name in found and size.isdigit():
            found[name][int(size)] = row["median"]
    for row in json.loads((RESULTS / "large_plan.json").read_text())["measured"]:
        if row["name"] == "plan, 100000":
            found["reconciler plan"][100_000] = row["median"]
    return found


if __name__ == "__main__":
    draw()
