"""A real browser without a window: the Chromium of this machine, driven by playwright."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Literal

import pytest

from tests.manifest.node_tools import node_tools
from tests.nightly import BY_NIGHT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCHEMES: Final[Sequence[Literal["light", "dark"]]] = ("light", "dark") if BY_NIGHT else ("dark",)
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_AXE = "axe-core@4.10.3"


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Run one; skip where there is none."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="NOT CHECKED: playwright is not there, so no page was opened"
    )
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        pytest.skip("NOT CHECKED: there is no Chromium, so no page was opened")
    with playwright.sync_playwright() as driver:
        # Who is root can't have Chromium's sandbox; nothing but our own pages is opened.
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def barriers(page: "Page") -> list[str]:
    """Return what the accessibility checker axe finds on *page*; its policy must be bypassed."""
    page.add_script_tag(path=node_tools((_AXE,)) / "node_modules" / "axe-core" / "axe.min.js")
    found = page.evaluate("axe.run()")
    return [
        f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]
    ]
