"""What users and machines are shown, as exact text."""

import pytest

from tests.report import samples as world
from tests.report.golden import FOLDER, SURFACES

TEXTS = sorted(name for name in SURFACES if name.endswith(".txt"))
UNCOLORED = [name for name in TEXTS if "color" not in name and name != "gitlab.txt"]


@pytest.mark.parametrize("name", SURFACES)
def test_a_surface_shows_what_is_kept_in_its_file(name: str) -> None:
    assert SURFACES[name]() == (FOLDER / name).read_bytes().decode("utf-8")


def test_every_kept_file_is_a_surface() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(SURFACES)


@pytest.mark.parametrize("name", SURFACES)
def test_no_surface_shows_a_secret(name: str) -> None:
    text = SURFACES[name]()

    assert world.TOKEN not in text
    assert world.WEBHOOK_TOKEN not in text
    assert "hmac-sha256" not in text


@pytest.mark.parametrize("name", UNCOLORED)
def test_no_line_holds_a_control_character(name: str) -> None:
    assert all(line.isprintable() for line in SURFACES[name]().split("\n"))


@pytest.mark.parametrize("name", TEXTS)
def test_no_line_can_be_taken_for_a_workflow_command_of_a_name(name: str) -> None:
    lines = SURFACES[name]().splitlines()

    assert not [line for line in lines if line.lstrip().startswith("::error::fake")]
    assert not [line for line in lines if "##[" in line]


@pytest.mark.parametrize("kind", ["plan", "run"])
def test_without_colors_nothing_but_the_colors_is_lost(kind: str) -> None:
    import re

    colored = SURFACES[f"{kind}.color.txt"]()

    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[\d+m", "", colored) == SURFACES[f"{kind}.80.txt"]()


@pytest.mark.parametrize("name", ["plan.40.txt", "run.40.txt", "status.40.txt"])
def test_on_40_columns_only_what_has_no_spaces_or_is_to_be_copied_is_longer(name: str) -> None:
    long = [line for line in SURFACES[name]().splitlines() if len(line) > 40]

    whole = [line for line in long if " " in line.strip().removeprefix("-> ")]
    assert [line for line in whole if not line.strip().startswith("reconciler ")] == []
