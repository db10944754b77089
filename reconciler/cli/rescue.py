"""The last resort for answers that the disk does not take."""

from collections.abc import Callable

import click


class Rescue:
    """Last resort for answers that the disk does not take: each may hold a plain token."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._told = False

    def __call__(self, line: str) -> None:
        if not self._told:  # of workers that come here at once, a second one may say it again
            self._warn(
                "each line that begins with `rescue:` is a billed instance, with its token,"
                " that could not be recorded; keep it until the next run has recorded it"
            )
            self._told = True
        click.echo(f"rescue: {line}", err=True)
