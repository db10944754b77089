"""Every link from one page to another leads somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")])
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    links = [link.partition("#") for link in LINK.findall(_prose(page))]
    targets = [(page.parent / path if path else page, heading) for path, _, heading in links]

    missing = [
        f"{path.name}#{heading}"
        for path, heading in targets
        if not path.exists() or (heading and heading not in _anchors(path))
    ]

    assert missing == []


def _anchors(page: Path) -> set[str]:
    """Return what GitHub makes of the headings of *page*."""
    titles = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _prose(page: Path) -> str:
    return CODE.sub("", page.read_text(encoding="utf-8"))
