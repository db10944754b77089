"""The last resort for answers that the disk does not take."""

from collections.abc import Callable
from threading import Lock

import click


class Rescue:
    """Last resort for answers that the disk does not take: each may hold a plain token."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._told = False
        self._lock = Lock()

    def __call__(self, line: str) -> None:
        with self._lock:  # workers come here at once, and the warning goes first
            if not self._told:
                self._told = True
                self._warn(
                    "each line that begins with `rescue:` is a billed instance, with its token,"
                    " that could not be recorded; keep it until the next run has recorded it"
                )
            click.echo(f"rescue: {line}", err=True)
