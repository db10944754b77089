"""What options hold beyond what click knows: numbers that are numbers, paths that are no tokens."""

from math import isnan
from pathlib import Path
from typing import Any

import click

from reconciler.cli.invocation import Invocation
from reconciler.errors import UsageError


class Amount(click.FloatRange):
    """A number in a range, and a number it is: `nan` is within every range, and no timer ends."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number: float = super().convert(value, param, ctx)
        if isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


class PathArgument(click.Path):
    """A path that is no partner token: people paste it here, and messages repeat a path."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, readable=False)  # who reads it says more than click

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from reconciler.manifest.credentials import PartnerTokens

        pasted = ctx is not None and ctx.ensure_object(Invocation).sieve.clean(str(value)) != value
        if pasted or PartnerTokens(known=None).found_in(str(value)):
            self.fail(
                "a partner token is no path: it belongs into GREEN_API_PARTNER_TOKEN", param, ctx
            )
        return super().convert(value, param, ctx)


class StateArgument(PathArgument):
    """Where a state is kept: a path, or the URL of an object."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from reconciler.places import place_of

        path = super().convert(value, param, ctx)
        return place_of(value) if isinstance(value, str) else path


class PlanArgument(PathArgument):
    """The path of a saved plan. A manifest is named by -f, and nothing is waited for in a pipe."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from reconciler.manifest.files import is_named_pipe

        path = super().convert(value, param, ctx)
        if path.suffix in (".yaml", ".yml"):
            raise UsageError(
                f"{path} looks like a manifest, and a saved plan is meant there",
                hint=f"name a manifest with -f: reconciler apply -f {path}",
            )
        if is_named_pipe(path):
            raise UsageError(f"{path} is a pipe", hint="save the plan in a file: plan --out FILE")
        return path
