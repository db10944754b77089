"""The inventory's page in a real browser: read by everybody, sorted and filtered, and fast."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from reconciler.evidence.settings import LiveSettings
from reconciler.evidence.states import LiveStates, Sighting
from reconciler.model import Tombstone
from reconciler.report.inventory.html import inventory_html
from reconciler.report.inventory.items import Inventory
from reconciler.report.words import Call
from tests.browser import SCHEMES, barriers
from tests.nightly import NIGHTLY, cases
from tests.report.test_inventory import NOW, inventory, record, row

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

STATES: Final = ("authorized", "notAuthorized", "suspended", "blocked", "starting")
WIDTHS: Final = (360, 800, 1400)


def everything() -> Inventory:
    """An account in which there is something of each kind."""
    states = {n: Sighting(STATES[n % 5], NOW - timedelta(days=n)) for n in range(1, 30)}
    told = {n: {"webhookUrl": f"https://hooks.example.com/{n}"} for n in range(1, 16) if n != 7}
    told[4] = {"incomingWebhook": "no"}
    live = LiveSettings(NOW, told, {7: "the server answered 403 Forbidden"})
    records = {f"customer-{number}": record(number) for number in (*range(1, 9), 16, 99)}
    records["customer-4"] = records["customer-4"]._replace(parameters={"incomingWebhook": "yes"})
    deleted = {"deleted": True, "time_deleted": "2026-11-10T00:00:00"}
    return inventory(
        *(row(number, f"customer-{number}") for number in range(1, 12)),
        row(12, "customer-1"),
        row(13, "a-name-that-is-as-long-as-names-of-customers-may-be-in-the-console-of-the-vendor"),
        row(14, "trial", is_partner=False),
        row(15, "late", is_expired=True),
        row(16, "gone", **deleted),
        row(17, "buried", **deleted),
        records=records,
        tombstones={
            10: Tombstone("customer-10", "customer-10", "2026-11-20T00:00:00Z"),
            17: Tombstone("buried", "buried", "2026-11-10T00:00:00Z", deleted=True),
        },
        states=LiveStates(states),
        live=live,
    )


def written(folder: Path, found: Inventory) -> str:
    page = folder / "report.html"
    call = Call("https://api.green-api.com", "instances.state.json")
    page.write_text(inventory_html(found, call=call), encoding="utf-8")
    return page.as_uri()


@pytest.mark.parametrize("width", cases({f"{each}": each for each in WIDTHS}, by_day=["360"]))
def test_a_checker_of_accessibility_finds_nothing(
    tmp_path: Path, browser: "Browser", width: int
) -> None:
    url = written(tmp_path, everything())
    asked: list[str] = []
    for scheme in SCHEMES:
        size: ViewportSize = {"width": width, "height": 900}
        page = browser.new_page(color_scheme=scheme, viewport=size, bypass_csp=True)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url)

        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert barriers(page) == []
        page.close()

    assert set(asked) == {url}, "the page asks somebody else for something"


def test_it_is_sorted_and_filtered_with_a_keyboard(tmp_path: Path, browser: "Browser") -> None:
    found = everything()
    page = browser.new_page()
    page.goto(written(tmp_path, found))
    names = page.locator("#instances tbody td:nth-child(3)")
    head = page.get_by_role("columnheader", name="name")

    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    up = head.get_attribute("aria-sort"), names.all_text_contents()
    page.keyboard.press("Enter")
    down = head.get_attribute("aria-sort"), names.all_text_contents()
    page.get_by_role("searchbox").fill("Twins")

    assert (up[0], down[0]) == ("ascending", "descending")
    assert len(up[1]) == len(found.items)
    assert up[1].index("customer-2") < up[1].index("customer-11")
    assert down[1] == up[1][::-1]
    assert names.all_text_contents() == ["customer-1"]
    assert page.get_by_role("status").text_content() == f"1 of {len(found.items)} instances"


class Stopwatch:
    """Tells how long a page's thread worked: on a busy machine a clock tells of others, too."""

    def __init__(self, page: "Page") -> None:
        self._page, self._client = page, page.context.new_cdp_session(page)
        self._client.send("Performance.enable", {"timeDomain": "threadTicks"})

    def of(self, act: Callable[[], object]) -> float:
        """Return how many seconds *act* cost, until the page was drawn."""
        before = self._read()
        act()
        return self._read() - before

    def _read(self) -> float:
        drawn = "new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
        self._page.evaluate(drawn)
        metrics = self._client.send("Performance.getMetrics")["metrics"]
        return next(float(row["value"]) for row in metrics if row["name"] == "TaskDuration")


@NIGHTLY
def test_ten_thousand_instances_open_sort_and_filter_in_less_than_a_second(
    tmp_path: Path, browser: "Browser"
) -> None:
    states = {number: Sighting(STATES[number % 5]) for number in range(1, 10_001)}
    rows = (row(number, f"customer-{number}") for number in range(1, 10_001))
    url = written(tmp_path, inventory(*rows, states=LiveStates(states)))
    page = browser.new_page()
    watch = Stopwatch(page)
    visible = "[...document.getElementById('instances').tBodies[0].rows]"
    visible += ".filter(row => row.offsetHeight).length"

    def sort(title: str) -> None:
        page.locator("#instances th button", has_text=title).click()

    times = {"open": watch.of(lambda: page.goto(url))}
    times |= {title: watch.of(partial(sort, title)) for title in ("entry", "name", "details")}
    times["filter"] = watch.of(lambda: page.locator("#filter").fill("customer-77"))
    page.locator("#filter").fill("")
    first = page.evaluate(visible)
    page.locator("#more").click()

    assert {name: seconds for name, seconds in times.items() if seconds >= 1} == {}
    assert (first, page.evaluate(visible)) == (500, 10_000)
