"""Every instance stands in one class, and what it costs is told once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.evidence.states import LiveStates, Sighting
from reconciler.manifest.account import Price
from reconciler.model import Account, Instance, Origin, Recorded, Tombstone
from reconciler.report.inventory.html import chart_of, inventory_html, timeline
from reconciler.report.inventory.items import Group, Inventory, Trouble, inventory_of
from reconciler.report.inventory.text import inventory_markdown, inventory_text
from reconciler.report.words import Call
from reconciler.state.model import State
from tests.values import desired

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PRICE = Price(0.5, "EUR")
OTHERS = {"b": desired("b")}


def row(number: int, name: str = "a", **more: Any) -> Instance:
    made = Instance(number, name, None, "whatsapp", f"2026-11-{number % 20 + 1:02}T00:00:00", False)
    return replace(made, **more)


def record(number: int, *, deleted: bool = False) -> Recorded:
    created = "2026-11-01T00:00:00Z"
    return Recorded(number, None, "whatsapp", "a", {}, created, Origin.CREATED, deleted=deleted)


def inventory(
    *rows: Instance,
    records: dict[str, Recorded] | None = None,
    tombstones: dict[int, Tombstone] | None = None,
    doubts: tuple[str, ...] = (),
    **more: Any,
) -> Inventory:
    state = State("lineage", instances=records or {}, tombstones=tombstones or {})
    given = {"wanted": None, "price": PRICE, "now": NOW, "unlinked_days": 14, **more}
    return inventory_of(state, Account(rows, doubts=doubts), **given)


@pytest.mark.parametrize(
    ("found", "group", "costs", "useless"),
    [
        (inventory(row(1), records={"a": record(1)}), Group.MANAGED, 1, 0),
        (inventory(row(1), records={"a": record(1)}, wanted=OTHERS), Group.ORPHAN, 1, 1),
        (inventory(row(1)), Group.UNMANAGED, 1, 0),
        (
            inventory(row(1), tombstones={1: Tombstone("a", "a", "2026-11-02T00:00:00Z")}),
            Group.TOMBSTONE,
            1,
            1,
        ),
        (inventory(row(1, deleted=True), records={"a": record(1)}), Group.GONE, 0, 0),
        (inventory(records={"a": record(1, deleted=True)}), Group.GONE, 0, 0),
        (inventory(records={"a": record(1)}), Group.MISSING, 0, 0),
        (inventory(records={"a": record(1)}, doubts=("is old",)), Group.MANAGED, 1, 0),
        (inventory(row(1, is_partner=False)), Group.OTHER_PLAN, 0, 0),
        (inventory(row(1, is_free=True), records={"a": record(1)}), Group.OTHER_PLAN, 0, 0),
    ],
    ids=[
        "managed", "orphan", "unmanaged", "tombstone", "deleted", "deleted-long-ago",
        "not-listed", "not-listed-by-an-old-listing", "not-a-partners", "free",
    ],
)  # fmt: skip
def test_an_instance_stands_in_one_class(
    found: Inventory, group: Group, costs: int, useless: int
) -> None:
    [item] = found.items

    assert item.group is group
    assert (found.costing, found.useless) == (costs, useless)


def test_the_younger_of_two_with_one_name_is_the_twin() -> None:
    found = inventory(row(2), row(1), row(3, "b"))

    assert [item.id_instance for item in found.groups[Group.TWIN]] == [2]
    assert [item.id_instance for item in found.groups[Group.UNMANAGED]] == [1, 3]


def test_of_twins_the_recorded_one_is_none_whatever_its_age() -> None:
    found = inventory(row(1), row(2), records={"a": record(2)})

    assert [item.id_instance for item in found.groups[Group.TWIN]] == [1]


def test_instances_without_a_name_are_no_twins() -> None:
    assert inventory(row(1, ""), row(2, "")).groups[Group.TWIN] == ()


@pytest.mark.parametrize(
    ("sighting", "troubles", "days"),
    [
        (Sighting("authorized"), (), None),
        (Sighting("notAuthorized", NOW - timedelta(days=3)), (), 3),
        (Sighting("notAuthorized", NOW - timedelta(days=14)), (Trouble.UNLINKED,), 14),
        (Sighting("notAuthorized"), (Trouble.UNLINKED,), 23),
        (Sighting("suspended"), (Trouble.SUSPENDED,), None),
        (Sighting("yellowCard"), (Trouble.SUSPENDED,), None),
        (Sighting("blocked"), (Trouble.BLOCKED,), None),
        (Sighting("someday"), (), None),
    ],
)
def test_a_state_may_be_a_trouble(
    sighting: Sighting, troubles: tuple[Trouble, ...], days: int | None
) -> None:
    [item] = inventory(row(1), states=LiveStates({1: sighting})).items

    assert (item.troubles, item.unlinked_days) == (troubles, days)
    assert item.useless == bool(troubles)


def test_an_expired_instance_serves_nobody() -> None:
    [item] = inventory(row(1, is_expired=True), records={"a": record(1)}).items

    assert (item.group, item.troubles, item.useless) == (Group.MANAGED, (Trouble.EXPIRED,), True)


def test_costs_are_sums_of_the_price_without_rounding() -> None:
    found = inventory(row(1), row(2, "b"), row(3, "c"), price=Price(0.1, "EUR"))

    assert found.cost(3) == Decimal("0.3")
    assert found.cost(3, days=30) == Decimal("9.0")
    assert inventory(row(1), price=None).cost(1) is None


def test_text_tells_costs_and_commands() -> None:
    found = inventory(row(1), row(2, "b"), records={"a": record(1)}, wanted={})

    text = inventory_text(found, color=False, width=0, call=Call(options=("-s", "x.json")))

    assert text.startswith("2 instances on the bill: 1.00 EUR a day, 30.00 EUR a month; 1 of them")
    assert "no longer wanted: 1 (0.50 EUR a day, 15.00 EUR a month)" in text
    assert "    reconciler apply --prune -s x.json" in text


def test_names_are_no_markup() -> None:
    found = inventory(row(1, "<b>|@all"))

    markdown = inventory_markdown(found)
    page = inventory_html(found)

    assert "<b>" not in markdown
    assert "&lt;b&gt;|@all" in page


def test_a_page_needs_nothing_from_elsewhere() -> None:
    page = inventory_html(inventory(row(1), row(2, "b", is_expired=True)))

    assert "http" not in page.replace('http-equiv="Content-Security-Policy"', "")
    assert "src=" not in page.replace("-src ", "")
    assert page.count('<tr class="useless">') == 1


def test_ten_thousand_instances_are_a_page_of_less_than_three_megabytes() -> None:
    found = inventory(*(row(number, f"customer-{number}") for number in range(1, 10_001)))

    assert len(inventory_html(found).encode()) < 3_000_000


def test_a_chart_counts_what_was_made_and_deleted() -> None:
    found = inventory(
        row(1, time_created="2026-11-01T00:00:00"),
        row(5, deleted=True, time_deleted="2026-11-10T00:00:00"),
        records={"a": record(1), "b": record(5)},
    )

    points = timeline(found)
    chart = chart_of(points, until=date(2026, 11, 11))

    assert points == [(date(2026, 11, 1), 2), (date(2026, 11, 10), 1)]
    assert chart is not None
    assert (chart.path, chart.most) == ("M0 160H0.0V0.0H648.0V80.0H720", 2)


def test_a_chart_counts_what_was_deleted_and_buried() -> None:
    gone = row(5, deleted=True, time_created="2026-11-03T00:00:00")
    buried = {5: Tombstone("b", "b", "2026-11-10T10:00:00Z", deleted=True)}

    points = timeline(inventory(gone, tombstones=buried))

    assert points == [(date(2026, 11, 3), 1), (date(2026, 11, 10), 0)]


def test_an_empty_account_has_no_chart() -> None:
    assert chart_of(timeline(inventory()), until=date(2026, 11, 11)) is None
    assert "<svg" not in inventory_html(inventory())
