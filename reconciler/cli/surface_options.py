"""The options that say where, beside stdout, a run reports to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reconciler.cli.options import option
from reconciler.secrets import Secret

if TYPE_CHECKING:
    from reconciler.cli.surfaces import Surfaces

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class SurfaceOptions:
    """What the user asked for. *ping_url* is a capability: teach it to the sieve."""

    no_ci: bool
    junit: Path | None
    metrics: Path | None
    report: Path | None
    ping_url: Secret | None

    def surfaces(
        self,
        *,
        env: Mapping[str, str],
        say: Callable[[str], None],
        warn: Callable[[str], None],
        clean: Callable[[str], str],
        now: Callable[[], float],
        options: Sequence[str] = (),
    ) -> "Surfaces":
        """Build what was asked for; raise UsageError for what can't work."""
        from reconciler.cli.ci import detect
        from reconciler.cli.heartbeat import Ping
        from reconciler.cli.surfaces import Surfaces

        built = Surfaces(
            ci=detect(env, enabled=not self.no_ci),
            say=say,
            warn=warn,
            clean=clean,
            now=now,
            junit=self.junit,
            metrics=self.metrics,
            report=self.report,
            ping=Ping(self.ping_url, warn=warn) if self.ping_url is not None else None,
            options=options,
        )
        built.check()
        return built


no_ci = option(
    "--no-ci",
    is_flag=True,
    help="Write no annotations, job summary, outputs or log sections for a CI server.",
)


def surface_options(command: Callable[..., R]) -> Callable[..., R]:
    """Add the options of a run that nobody watches, and hand them on as `surface_options`."""

    @no_ci
    @_file("--junit", "Also write the result as JUnit XML.")
    @_file("--metrics", "Also write metrics for Prometheus' textfile collector (a .prom file).")
    @_file("--report", "Also write the report as JSON.")
    @option(
        "--ping-url",
        metavar="URL",
        help="Tell a dead man's switch (healthchecks.io and its like) of start, success, failure."
        " Better set in the environment: who has it can silence the alarm.",
    )
    @wraps(command)
    def with_surfaces(
        no_ci: bool,
        junit: Path | None,
        metrics: Path | None,
        report: Path | None,
        ping_url: str | None,
        **rest: Any,
    ) -> R:
        url = Secret(ping_url) if ping_url else None
        chosen = SurfaceOptions(no_ci, junit, metrics, report, url)
        return command(surface_options=chosen, **rest)

    return with_surfaces


def _file(name: str, text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return option(name, type=click.Path(path_type=Path), metavar="FILE", help=text)
