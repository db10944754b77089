"""The model and the program come to the same verdicts about the same histories."""

import os
from pathlib import Path
from typing import Final

import pytest

from tests.model.replay import Theatre, events, verdicts
from tests.model.spin import NEEDS_SPIN, history

pytestmark = NEEDS_SPIN

NIGHTLY: Final = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
WALKS: Final = 600 if NIGHTLY else 40  # of each kind
SWITCHES: Final = ("-DSTEADY", "-DRUNS=9", "-DMAXT=40")


@pytest.mark.parametrize(
    "switches",
    [SWITCHES, (*SWITCHES, "-DFOREIGN", "-DTWINS")],
    ids=["alone", "with somebody's hands"],
)
def test_the_program_concludes_what_the_model_concludes(
    tmp_path: Path, switches: tuple[str, ...]
) -> None:
    walks = {seed: list(events(history(seed, switches))) for seed in range(WALKS)}

    played = {seed: Theatre(tmp_path / str(seed)).verdicts(walk) for seed, walk in walks.items()}

    said = {seed: verdicts(walk) for seed, walk in walks.items()}
    assert {seed: (said[seed], played[seed]) for seed in said if said[seed] != played[seed]} == {}
