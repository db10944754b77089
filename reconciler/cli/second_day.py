"""What `plan` and `apply` do beyond creating, and only where they are asked to."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any, Final, TypeVar

import click
from click.core import ParameterSource

from reconciler.cli.options import Decorator, option
from reconciler.errors import UsageError

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


_OPTIONS: Final = {each.name for each in fields(SecondDay)} - {"cap_given"}
_ONLY_WITH: Final = {  # deletes are capped, and have no stages
    "canary": "update",
    "batch": "update",
    "even_linked": "prune",
    "even_unlinkable": "prune",
}


def _refuse_without_effect(context: click.Context) -> None:
    """Raise UsageError for an option that somebody typed and that changes nothing in this call;
    what an environment or a saved plan brings along is another matter."""
    for name, needed in _ONLY_WITH.items():
        typed = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if typed and not context.params.get(needed) and not context.params.get("planfile"):
            said = name.replace("_", "-")
            raise UsageError(
                f"--{said} is about what --{needed} does, which was not asked for",
                hint=f"add --{needed}, or leave --{said} out",
            )


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
    @_number("--max-deletes", 5, 0, "Stop before anything is sent if more would be deleted.")
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
    def with_second_day(**given: Any) -> R:
        context = click.get_current_context()
        _refuse_without_effect(context)
        cap_given = context.get_parameter_source("max_deletes") is not ParameterSource.DEFAULT
        chosen = {name: given.pop(name) for name in _OPTIONS}
        return command(second_day=SecondDay(cap_given=cap_given, **chosen), **given)

    return with_second_day


even_linked = option(
    "--even-linked", is_flag=True, help="With --prune: delete instances that a phone is linked to."
)
even_unlinkable = option(
    "--even-unlinkable",
    is_flag=True,
    help="With --prune: delete instances that can't be logged out from their phone.",
)
