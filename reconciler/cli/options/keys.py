"""What shells complete where a key is meant: those of the manifest and of the state."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.cli.account import account_of
from reconciler.cli.invocation import Invocation
from reconciler.cli.options.common import said
from reconciler.errors import ReconcilerError
from reconciler.manifest import load
from reconciler.manifest.files import STDIN
from reconciler.places import MANIFEST, beside
from reconciler.state.loading import read_state
from reconciler.state.model import State

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def wanted(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the keys of the manifest."""
    return _beginning(incomplete, _wanted(ctx))


def unresolved(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the keys of creates whose fate is unknown."""
    return _beginning(incomplete, _state(ctx).pending)


def recorded(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the keys on record."""
    return _beginning(incomplete, _state(ctx).instances)


def kept(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the keys that the state has, those of unresolved creates among them."""
    return _beginning(incomplete, _kept(ctx))


def free(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the keys of the manifest that the state does not have."""
    taken = {*_kept(ctx)}
    return [key for key in wanted(ctx, param, incomplete) if key not in taken]


def fitting(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> "list[CompletionItem[str]]":
    """Complete all keys, and the globs that several of them fit."""
    return _with_globs(incomplete, dict.fromkeys([*_wanted(ctx), *_kept(ctx)]))


def fitting_records(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> "list[CompletionItem[str]]":
    """Complete the keys on record, and the globs that several of them fit."""
    return _with_globs(incomplete, _state(ctx).instances)


def _with_globs(incomplete: str, keys: Iterable[str]) -> "list[CompletionItem[str]]":
    from click.shell_completion import CompletionItem

    keys = list(keys)
    counts = Counter(key[: mark.end()] for key in keys for mark in re.finditer(r"[-._]+", key))
    globs = {f"{beginning}*": count for beginning, count in counts.items() if count > 1}
    return [
        *map(CompletionItem, _beginning(incomplete, keys)),
        *(
            CompletionItem(glob, help=f"The {globs[glob]} entries that begin so.")
            for glob in _beginning(incomplete, globs)
        ),
    ]


def _manifests(ctx: click.Context) -> Sequence[Path]:
    before = ctx.find_root().params.get("manifests") or ()
    named: Sequence[Path] = said(ctx, "manifests", ctx.params.get("manifests") or (), before)
    return named or (MANIFEST,)


def _wanted(ctx: click.Context) -> list[str]:
    paths = _manifests(ctx)
    if STDIN in paths:  # it is the keyboard of who completes
        return []
    env = ctx.ensure_object(Invocation).env
    return [entry.key for entry in load(paths, env=env, resolve=False).entries]


def _kept(ctx: click.Context) -> list[str]:
    state = _state(ctx)
    return [*state.instances, *state.pending]


def _state(ctx: click.Context) -> State:
    """Return the state in its file, if it can be read; nobody waits for a bucket at a key press."""
    paths = _manifests(ctx)
    place = said(ctx, "state", ctx.params.get("state"), ctx.find_root().params.get("state"))
    if place is None and STDIN not in paths:
        account = account_of(paths, ctx.ensure_object(Invocation).env)
        place = account.state if account else None
    place = place or beside(paths[0])
    try:
        found = read_state(place) if isinstance(place, Path) else None
    except ReconcilerError:
        found = None
    return found or State(lineage="")


def _beginning(incomplete: str, keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key.startswith(incomplete)]
