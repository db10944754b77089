"""When the garbage collector runs."""

import gc
from collections.abc import Iterator

import pytest

from reconciler.cli import garbage


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leave the collector of the tests as it was."""
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    gc.enable()


def test_a_run_that_reads_collects_nothing() -> None:
    garbage.pause()

    assert not gc.isenabled()


def test_a_long_run_collects_and_leaves_alone_what_was_read() -> None:
    garbage.pause()
    read = [{"many": "rows"}]

    garbage.resume()

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert not any(each is read for each in gc.get_objects())
