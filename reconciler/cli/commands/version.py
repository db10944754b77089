"""`reconciler version`: which one it is."""

import click

from reconciler import __version__
from reconciler.cli.pages import Command


@click.command(cls=Command)
def command() -> None:
    """Print the version."""
    click.echo(f"reconciler {__version__}")
