"""`reconciler init`: write a first manifest."""

import os
from pathlib import Path

import click

from reconciler.cli.pages import Command
from reconciler.errors import UsageError


@click.command(cls=Command)
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """Write a commented instances.yaml, its schema, and .gitignore lines into FOLDER.

    Asks nothing and overwrites nothing: what is there already stays as it is.
    """
    from reconciler.manifest.starter import GITIGNORE_LINES, starter
    from reconciler.schemas import schema_text

    manifest = folder / "instances.yaml"
    if os.path.lexists(manifest):
        raise UsageError(
            f"{manifest} exists already; nothing was written",
            hint="name another folder: reconciler init FOLDER",
        )
    schema = folder / "schema" / "manifest.schema.json"
    try:
        schema.parent.mkdir(parents=True, exist_ok=True)
        _write_new(schema, schema_text("manifest"))
        _write_new(manifest, starter("./schema/manifest.schema.json"))
        _ignore(folder / ".gitignore", GITIGNORE_LINES)
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder}: can't be written: {error.strerror}",
            hint="name a folder that can be written to: reconciler init FOLDER",
        ) from error
    click.echo(f"wrote {manifest}, {schema} and the lines for {folder / '.gitignore'}")
    click.echo("next: edit the manifest, then `reconciler validate` and `reconciler plan`")


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        click.echo(f"{path} exists already and stays as it is", err=True)


def _ignore(path: Path, lines: tuple[str, ...]) -> None:
    """Append what *path* lacks of *lines*."""
    held = path.read_text(encoding="utf-8") if path.exists() else ""
    missing = [line for line in lines if line not in held.splitlines()]
    if missing:
        gap = "" if not held or held.endswith("\n") else "\n"
        with path.open("a", encoding="utf-8") as file:
            file.write(gap + "\n".join(missing) + "\n")
