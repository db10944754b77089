"""`reconciler help`: what a command does and takes, on the screen or as a man page."""

import click

from reconciler.cli.options.declare import flag
from reconciler.cli.pages import Command
from reconciler.errors import UsageError


def _commands(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    group = ctx.find_root().command
    for word in ctx.params.get("words") or ():
        inner = group.get_command(ctx, word) if isinstance(group, click.Group) else None
        group = inner or Command(None)
    names = group.list_commands(ctx) if isinstance(group, click.Group) else []
    return [name for name in names if name.startswith(incomplete)]


@click.command(cls=Command)
@click.argument("words", nargs=-1, metavar="[COMMAND]...", shell_complete=_commands)
@flag("--man", "Write a man page (roff) instead.")
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...], man: bool) -> None:
    """Show what a command does, what it takes, and how it ends; without COMMAND, the overview."""
    found = ctx.find_root()
    for word in words:
        group = found.command
        inner = group.get_command(found, word) if isinstance(group, click.Group) else None
        if inner is None:
            raise UsageError(
                f"there is no command {' '.join(words)!r}", hint="see `reconciler help`"
            )
        found = click.Context(inner, info_name=word, parent=found)
    if man:
        from reconciler.cli.man import man_page

        click.echo(man_page(found), nl=False)
    else:
        click.echo(found.get_help(), color=ctx.color)
