"""What `plan` and `apply` do beyond creating, and only where they are asked to."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from reconciler.cli.options import Decorator, option

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class SecondDay:
    """*recreate*: what is gone is created anew; *prune*: what no entry wants is deleted.

    *live*: the instances are asked for their settings; *update*: those that differ are set.

    *cap_given*: somebody said how many may be deleted, instead of the default.
    """

    recreate: bool
    prune: bool
    max_deletes: int
    cap_given: bool
    live: bool
    update: bool
    max_updates: int
    canary: int
    batch: int


def _number(name: str, default: int, least: int, text: str) -> Decorator:
    kind = click.IntRange(min=least)
    return option(name, type=kind, default=default, show_default=True, metavar="N", help=text)


live = option(
    "--live",
    is_flag=True,
    help="Also ask the recorded instances for their own settings.",
)


def second_day(command: Callable[..., R]) -> Callable[..., R]:
    """Add these options, and hand them on as `second_day`."""

    @option(
        "--recreate",
        is_flag=True,
        help="Create anew what the account shows, in two listings, to be gone.",
    )
    @option(
        "--prune",
        is_flag=True,
        help="Delete, for ever, the recorded instances that no entry wants any more.",
    )
    @option(
        "--max-deletes",
        type=click.IntRange(min=0),
        default=5,
        show_default=True,
        metavar="N",
        help="Stop before anything is sent if more would be deleted.",
    )
    @live
    @option(
        "--update",
        is_flag=True,
        help="Set the settings that changed or drifted; each instance is restarted by that.",
    )
    @_number("--max-updates", 100, 0, "Stop before anything is sent if more would be updated.")
    @_number("--canary", 1, 0, "With --update: so many first, and the others once these are seen.")
    @_number("--batch", 10, 1, "With --update: so many at a time.")
    @wraps(command)
    def with_second_day(
        recreate: bool,
        prune: bool,
        max_deletes: int,
        live: bool,
        update: bool,
        max_updates: int,
        canary: int,
        batch: int,
        **rest: Any,
    ) -> R:
        source = click.get_current_context().get_parameter_source("max_deletes")
        given = source is not ParameterSource.DEFAULT
        chosen = SecondDay(
            recreate, prune, max_deletes, given, live, update, max_updates, canary, batch
        )
        return command(second_day=chosen, **rest)

    return with_second_day


even_linked = option(
    "--even-linked", is_flag=True, help="With --prune: delete instances that a phone is linked to."
)
even_unlinkable = option(
    "--even-unlinkable",
    is_flag=True,
    help="With --prune: delete instances that can't be logged out from their phone.",
)
