"""Publishes what a run did beside stdout: to the CI server, in files, as metrics, by a ping.

None of it changes what a run does or its exit code: what can be wrong is checked before anything
is sent (`check`), and what fails afterwards is a warning.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reconciler.cli.ci import Ci, GitHub, add_summary, detect, fold, set_outputs, unfold
from reconciler.cli.options.destinations import Destinations
from reconciler.cli.outfile import check_writable, clear, write_atomically
from reconciler.cli.session import Session
from reconciler.errors import ReconcilerError, Terminated

if TYPE_CHECKING:
    from reconciler.manifest import Manifest
    from reconciler.manifest.problems import Problem
    from reconciler.partner.ping import Ping
    from reconciler.plan import Plan
    from reconciler.report.failure import Failure
    from reconciler.report.words import Call
    from reconciler.results import Report

_SECTION: Final = "reconciler"
_WORLD_READABLE: Final = 0o644  # node_exporter runs as another user


def publisher(session: Session, to: Destinations) -> "Publisher":
    """Return who publishes this run; raise UsageError for what can't work."""
    built = Publisher(
        ci=detect(session.env, enabled=not to.no_ci),
        say=session.narrate,
        warn=session.warn,
        clean=session.sieve.clean,
        now=time.time,
        junit=to.junit,
        metrics=to.metrics,
        report=to.report,
        ping=_ping(session, to),
    )
    built.check()
    return built


def load_manifest(session: Session, publisher: "Publisher", *, resolve: bool = True) -> "Manifest":
    """Load the manifest and publish its problems; raise ManifestError if there are errors.

    Without *resolve*, what references name need not be there.
    """
    manifest = session.load(resolve=resolve)
    publisher.found(manifest.problems)
    return session.demand(manifest)


@contextmanager
def telling(publisher: "Publisher", title: str, session: Session) -> Iterator[None]:
    """Publish that a run began, and if it ends early, why; the log is told, too."""
    started = time.monotonic()
    publisher.started(title)

    def failed(failure: "Failure") -> None:
        seconds = time.monotonic() - started
        session.ended(
            "run_failed",
            reason=failure.message,
            seconds=round(seconds, 3),
            exit_code=failure.exit_code,
        )
        publisher.failed(replace(failure, seconds=seconds), run_id=session.run_id)

    from reconciler.report.failure import Failure

    try:
        yield
    except ReconcilerError as error:
        failed(Failure.of(error))
        raise
    except (KeyboardInterrupt, click.Abort):
        failed(Failure(130, "stopped by SIGINT"))
        raise
    except Terminated:
        failed(Failure(143, "stopped by SIGTERM"))
        raise
    except click.ClickException:
        raise
    except Exception as error:
        failed(Failure(1, f"the program itself failed: {type(error).__name__}"))
        raise


def _ping(session: Session, to: Destinations) -> "Ping | None":
    secret = to.ping_secret()
    if secret is None:
        return None
    from reconciler.partner.ping import Ping

    session.sieve.add(secret)
    return Ping(secret, warn=session.warn)


def _with_codes(line: str) -> None:
    """Write a section's mark: its escape codes are a protocol, and no colour to be stripped."""
    click.echo(line, err=True, color=True)


