"""`reconciler completion`: the shell completion script."""

import click

from reconciler.cli.pages import Command


@click.command(cls=Command)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion script of SHELL.

    \b
    bash:  reconciler completion bash > ~/.local/share/bash-completion/completions/reconciler
    zsh:   reconciler completion zsh > "${fpath[1]}/_reconciler"
    fish:  reconciler completion fish > ~/.config/fish/completions/reconciler.fish
    """
    from click.shell_completion import get_completion_class

    from reconciler.cli import cli

    found = get_completion_class(shell)
    if found is None:  # the choice above names only those that click has
        raise click.UsageError(f"no completion for {shell}")
    click.echo(found(cli, {}, "reconciler", "_RECONCILER_COMPLETE").source())
