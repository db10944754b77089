"""What `plan` and `apply` do beyond creating, and only where they are asked to."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from reconciler.cli.options import option

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class SecondDay:
    """*recreate*: what is gone is created anew; *prune*: what no entry wants is deleted.

    *cap_given*: somebody said how many may be deleted, instead of the default.
    """

    recreate: bool
    prune: bool
    max_deletes: int
    cap_given: bool


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
    @wraps(command)
    def with_second_day(recreate: bool, prune: bool, max_deletes: int, **rest: Any) -> R:
        source = click.get_current_context().get_parameter_source("max_deletes")
        given = source is not ParameterSource.DEFAULT
        return command(second_day=SecondDay(recreate, prune, max_deletes, given), **rest)

    return with_second_day


even_linked = option(
    "--even-linked", is_flag=True, help="With --prune: delete instances that a phone is linked to."
)
even_unlinkable = option(
    "--even-unlinkable",
    is_flag=True,
    help="With --prune: delete instances that can't be logged out from their phone.",
)
