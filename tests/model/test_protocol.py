"""The model of the protocol holds where it is promised to, and fails without each assumption."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.model.configurations import HOLDS, NEEDED, SAFEGUARDS
from tests.model.spin import NEEDS_SPIN, violation
from tests.nightly import NIGHTLY

FAILS: Final = NEEDED | SAFEGUARDS


@NEEDS_SPIN
def test_one_disk_never_buys_twice(tmp_path: Path) -> None:
    assert violation(tmp_path, ["-DMAXT=6"]) is None


@NEEDS_SPIN
def test_a_program_that_sends_again_does(tmp_path: Path) -> None:
    assert "bought<=1" in str(violation(tmp_path, ["-DMAXT=6", "-DSENDS_AGAIN"]))


def test_the_page_names_each_assumption_that_has_a_counterexample() -> None:
    page = (Path(__file__).parents[2] / "docs" / "exactly-once.md").read_text(encoding="utf-8")
    table = page[page.index("| without |") :].split("\n\n")[0].splitlines()[2:]

    named = [row.split("|")[1].strip().replace("`", "") for row in table]

    assert named == list(NEEDED)


@NEEDS_SPIN
@NIGHTLY
@pytest.mark.parametrize("switches", HOLDS.values(), ids=list(HOLDS))
def test_under_its_assumptions_it_holds(tmp_path: Path, switches: Sequence[str]) -> None:
    assert violation(tmp_path, switches) is None


@NEEDS_SPIN
@NIGHTLY
@pytest.mark.parametrize("switches", FAILS.values(), ids=list(FAILS))
def test_without_one_of_them_it_does_not(tmp_path: Path, switches: Sequence[str]) -> None:
    assert violation(tmp_path, switches) is not None
