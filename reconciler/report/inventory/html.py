"""An inventory as one self-contained page, for the person who pays."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Final, NamedTuple

import jinja2

from reconciler.evidence.states import BLOCKED, SUSPENDED
from reconciler.report.inventory.items import MONTH, Former, Inventory, Item
from reconciler.report.inventory.words import (
    TITLES,
    chapters,
    cost_words,
    doubts,
    headline,
    note,
)
from reconciler.report.words import NO_CALL, Call, money

_WIDTH, _HEIGHT = 720, 160  # of the chart, in its own units
_FIRST = 500  # rows that are shown before anybody asks for all


class Point(NamedTuple):
    """So many instances cost from this *day* on."""

    day: date
    number: int


class Chart(NamedTuple):
    """A line of steps in a box: *path* is SVG's, *most* the highest step, *now* the last one."""

    path: str
    first: date
    last: date
    most: int
    now: int


class Sum(NamedTuple):
    """A figure on top of the page, with what is to be said below it; *bad*: money for nothing."""

    title: str
    figure: str
    note: str = ""
    bad: bool = False


def inventory_html(inventory: Inventory, *, call: Call = NO_CALL) -> str:
    """Return a page without anything from elsewhere; every text in it is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("page.html").render(
        inventory=inventory,
        headline=headline(inventory),
        call=call,
        chapters=list(chapters(inventory, call)),
        doubts=doubts(inventory),
        cost_words=cost_words,
        sums=list(sums(inventory)),
        titles=TITLES,
        troubles=_troubles,
        sign_of=_sign_of,
        words=partial(note, state=False),
        chart=chart_of(timeline(inventory), until=inventory.at.date()),
        first=_FIRST,
        width=_WIDTH,
        height=_HEIGHT,
    )


def sums(inventory: Inventory) -> Iterator[Sum]:
    """Yield what the person who pays looks for first."""
    costing, useless = inventory.costing, inventory.useless
    yield Sum("on the bill", str(costing), "instance" if costing == 1 else "instances")
    if inventory.price is not None:
        currency = inventory.price.currency
        day, month = (inventory.cost(costing, days=n) or Decimal(0) for n in (1, MONTH))
        yield Sum("a day", money(day), currency)
        yield Sum("a month", money(month), f"{currency}, for {MONTH} days")
    waste = cost_words(inventory, useless) if useless else ""
    yield Sum("serve nobody", str(useless), waste, bad=bool(useless))


# A sign beside the word: nobody needs the colour to tell them apart.
_SIGNS: Final = {
    "authorized": ("good", "✓"),
    "notAuthorized": ("note", "○"),
    **dict.fromkeys(SUSPENDED, ("bad", "⚠")),
    **dict.fromkeys(BLOCKED, ("bad", "✕")),
}


def _sign_of(state: str) -> tuple[str, str]:
    """Return how a *state* is coloured, and the sign beside its word."""
    return _SIGNS.get(state, ("", "…"))


def _troubles(item: Item) -> str:
    return ", ".join(TITLES[each] for each in item.troubles)


def timeline(inventory: Inventory) -> list[Point]:
    """Return how many instances cost, by day; those whose days are not known are left out."""
    changes: Counter[date] = Counter()
    spans: list[Item | Former] = [each for each in inventory.items if each.costs or each.ended]
    for item in [*spans, *inventory.former]:
        if (began := _day(item.created)) is None:
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
    path = f"M0 {_HEIGHT}{steps}H{_WIDTH}"
    return Chart(path, first, last, most, now=points[-1].number)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
