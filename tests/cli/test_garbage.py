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


@pytest.mark.parametrize("on", [True, False])
def test_what_imports_make_is_never_looked_at(on: bool) -> None:
    (gc.enable if on else gc.disable)()

    with garbage.spared_imports():
        paused = not gc.isenabled()
        made = [{"many": "modules"}]

    assert paused
    assert gc.isenabled() is on
    assert not any(each is made for each in gc.get_objects())