@dataclass(frozen=True, slots=True)
class Publisher:
    """Where a run is published. *say* writes a line to stderr, *warn* a warning.

    *clean* is the last sieve that every text passes; *now* is in seconds since 1970.
    *mark* writes a line as it is, codes included.
    """

    ci: Ci
    say: Callable[[str], None]
    warn: Callable[[str], None]
    clean: Callable[[str], str]
    now: Callable[[], float]
    junit: Path | None = None
    metrics: Path | None = None
    report: Path | None = None
    ping: "Ping | None" = None
    mark: Callable[[str], None] = _with_codes

    @property
    def on_a_page(self) -> bool:
        """Whether a plan is shown on a job's page, besides stdout."""
        return isinstance(self.ci, GitHub)

    def check(self) -> None:
        """Raise UsageError for a file that could not be written when the run is over."""
        for option, path in (
            ("--junit", self.junit),
            ("--metrics", self.metrics),
            ("--report", self.report),
        ):
            if path is not None:
                check_writable(path, option)
        if self.metrics is not None:
            from reconciler.report.metrics import check_installed

            check_installed()

    def started(self, title: str) -> None:
        """Begin: the narration that follows is folded away under *title* on a job's page."""
        if self.report is not None:
            clear(self.report)
        if self.ping is not None:
            self.ping.start()
        self._mark(fold(self.ci, _SECTION, title, at=self.now()))

    def found(self, problems: "Sequence[Problem]") -> None:
        """Show the manifest's *problems* at their lines."""
        if isinstance(self.ci, GitHub) and problems:
            from reconciler.report.ci import as_github

            self.say(self.clean(as_github(tuple(problems))).rstrip("\n"))

    def planned(self, plan: "Plan", call: "Call", *, checksum: str | None) -> None:
        """Tell what a plan would do."""
        if isinstance(self.ci, GitHub):
            from reconciler.report.ci import plan_outputs
            from reconciler.report.markdown import plan_markdown

            text = self.clean(plan_markdown(plan, checksum=checksum, call=call))
            add_summary(self.ci, text, warn=self.warn)
            set_outputs(
                self.ci, plan_outputs(plan, checksum=checksum, now=self.now()), warn=self.warn
            )

    def finished(self, report: "Report", call: "Call") -> None:
        """Tell what a run did."""
        self._mark(unfold(self.ci, _SECTION, at=self.now()))
        if isinstance(self.ci, GitHub):
            self._tell_github(report, call)
        if self.report is not None:
            from reconciler.report.json import run_json

            self._write(self.report, run_json(report, call=call))
        if self.junit is not None:
            from reconciler.report.junit import junit

            self._write(self.junit, junit(report, call=call))
        self._measure(report)
        if self.ping is not None:
            from reconciler.report.text import run_text

            text = self.clean(run_text(report, color=False, width=0, call=call))
            (self.ping.success if report.exit_code == 0 else self.ping.fail)(text)

    def failed(self, failure: "Failure", *, run_id: str | None = None) -> None:
        """Tell that a run ended early."""
        self._mark(unfold(self.ci, _SECTION, at=self.now()))
        if isinstance(self.ci, GitHub):
            self._fail_github(failure, annotate=not failure.problems)
        if self.report is not None and failure.documented:
            from reconciler.report.json import failure_json

            self._write(self.report, failure_json(failure, command="apply", run_id=run_id))
        if self.junit is not None:
            from reconciler.report.junit import junit

            self._write(self.junit, junit(failure))
        self._measure(failure)
        if self.ping is not None:
            from reconciler.report.failure import failure_text

            self.ping.fail(self.clean(failure_text(failure)))

    def _mark(self, line: str | None) -> None:
        if line is not None:
            self.mark(line)

    def _tell_github(self, report: "Report", call: "Call") -> None:
        from reconciler.report.ci import annotations, run_outputs
        from reconciler.report.markdown import run_markdown

        for line in annotations(report):
            self.say(self.clean(line))
        text = self.clean(run_markdown(report, call=call))
        add_summary(self.ci, text, warn=self.warn)
        set_outputs(self.ci, run_outputs(report, now=self.now()), warn=self.warn)

    def _fail_github(self, failure: "Failure", *, annotate: bool) -> None:
        from reconciler.report.ci import annotation, failure_outputs
        from reconciler.report.markdown import failure_markdown

        if annotate:  # problems of a manifest have annotations of their own
            self.say(self.clean(annotation("error", "reconciler", failure.message)))
        add_summary(self.ci, self.clean(failure_markdown(failure)), warn=self.warn)
        set_outputs(self.ci, failure_outputs(failure), warn=self.warn)

    def _measure(self, run: "Report | Failure") -> None:
        if self.metrics is not None:
            from reconciler.report.metrics import metrics_text

            text = metrics_text(run, previous=_previous(self.metrics), now=self.now())
            self._write(self.metrics, text, mode=_WORLD_READABLE)

    def _write(self, path: Path, text: str, *, mode: int | None = None) -> None:
        try:
            write_atomically(path, self.clean(text), mode=mode)
        except OSError as error:
            self.warn(f"{path}: can't be written: {error.strerror}")


def _previous(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else None
    except (OSError, UnicodeDecodeError):
        return None
