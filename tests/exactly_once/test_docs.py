"""docs/exactly-once.md says what was measured, and what the program does by default."""

import json
import re
from pathlib import Path

import pytest

from benchmarks.lost_answers import table
from reconciler.apply.launch import PATIENCE, SILENCE
from reconciler.apply.ports import Options

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/exactly-once.md").read_text(encoding="utf-8")


def test_the_table_is_what_was_measured() -> None:
    results = json.loads((ROOT / "benchmarks/results/lost_answers.json").read_text())

    found = table((row["name"], int(row["median"])) for row in results["measured"])

    assert found in TEXT


@pytest.mark.parametrize(
    "said",
    [
        f"`--settled-after` ({Options().settled_after:.0f} s)",
        f"nothing but 429 for {SILENCE:.0f} s",
        f"a `Retry-After` above {PATIENCE:.0f} s",
    ],
)
def test_the_figures_are_those_of_the_program(said: str) -> None:
    assert said in TEXT


def test_the_tests_that_show_it_exist() -> None:
    page = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")

    named = re.findall(r"`tests/exactly_once/(test_\w+\.py)`", page)

    assert len(named) > 4
    assert [name for name in named if not (ROOT / "tests/exactly_once" / name).exists()] == []
