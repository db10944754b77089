"""Runs on one bucket, all at the same time: the model holds, and fails without each safeguard."""

from pathlib import Path
from typing import Final

import pytest

from tests.model.spin import IN_A_BUCKET, NEEDS_SPIN, violation
from tests.nightly import NIGHTLY

SAFEGUARDS: Final = {
    "a number is put only where it is free": "-DPUTS_OVER",
    "the state is looked at after each announcement": "-DNO_LOOK",
    "a fold removes what it read": "-DREMOVES_ALL",
    "the state is replaced at the version that was read": "-DFOLDS_OVER",
}


@NEEDS_SPIN
def test_two_runs_at_the_same_time_never_buy_twice(tmp_path: Path) -> None:
    assert violation(tmp_path, ["-DRUNS=2", "-DNUMBERS=3"], IN_A_BUCKET) is None


@NEEDS_SPIN
@NIGHTLY
def test_three_runs_at_the_same_time_never_buy_twice(tmp_path: Path) -> None:
    assert violation(tmp_path, ["-DRUNS=3", "-DNUMBERS=3"], IN_A_BUCKET) is None


@NEEDS_SPIN
@NIGHTLY
@pytest.mark.parametrize("switch", SAFEGUARDS.values(), ids=list(SAFEGUARDS))
def test_without_one_of_them_they_do(tmp_path: Path, switch: str) -> None:
    assert violation(tmp_path, ["-DRUNS=2", "-DNUMBERS=4", switch], IN_A_BUCKET) is not None
