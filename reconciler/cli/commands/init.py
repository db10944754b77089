"""`reconciler init`: write a first manifest, and what runs it."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import click

from reconciler.cli import ready_made
from reconciler.cli.options.common import output
from reconciler.cli.options.declare import option
from reconciler.cli.pages import Command
from reconciler.errors import UsageError


@dataclass(frozen=True, slots=True)
class Written:
    """Which files were written, and which were there and stay as they are."""

    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@click.command(cls=Command)
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@output("text", "json")
@option(
    "--ci",
    type=click.Choice(list(ready_made.FILES)),
    help="Also write what runs apply there, filled in.",
)
@option("--makefile", is_flag=True, help="Also write a Makefile: make plan, make apply …")
@option(
    "--state-in",
    type=click.Choice(["git", "elsewhere"]),
    help="git: the state is committed, its tokens sealed, and .gitignore takes neither it nor its"
    " journal out; elsewhere: git ignores both.  [default: git for github and gitlab]",
)
def command(
    folder: Path, output: str, ci: str | None, makefile: bool, state_in: str | None
) -> None:
    """Write a commented instances.yaml, its schema, and .gitignore lines into FOLDER.

    Asks nothing and overwrites nothing: what is there already stays as it is.
    """
    manifest = folder / "instances.yaml"
    if os.path.lexists(manifest) and not ci and not makefile:
        raise UsageError(
            f"{manifest} exists already; nothing was written",
            hint="name another folder: reconciler init FOLDER",
        )
    in_git = state_in == "git" or (state_in is None and ci in ready_made.COMMITTING)
    try:
        done = _write(folder, ci, makefile=makefile, in_git=in_git)
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder}: can't be written: {error.strerror}",
            hint="name a folder that can be written to: reconciler init FOLDER",
        ) from error
    if output == "json":
        from reconciler.report.json import init_json

        click.echo(init_json(done.written, done.kept), nl=False)
    else:
        _tell(done, folder, ci, in_git=in_git)


def _write(folder: Path, ci: str | None, *, makefile: bool, in_git: bool) -> Written:
    from reconciler.manifest.starter import ignored, starter
    from reconciler.schemas import schema_text

    texts = {
        "instances.yaml": starter("./schema/manifest.schema.json", sealed=in_git),
        "schema/manifest.schema.json": schema_text("manifest"),
        **({"Makefile": ready_made.MAKEFILE} if makefile else {}),
        **(ready_made.files(ci, folder, Path(sys.executable).parent) if ci else {}),
    }
    done = Written()
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            done.kept.append(str(path))
        else:
            done.written.append(str(path))
    if _ignore(folder / ".gitignore", ignored(in_git=in_git)):
        done.written.append(str(folder / ".gitignore"))
    return done


def _ignore(path: Path, lines: tuple[str, ...]) -> bool:
    """Append what *path* lacks of *lines*; return whether it lacked any."""
    held = path.read_text(encoding="utf-8") if path.exists() else ""
    missing = [line for line in lines if line not in held.splitlines()]
    if missing:
        gap = "" if not held or held.endswith("\n") else "\n"
        with path.open("a", encoding="utf-8") as file:
            file.write(gap + "\n".join(missing) + "\n")
    return bool(missing)


def _hides_the_state(path: Path) -> list[str]:
    """Return the lines of *path* that an init wrote which kept the state elsewhere."""
    from reconciler.manifest.starter import ignored

    held = path.read_text(encoding="utf-8").splitlines()
    return [
        line
        for line in ignored(in_git=False)
        if line in {*held} - {*ignored(in_git=True)} and not line.startswith("#")
    ]


def _tell(done: Written, folder: Path, ci: str | None, *, in_git: bool) -> None:
    for path in done.kept:
        click.echo(f"{path} exists already and stays as it is", err=True)
    click.echo(f"wrote {', '.join(done.written) or 'nothing'}")
    if in_git:
        for line in _hides_the_state(folder / ".gitignore"):
            click.echo(
                f"next: take the line {line} out of {folder / '.gitignore'}: git keeps the state"
            )
        click.echo(
            "next: name the recipients that tokens are sealed to, in the manifest's `state:`;"
            " `age-keygen -o key.txt` makes one"
        )
    if ci == "github" and ready_made.top_of(folder) not in (None, folder.resolve()):
        click.echo(
            "next: move .github to the top of the repository, where GitHub looks for it, and set"
            " `paths` and the action's `manifest` and `state` to what lies here"
        )
    if ci:
        click.echo(f"next: {ready_made.NEXT[ci]}")
    click.echo("next: edit the manifest, then `reconciler validate` and `reconciler plan`")
