"""An inventory as one self-contained page, for the person who pays."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import jinja2

from reconciler.report.inventory import Inventory, Item
from reconciler.report.inventory_words import (
    TITLES,
    chapters,
    cost_words,
    headline,
    note,
)
from reconciler.report.words import NO_CALL, Call

_WIDTH, _HEIGHT = 720, 160  # of the chart, in its own units


class Point(NamedTuple):
    """So many instances cost from this *day* on."""

    day: date
    number: int


class Chart(NamedTuple):
    """A line of steps, drawn into a box: *path* is SVG's, *most* the highest step."""

    path: str
    first: date
    last: date
    most: int


def inventory_html(inventory: Inventory, *, call: Call = NO_CALL) -> str:
    """Return a page without anything from elsewhere; every text in it is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("inventory.html").render(
        inventory=inventory,
        headline=headline(inventory),
        call=call,
        chapters=list(chapters(inventory, call)),
        cost_words=cost_words,
        titles=TITLES,
        words=note,
        chart=chart_of(timeline(inventory.items), until=inventory.at.date()),
        width=_WIDTH,
        height=_HEIGHT,
    )


def timeline(items: Iterable[Item]) -> list[Point]:
    """Return how many of *items* cost, by day; those whose days are not known are left out."""
    changes: Counter[date] = Counter()
    for item in items:
        if (began := _day(item.created)) is None or not (item.costs or item.ended):
            continue
        changes[began] += 1
        if (ended := _day(item.ended)) is not None:
            changes[ended] -= 1
    days = sorted(changes)
    counts = accumulate(changes[day] for day in days)
    return [Point(day, count) for day, count in zip(days, counts, strict=True)]


def chart_of(points: list[Point], *, until: date) -> Chart | None:
    """Draw *points*; None where there is nothing to see."""
    if not points:
        return None
    first, last = points[0].day, max(until, points[-1].day + timedelta(days=1))
    most = max(point.number for point in points) or 1
    span = (last - first) / timedelta(days=1)

    def at(day: date) -> str:
        return f"{(day - first) / timedelta(days=1) / span * _WIDTH:.1f}"

    def up(count: int) -> str:
        return f"{_HEIGHT - count / most * _HEIGHT:.1f}"

    steps = "".join(f"H{at(point.day)}V{up(point.number)}" for point in points)
    return Chart(f"M0 {_HEIGHT}{steps}H{_WIDTH}", first, last, most)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
