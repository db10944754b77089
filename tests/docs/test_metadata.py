"""What an index page shows of the project."""

import re
from configparser import ConfigParser
from importlib.metadata import metadata

from tests.ways_in.conftest import ROOT

FOUND = metadata("greenapi-reconciler")
HOME = "https://github.com/your-org/reconciler"


def test_every_link_of_the_description_works_on_an_index_page() -> None:
    text = FOUND.get_payload() if hasattr(FOUND, "get_payload") else FOUND["Description"]

    links = re.findall(r"\]\(([^)]+)\)", str(text))
    files = [link.removeprefix(f"{HOME}/blob/main/").partition("#")[0] for link in links]

    assert len(links) > 5
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
    assert [
        name for name in files if "://" not in name and name and not (ROOT / name).exists()
    ] == []


def test_it_says_where_it_lives_who_made_it_and_by_which_licence() -> None:
    urls = dict(line.split(", ", 1) for line in FOUND.get_all("Project-URL") or [])

    assert FOUND["Author"] == "The reconciler authors"
    assert FOUND["License-Expression"] == "MIT"
    assert {"Documentation", "Changelog", "Source", "Issues"} <= set(urls)


def test_the_wheel_takes_every_package_along() -> None:
    """Those that are installed to be worked on are found without the list."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = settings["options"]["packages"].split()
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "reconciler").rglob("*.py")}

    assert {".".join(folder.parts) for folder in folders} <= set(listed)
