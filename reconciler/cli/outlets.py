"""The options that say where a run reports to, and the surfaces that they make."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from reconciler.cli.options import option
from reconciler.cli.session import Session
from reconciler.errors import ReconcilerError
from reconciler.secrets import Secret

if TYPE_CHECKING:
    from reconciler.cli.surfaces import Surfaces
    from reconciler.manifest import Manifest

R = TypeVar("R")

no_ci = option(
    "--no-ci", is_flag=True, help="Don't use the surfaces of GitHub and GitLab when run there."
)


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where the user wants the run reported to, beside stdout."""

    junit: Path | None = None
    metrics: Path | None = None
    report: Path | None = None
    ping_url: str | None = field(default=None, repr=False)  # whoever knows it can ping
    no_ci: bool = False


def outlets(command: Callable[..., R]) -> Callable[..., R]:
    """Add the options of `Outlets` and hand them on as `outlets`."""

    @option(
        "--report",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Also write the report as JSON.",
    )
    @option(
        "--junit",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Also write the report as JUnit XML.",
    )
    @option(
        "--metrics",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write metrics for Prometheus's textfile collector.",
    )
    @option(
        "--ping-url",
        metavar="URL",
        help="Heartbeat: POST to URL/start, URL, URL/fail; never shown.",
    )
    @no_ci
    @wraps(command)
    def with_outlets(
        junit: Path | None,
        metrics: Path | None,
        report: Path | None,
        ping_url: str | None,
        no_ci: bool,
        **rest: Any,
    ) -> R:
        return command(outlets=Outlets(junit, metrics, report, ping_url, no_ci), **rest)

    return with_outlets


def surfaces(session: Session, chosen: Outlets) -> "Surfaces":
    """Build the surfaces of a run; raise UsageError for what can't work."""
    from reconciler.cli.ci import detect
    from reconciler.cli.surfaces import Surfaces

    built = Surfaces(
        ci=detect(session.env, enabled=not chosen.no_ci),
        say=session.narrate,
        warn=session.warn,
        clean=session.sieve.clean,
        now=time.time,
        junit=chosen.junit,
        metrics=chosen.metrics,
        report=chosen.report,
        ping=_ping(session, chosen.ping_url) if chosen.ping_url else None,
        options=session.repeated,
    )
    built.check()
    return built


def loaded(session: Session, outlet: "Surfaces") -> "Manifest":
    """Load the manifest, with its problems on every surface; raise ManifestError."""
    manifest = session.load()
    outlet.found(manifest.problems)
    return session.demand(manifest)


@contextmanager
def telling(outlet: "Surfaces", title: str, session: Session) -> Iterator[None]:
    """Tell *outlet* that a run began, and if it ends early, log and *outlet* why."""
    from reconciler.cli import Terminated

    started = time.monotonic()
    outlet.started(title)

    def failed(code: int, message: str) -> None:
        from reconciler.report.failure import Failure

        seconds = time.monotonic() - started
        session.ended("run_failed", reason=message, seconds=round(seconds, 3), exit_code=code)
        outlet.failed(Failure(code, message, seconds))

    try:
        yield
    except ReconcilerError as error:
        failed(error.exit_code, error.message)
        raise
    except (KeyboardInterrupt, click.Abort):
        failed(130, "stopped by SIGINT")
        raise
    except Terminated:
        failed(143, "stopped by SIGTERM")
        raise
    except click.ClickException:
        raise
    except Exception as error:
        failed(1, f"the program itself failed: {type(error).__name__}")
        raise


def _ping(session: Session, url: str) -> Any:
    from reconciler.cli.heartbeat import Ping

    secret = Secret(url)
    session.sieve.add(secret)
    return Ping(secret, warn=session.warn)
