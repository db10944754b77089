"""When the garbage collector runs: not while a run only reads, which leaves nothing for it.

Looking through manifest and state again and again, as they grow, costs a tenth of a large plan.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_NEW_OBJECTS: Final = 10_000  # between two collections, where Python has 700


@contextmanager
def spared_imports() -> Iterator[None]:
    """Collect nothing while modules are imported, and leave alone for good what they made."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def pause() -> None:
    """Collect nothing for now."""
    gc.disable()


def resume() -> None:
    """Collect from now on, but leave alone what is there: it stays to the end of the run."""
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
    gc.enable()
