"""Where a run is published, beside stdout."""

from dataclasses import dataclass, field
from errno import ENOENT
from pathlib import Path

from reconciler.cli.options.declare import file, flag, option, theme
from reconciler.errors import UsageError
from reconciler.secrets import Secret


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


no_ci = flag("--no-ci", "Don't use what GitHub and GitLab offer a job.")
destinations = theme(
    "destinations",
    Destinations,
    file("--report", "Also write the report as JSON."),
    file("--junit", "Also write the report as JUnit XML."),
    file("--metrics", "Write metrics for Prometheus's textfile collector."),
    option(
        "--ping-url",
        metavar="URL",
        help="Heartbeat: POST to URL/start, URL, URL/fail; never shown. Every process can see an"
        " argument: better by environment or file.",
    ),
    file("--ping-url-file", "Read the URL of --ping-url from this file."),
    no_ci,
)
