"""What shells complete where a key is meant: those of the manifest and of the state."""

from collections.abc import Iterable
from pathlib import Path

import click

from reconciler.cli.invocation import Invocation
from reconciler.errors import ReconcilerError
from reconciler.manifest import load
from reconciler.places import MANIFEST, beside
from reconciler.state.loading import read_state
from reconciler.state.model import State


def wanted(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the keys of the manifest."""
    return _beginning(incomplete, _wanted(ctx))


def unresolved(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the keys of creates whose fate is unknown."""
    return _beginning(incomplete, _state(ctx).pending)


def recorded(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the keys on record."""
    return _beginning(incomplete, _state(ctx).instances)


def known(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the keys of the manifest and those on record."""
    return _beginning(incomplete, dict.fromkeys([*_wanted(ctx), *_state(ctx).instances]))


def _manifests(ctx: click.Context) -> tuple[Path, ...]:
    return ctx.params.get("manifests") or (MANIFEST,)


def _wanted(ctx: click.Context) -> list[str]:
    env = ctx.ensure_object(Invocation).env
    manifest = load(_manifests(ctx), env=env, partner_token=None)
    return [entry.key for entry in manifest.entries]


def _state(ctx: click.Context) -> State:
    path = ctx.params.get("state") or beside(_manifests(ctx)[0])
    try:
        return read_state(path) or State(lineage="")
    except ReconcilerError:
        return State(lineage="")


def _beginning(incomplete: str, keys: Iterable[str]) -> list[str]:
    return [key for key in keys if key.startswith(incomplete)]
