"""When the garbage collector runs: not while a run only reads, which leaves nothing for it.

Looking through manifest and state again and again, as they grow, costs a tenth of a large plan.
"""

import gc
from typing import Final

_NEW_OBJECTS: Final = 10_000  # between two collections, where Python has 700


def pause() -> None:
    """Collect nothing for now."""
    gc.disable()


def resume() -> None:
    """Collect from now on, but leave alone what is there: it stays to the end of the run."""
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
    gc.enable()
