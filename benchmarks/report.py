"""What a benchmark found, as a table, and as JSON for the next one to compare with."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.environment import machine
from benchmarks.harness import Costs, Sample

RESULTS: Final = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was measured."""

    name: str
    sample: Sample
    unit: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio, or another figure, that has a *target*: at most that much."""

    name: str
    sample: Sample
    target: float
    unit: str = ""
    before: Sample | None = None  # the same of an older program, measured in the same run

    @property
    def met(self) -> bool:
        return self.sample.median <= self.target


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of one benchmark to its *question*; *notes* say what stands behind the figures."""

    question: str
    rows: Sequence[Row]
    figures: Sequence[Figure]
    notes: str = ""


def beside(found: Found, older: Found) -> Found:
    """Return *found*, each figure with what the *older* program had."""
    before = {figure.name: figure.sample for figure in older.figures}
    figures = [replace(figure, before=before[figure.name]) for figure in found.figures]
    return replace(found, figures=figures)


def rows_of(name: str, costs: Costs) -> list[Row]:
    """Return the rows of one command: time, processor time, memory."""
    return [
        Row(name, costs.seconds, "s"),
        Row(f"{name}: processor", costs.cpu, "s"),
        Row(f"{name}: peak memory", costs.peak, "MiB"),
    ]


def show(found: Found) -> None:
    """Print *found* as tables."""
    print(f"\n{found.question}\n")
    names = [row.name for row in found.rows] + [figure.name for figure in found.figures]
    width = max(map(len, names))
    for row in found.rows:
        print(f"  {row.name:<{width}}  {number(row.sample.median):>9} ± {_text(row)}")
    show_figures(found.figures, width)
    if found.notes:
        print(f"\n  {found.notes}")


def show_figures(figures: Sequence[Figure], width: int) -> None:
    """Print each figure beside its target."""
    for figure in figures:
        median, spread = number(figure.sample.median), number(figure.sample.spread)
        target = f"target ≤ {number(figure.target)}{figure.unit and ' ' + figure.unit}"
        verdict = "met" if figure.met else "MISSED"
        before = f"  before {number(figure.before.median)}" if figure.before else ""
        print(f"  {figure.name:<{width}}  {median:>9} ± {spread:<7} {target:<16} {verdict}{before}")


def save(name: str, found: Found) -> None:
    """Write *found* to `results/NAME.json`."""
    document = {
        "question": found.question,
        "notes": found.notes,
        "machine": machine(),
        "figures": [
            {
                "name": figure.name,
                "median": round(figure.sample.median, 4),
                "spread": round(figure.sample.spread, 4),
                "target": round(figure.target, 4),
                "unit": figure.unit,
                "met": figure.met,
                "before": round(figure.before.median, 4) if figure.before else None,
            }
            for figure in found.figures
        ],
        "measured": [
            {
                "name": row.name,
                "unit": row.unit,
                "median": round(row.sample.median, 6),
                "spread": round(row.sample.spread, 6),
                "values": [round(value, 6) for value in row.sample.values],
            }
            for row in found.rows
        ],
    }
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps(document, indent=2, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _text(row: Row) -> str:
    return f"{number(row.sample.spread)} {row.unit}"


def number(value: float) -> str:
    """Return *value* with three digits."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
