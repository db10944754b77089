"""What every command that reads manifest or state is told, and the format of its answer."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click
from click.core import ParameterSource

from reconciler.cli.invocation import Invocation
from reconciler.cli.options.arguments import PathArgument, StateArgument
from reconciler.cli.options.declare import Decorator, choice, option, theme
from reconciler.places import MANIFEST, STATE, ObjectUrl, Place, beside

if TYPE_CHECKING:
    from reconciler.manifest.account import AccountSettings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Common:
    """What every command that reads manifest or state is told.

    *state* lies beside the first manifest, unless *state_given* by option or environment, or by
    the manifest's `account:`.
    """

    manifests: tuple[Path, ...]
    account: "AccountSettings | None"  # which the manifests name
    state: Place
    state_given: bool
    log_format: str
    log_level: str | None
    log_file: Path | None
    color: str


def _common(
    manifests: tuple[Path, ...],
    state: Place | None,
    log_format: str,
    log_level: str | None,
    log_file: Path | None,
    color: str,
) -> Common:
    """Return what was said before the command and behind it, and what the manifest says."""
    from reconciler.cli.account import account_of

    ctx = click.get_current_context()
    invocation = ctx.ensure_object(Invocation)
    paths = said(ctx, "manifests", manifests, invocation.manifests) or (MANIFEST,)
    state = said(ctx, "state", state, invocation.state)
    account = account_of(paths, invocation.env)
    kept = account.state if account and isinstance(account.state, Path | ObjectUrl) else None
    return Common(
        paths,
        account,
        state or kept or beside(paths[0]),
        state is not None,
        log_format,
        log_level,
        log_file,
        color,
    )


def said(ctx: click.Context, name: str, own: T, before: T) -> T:
    """Return what was chosen: behind the command beats *before* it, which beats the environment."""
    behind = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
    return before if before and not behind else own


common = theme(
    "common",
    _common,
    option(
        "-f",
        "--manifest",
        "manifests",
        multiple=True,
        type=PathArgument(),
        metavar="PATH",
        help="A manifest, a folder of *.yaml and *.yml, or - for stdin; may be repeated."
        f"  [default: {MANIFEST}]",
    ),
    option(
        "-s",
        "--state",
        "state",
        type=StateArgument(),
        metavar="PATH",
        help="The state file, or s3://BUCKET/KEY, gs://…, az://….  [default:"
        f" {STATE}, beside the first manifest]",
    ),
    choice(
        "--log-format",
        ["auto", "console", "json"],
        "auto: console on a terminal, else JSON lines.",
    ),
    option(
        "--log-level",
        type=click.Choice(["debug", "info", "warning", "error"]),
        help="What is logged to stderr.  [default: info; on a terminal and for commands that"
        " stay offline: warning]",
    ),
    option(
        "--log-file",
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Also append the log, as JSON lines, to this file.",
    ),
    choice("--color", ["auto", "always", "never"], "Colours; NO_COLOR is obeyed."),
)


FORMATS: Final = frozenset({"text", "json", "markdown", "github", "gitlab", "sarif"})


def output(*formats: str) -> Decorator:
    """Add -o with the *formats* of a command, text first."""

    def remember(ctx: click.Context, param: click.Parameter, chosen: str) -> str:
        """Keep it for an error, which is answered in the same format."""
        del param
        invocation = ctx.ensure_object(Invocation)
        invocation.output = chosen
        invocation.command = ctx.command_path.split(" ")[:2][-1]
        return chosen

    return option(
        "-o",
        "--output",
        "output",
        type=_Format(formats),
        default="text",
        show_default=True,
        callback=remember,
        help="What stdout carries.",
    )


class _Format(click.Choice[str]):
    """A format of a command's answer. One that the environment names for all commands, and that
    this one does not have, is meant for others."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        for_all = ctx and param and ctx.get_parameter_source(param.name or "")
        if for_all is ParameterSource.ENVIRONMENT and value in FORMATS - {*self.choices}:
            return "text"
        return super().convert(value, param, ctx)
