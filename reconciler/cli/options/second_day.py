"""What `plan` and `apply` do beyond creating, and only where they are asked to."""

from dataclasses import dataclass
from typing import Final

import click
from click.core import ParameterSource

from reconciler.cli.options.api import live
from reconciler.cli.options.declare import flag, number, theme
from reconciler.errors import UsageError


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


def _second_day(
    recreate: bool,
    prune: bool,
    max_deletes: int,
    live: bool,
    update: bool,
    max_updates: int,
    canary: int,
    batch: int,
) -> SecondDay:
    context = click.get_current_context()
    _refuse_without_effect(context)
    cap_given = context.get_parameter_source("max_deletes") is not ParameterSource.DEFAULT
    return SecondDay(
        recreate, prune, max_deletes, cap_given, live, update, max_updates, canary, batch
    )


second_day = theme(
    "second_day",
    _second_day,
    flag("--recreate", "Create anew what the account shows, in two listings, to be gone."),
    flag("--prune", "Delete, for ever, the recorded instances that no entry wants any more."),
    number("--max-deletes", 5, 0, "Stop before anything is sent if more would be deleted."),
    live,
    flag(
        "--update", "Set the settings that changed or drifted; each instance is restarted by that."
    ),
    number("--max-updates", 100, 0, "Stop before anything is sent if more would be updated."),
    number("--canary", 1, 0, "With --update: so many first, and the others once these are seen."),
    number("--batch", 10, 1, "With --update: so many at a time."),
)
