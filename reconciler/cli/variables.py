"""Notices environment variables that look like ours and that nothing reads: misspelt ones."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final

import click

from reconciler.cli.pages import every_command

PREFIX: Final = "RECONCILER_"
# Read by what is built around the commands: scripts, checkpoints, completion.
_OTHERS: Final = frozenset(
    PREFIX + name
    for name in (
        "ANNOUNCED", "COMPLETE", "GIT_BRANCH", "GIT_REMOTE", "PHASE", "PUSH_TOKEN", "SOURCE",
    )
)  # fmt: skip


def unread(ctx: click.Context, env: Mapping[str, str]) -> Iterator[str]:
    """Yield a warning for each variable of *env* that no command reads."""
    ours = {name for name in env if name.startswith(PREFIX)} - _OTHERS - _variables(ctx.command)
    if not ours:  # nearly always, and then no other command need be imported
        return
    known = {name for inner in every_command(ctx.find_root()) for name in _variables(inner.command)}
    for name in sorted(ours - known):
        near = get_close_matches(name, known, n=1, cutoff=0.8)
        meant = f"; did you mean {near[0]}?" if near else ""
        yield f"{name} is set, but no command reads such a variable{meant}"


def _variables(command: click.Command) -> set[str]:
    found: set[str] = set()
    for param in command.params:
        names = param.envvar if param.envvar is not None else ()
        found |= {names} if isinstance(names, str) else set(names)
    return found
