"""`reconciler completion`: the shell completion script."""

import sys
from pathlib import Path
from typing import Final

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from reconciler.cli.pages import Command


class _Fish(FishComplete):
    """A line is split once: click's own script ends each sentence at its first comma."""

    source_template = """\
function %(complete_func)s
    for line in (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) \\
            COMP_CWORD=(commandline -t) %(prog_name)s)
        set -l kind_and_value (string split --max 1 , -- $line)
        switch $kind_and_value[1]
            case dir
                __fish_complete_directories $kind_and_value[2]
            case file
                __fish_complete_path $kind_and_value[2]
            case plain
                echo $kind_and_value[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


SHELLS: Final[dict[str, type[ShellComplete]]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": _Fish,
}


@click.command(cls=Command)
@click.argument("shell", type=click.Choice([*SHELLS]))
def command(shell: str) -> None:
    """Print the completion script of SHELL, for the command by the name that it was called by.

    \b
    bash:  reconciler completion bash > ~/.local/share/bash-completion/completions/reconciler
    zsh:   reconciler completion zsh > ~/.reconciler.zsh
           in ~/.zshrc, after compinit: source ~/.reconciler.zsh
    fish:  reconciler completion fish > ~/.config/fish/completions/reconciler.fish
    """
    from reconciler.cli import cli

    called = Path(sys.argv[0]).name
    name = called if called == "greenapi-reconciler" else "reconciler"
    click.echo(SHELLS[shell](cli, {}, name, "_RECONCILER_COMPLETE").source())
