"""`reconciler help`: what a command does and takes, on the screen or as a man page."""

import click

from reconciler.cli.options.declare import flag
from reconciler.cli.pages import Command
from reconciler.errors import UsageError


@click.command(cls=Command)
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
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
