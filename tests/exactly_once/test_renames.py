"""A record that moves to another key is never lost on the way, and nothing is bought by it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from reconciler.model import Lifecycle
from tests.exactly_once.runs import KILLED, Ended, Site, assert_never_billed_twice
from tests.exactly_once.test_crash_sweep import A_DAY, LATE
from tests.exactly_once.world import LOST, USUAL
from tests.nightly import STRIDE
from tests.state.paper_disk import LOSSES
from tests.values import desired

BEFORE: Final = tuple(desired(key) for key in ("a", "b", "c"))
AFTER: Final = tuple(
    entry._replace(key=f"{entry.key}-new", lifecycle=Lifecycle(entry.key)) for entry in BEFORE
)
REPLIES: Final = (USUAL, LOST["closed, made"], replace(LATE, lag=60))


def sweep(folder: Path, loss: str) -> Iterator[str]:
    """Stop the run that renames at each step; what it renames is recorded, announced, or late."""
    ended, stop = Ended(KILLED), 0
    while ended.code == KILLED:
        stop += STRIDE
        site = Site(folder / f"{stop}")
        site.folder.mkdir(parents=True)
        site.apply(BEFORE, replies=REPLIES, listings=["usual", *["503"] * 40])
        assert len(site.state.pending) > 0
        ended = site.apply(AFTER, kill_at=stop, loss=loss)
        assert_never_billed_twice(site)
        site.apply(AFTER)
        site.time.passed += A_DAY
        assert site.apply(AFTER).code == 0
        assert set(site.state.instances) == {entry.key for entry in AFTER}
        assert site.world.bill.total() == len(BEFORE)
        yield " ".join(ended.steps[-1:])


@pytest.mark.parametrize("loss", LOSSES)
def test_a_crash_before_any_step_of_a_rename_loses_and_buys_nothing(
    tmp_path: Path, loss: str
) -> None:
    assert sum(1 for _ in sweep(tmp_path, loss)) > 10 / STRIDE
