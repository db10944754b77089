"""A folder that this process may not look into, root or not."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_NOBODY: Final = 65534


@contextmanager
def closed_folder() -> Iterator[Path]:
    """Make one for as long as the context lasts; root becomes nobody meanwhile."""
    me = os.geteuid()
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0)
        if me == 0:
            os.seteuid(_NOBODY)
        try:
            yield Path(name)
        finally:
            os.seteuid(me)
            Path(name).chmod(0o700)
