"""`reconciler schema`: print the manifest's JSON Schema."""

import click

from reconciler.cli.pages import Command
from reconciler.schemas import schema_text


@click.command(cls=Command)
def command() -> None:
    """Print the JSON Schema (draft-07) of the manifest, for editors and other tools."""
    click.echo(schema_text("manifest").rstrip("\n"))
