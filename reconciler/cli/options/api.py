"""Where the partner API is, and how instances are reached."""

from dataclasses import dataclass
from pathlib import Path

import click

from reconciler.cli.options.declare import flag, number, option, theme


@dataclass(frozen=True, slots=True)
class Api:
    """The URL of the partner API as the user gave it, and certificates to trust there, too."""

    api_url: str
    ca_bundle: Path | None


@dataclass(frozen=True, slots=True)
class Reaching:
    """How instances are reached: *identities* open their sealed tokens, which are sent to the API's
    own hosts and to *instance_hosts*; *concurrency* of them are asked at once."""

    identities: tuple[Path, ...]
    instance_hosts: tuple[str, ...]
    concurrency: int = 50


api = theme(
    "api",
    Api,
    option(
        "--api-url",
        envvar=["RECONCILER_API_URL", "GREEN_API_PARTNER_URL"],
        default="https://api.green-api.com",
        show_default=True,
        metavar="URL",
        help="The partner API (https; http for loopback only).",
    ),
    option(
        "--ca-bundle",
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Certificates to trust besides the system's (a company's proxy).",
    ),
)
refresh = flag("--refresh", "Also ask the account (needs the partner token).")
live = flag("--live", "Also ask the recorded instances for their own settings.")
identities = option(
    "--identity",
    "identities",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Open sealed tokens with this age or SSH identity; may be repeated.",
)
_HOW = (
    identities,
    option(
        "--instance-host",
        "instance_hosts",
        multiple=True,
        metavar="HOST",
        help="Instances may be asked at this host, or below it, too; may be repeated.",
    ),
)
reaching = theme("reaching", Reaching, *_HOW)
reaching_all = theme(  # by commands that are there to ask instances
    "reaching",
    Reaching,
    number("--concurrency", 50, 1, "How many instances are asked at once.", most=500),
    *_HOW,
)
reaching_some = theme(  # by commands that ask them where they are told to
    "reaching",
    Reaching,
    number(
        "--concurrency",
        8,
        1,
        "With --live or --states: how many instances are asked at once.",
        most=256,
    ),
    *_HOW,
)
