"""The options that commands share, each with its environment name."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from errno import ENOENT
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.core import ParameterSource

from reconciler.cli.arguments import Amount, PathArgument, StateArgument
from reconciler.cli.invocation import Invocation
from reconciler.errors import UsageError
from reconciler.places import ObjectUrl, Place
from reconciler.secrets import Secret

if TYPE_CHECKING:
    from reconciler.manifest.account import AccountSettings

R = TypeVar("R")
T = TypeVar("T")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def option(*names: str, **settings: Any) -> Decorator:
    """Declare an option whose environment name is RECONCILER_ and its long name."""
    long = next(name for name in names if name.startswith("--")).split("/")[0]
    settings.setdefault("envvar", "RECONCILER_" + long[2:].replace("-", "_").upper())
    settings.setdefault("show_envvar", True)
    if settings.get("multiple"):
        settings["help"] = settings["help"].replace(
            "may be repeated", f"may be repeated (in the environment: {_between(settings)})"
        )
    if long in ("--only", "--exclude"):
        settings.setdefault("shell_complete", _known_keys)
    return click.option(*names, **settings)


def _between(settings: dict[str, Any]) -> str:
    """Return how an environment variable holds several values, by click's own rule."""
    splitter = getattr(settings.get("type"), "envvar_list_splitter", None)
    words = {None: "blanks between", os.pathsep: f"`{os.pathsep}` between"}
    return words.get(splitter, "one a line")


def _known_keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from reconciler.cli.keys import known  # reads manifest and state, for who completes only

    return known(ctx, param, incomplete)


MANIFEST: Final = Path("instances.yaml")
STATE: Final = Path("instances.state.json")


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


_COMMON: Final = (
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
    option(
        "--log-format",
        type=click.Choice(["auto", "console", "json"]),
        default="auto",
        show_default=True,
        help="auto: console on a terminal, else JSON lines.",
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
    option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colours; NO_COLOR is obeyed.",
    ),
)


def common(command: Callable[..., R]) -> Callable[..., R]:
    """Add the common options and hand them on as `common`."""

    @wraps(command)
    def with_common(
        manifests: tuple[Path, ...],
        state: Place | None,
        log_format: str,
        log_level: str | None,
        log_file: Path | None,
        color: str,
        **rest: Any,
    ) -> R:
        from reconciler.cli.account import account_of

        ctx = click.get_current_context()
        invocation = ctx.ensure_object(Invocation)
        paths = _said(ctx, "manifests", manifests, invocation.manifests) or (MANIFEST,)
        state = _said(ctx, "state", state, invocation.state)
        account = account_of(paths, invocation.env)
        if account and isinstance(account.url, str) and _is_default(ctx, "api_url"):
            rest["api_url"] = account.url
        kept = account.state if account and isinstance(account.state, Path | ObjectUrl) else None
        settings = Common(
            paths,
            account,
            state or kept or beside(paths[0]),
            state is not None,
            log_format,
            log_level,
            log_file,
            color,
        )
        return command(common=settings, **rest)

    decorated: Callable[..., R] = with_common
    for add in reversed(_COMMON):
        decorated = add(decorated)
    return decorated


def _said(ctx: click.Context, name: str, own: T, before: T) -> T:
    """Return what was chosen: behind the command beats *before* it, which beats the environment."""
    behind = ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
    return before if before and not behind else own


def _is_default(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) is ParameterSource.DEFAULT


def beside(manifest: Path) -> Path:
    """Return where the state of *manifest* lies: in the same folder."""
    return (manifest if manifest.is_dir() else manifest.parent) / STATE


def api_options(command: Callable[..., R]) -> Callable[..., R]:
    """Add what commands need that talk to the partner API."""
    url = option(
        "--api-url",
        envvar=["RECONCILER_API_URL", "GREEN_API_PARTNER_URL"],
        default="https://api.green-api.com",
        show_default=True,
        metavar="URL",
        help="The partner API (https; http for loopback only).",
    )
    bundle = option(
        "--ca-bundle",
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Certificates to trust besides the system's (a company's proxy).",
    )
    return url(bundle(command))


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where the user wants a run published, beside stdout."""

    junit: Path | None = None
    metrics: Path | None = None
    report: Path | None = None
    ping_url: str | None = field(default=None, repr=False)  # whoever knows it can ping
    ping_url_file: Path | None = None
    no_ci: bool = False

    def ping_secret(self) -> Secret | None:
        """Return the address to ping, from wherever it was given; raise UsageError."""
        if self.ping_url is not None or self.ping_url_file is None:
            return Secret(self.ping_url) if self.ping_url else None
        try:
            if not self.ping_url_file.is_file():  # a pipe may be one that nobody writes to
                raise FileNotFoundError(ENOENT, "no such file")
            return Secret(self.ping_url_file.read_text(encoding="ascii").strip())
        except (OSError, UnicodeDecodeError) as error:
            reason = (getattr(error, "strerror", None) or "not ASCII").lower()
            raise UsageError(
                f"{self.ping_url_file}: the address to ping can't be read: {reason}",
                hint="--ping-url-file names a file that holds nothing but the URL",
            ) from None


no_ci = option("--no-ci", is_flag=True, help="Don't use what GitHub and GitLab offer a job.")


def destinations(command: Callable[..., R]) -> Callable[..., R]:
    """Add the options of `Destinations` and hand them on as `destinations`."""

    def file(name: str, text: str) -> Decorator:
        return option(name, type=click.Path(path_type=Path), metavar="FILE", help=text)

    @file("--report", "Also write the report as JSON.")
    @file("--junit", "Also write the report as JUnit XML.")
    @file("--metrics", "Write metrics for Prometheus's textfile collector.")
    @option(
        "--ping-url",
        metavar="URL",
        help="Heartbeat: POST to URL/start, URL, URL/fail; never shown. Every process can see an"
        " argument: better by environment or file.",
    )
    @file("--ping-url-file", "Read the URL of --ping-url from this file.")
    @no_ci
    @wraps(command)
    def with_destinations(
        junit: Path | None,
        metrics: Path | None,
        report: Path | None,
        ping_url: str | None,
        ping_url_file: Path | None,
        no_ci: bool,
        **rest: Any,
    ) -> R:
        chosen = Destinations(junit, metrics, report, ping_url, ping_url_file, no_ci)
        return command(destinations=chosen, **rest)

    return with_destinations


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


lock_timeout = option(
    "--lock-timeout",
    type=Amount(min=0),
    default=0,
    show_default=True,
    metavar="S",
    help="How many seconds to wait for another run that holds the state.",
)
refresh = option("--refresh", is_flag=True, help="Also ask the account (needs the partner token).")


def instance_options(command: Callable[..., R]) -> Callable[..., R]:
    """Add what commands need that ask instances: their tokens, and where those may be sent."""
    identity = option(
        "--identity",
        "identities",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Open sealed tokens with this age or SSH identity; may be repeated.",
    )
    host = option(
        "--instance-host",
        "instance_hosts",
        multiple=True,
        metavar="HOST",
        help="Instances may be asked at this host, or below it, too; may be repeated.",
    )
    return identity(host(command))


many_at_once = option(
    "--concurrency",
    type=click.IntRange(1, 500),
    default=50,
    show_default=True,
    metavar="N",
    help="How many instances are asked at once.",
)
concurrency = option(
    "--concurrency",
    type=click.IntRange(1, 256),
    default=8,
    show_default=True,
    metavar="N",
    help="With --live or --states: how many instances are asked at once.",
)
