"""`reconciler sandbox`: a local partner API to try everything against."""

import gc
import secrets
import shlex
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from reconciler.cli.pages import Command
from reconciler.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from reconciler.sandbox.data_file import EventLog
    from reconciler.sandbox.events import Event
    from reconciler.sandbox.rules import Rule
    from reconciler.sandbox.settings import SandboxSettings

TOKEN: Final = "gac.SandboxTokenMadeUpForRehearsals0123456789"  # noqa: S105 - opens nothing anywhere
F = TypeVar("F", bound="Callable[..., Any]")
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """The options, as click read them."""

    host: str
    port: int
    token: str
    data: Path | None
    faults: Path | None
    seed: str | None
    latency: float
    birth: float
    newborn: str
    restart: float
    logout: float
    limit: str | None
    retry_after: int | None
    unauthorized: str
    tolerant: bool
    first_id: int
    type_instance: str
    clock_ahead: float
    deleted_looks: str
    hide_tokens: bool
    unlimited: bool
    ready_file: Path | None
    log: bool


def _option(*names: str, **settings: Any) -> "Callable[[F], F]":
    """An option that says which environment variable sets it, too."""
    word = names[0].removeprefix("--").replace("-", "_").upper()
    return click.option(
        *names, envvar=f"RECONCILER_SANDBOX_{word}", show_envvar=True, show_default=True, **settings
    )


@click.command(cls=Command)
@_option("--host", default="127.0.0.1", help="Loopback address to listen on.")
@_option("--port", type=click.IntRange(0, 65535), default=0, help="Port; 0 takes a free one.")
@_option("--token", default=TOKEN, help="Partner token that it accepts.")
@_option("--data", type=_FILE, help="Keep the account in FILE.", metavar="FILE")
@_option("--faults", type=_FILE, help="Start with the fault script in FILE.", metavar="FILE")
@_option("--seed", help="Makes tokens and dice repeatable.  [default: another one each time]")
@_option("--latency", type=click.FloatRange(0), default=0, help="Seconds each create takes.")
@_option("--birth", type=click.FloatRange(0), default=0, help="Seconds until one is ready.")
@_option(
    "--newborn",
    default="null",
    metavar="PHASES",
    help="What a new one looks like meanwhile: unauthorized, missing, null, starting, by commas.",
)
@_option("--restart", type=click.FloatRange(0), default=0, help="Seconds a restart takes.")
@_option("--logout", type=click.FloatRange(0), default=0, help="Seconds a logout goes on.")
@_option("--unlimited", is_flag=True, help="Instance methods may be called as often as one likes.")
@_option("--limit", help="Partner requests a second before 429.", metavar="N[/s]")
@_option("--retry-after", type=click.IntRange(0), help="Retry-After of those 429, in seconds.")
@_option(
    "--unauthorized",
    type=click.Choice(["200", "400", "401"]),
    default="200",
    help="HTTP status for a wrong token.",
)
@_option("--tolerant", is_flag=True, help="Ignore unknown parameters instead of refusing them.")
@_option("--first-id", type=click.IntRange(1), default=1101728000, help="The first idInstance.")
@_option(
    "--type", "type_instance", default="whatsapp", help="typeInstance: whatsapp, telegram or v3."
)
@_option(
    "--clock-ahead", type=float, default=0, metavar="SECONDS", help="How far its clock is ahead."
)
@_option(
    "--deleted-looks",
    type=click.Choice(["unauthorized", "missing", "gone", "starting"]),
    default="unauthorized",
    help="What the methods of a deleted instance answer.",
)
@_option("--hide-tokens", is_flag=True, help="List instances without their tokens.")
@_option("--ready-file", type=_FILE, help="Write url, token, pid here when ready.", metavar="FILE")
@_option("--log", is_flag=True, help="Tell each request on stderr.")
def command(**options: Any) -> None:
    """Serve a partner API on loopback, with a bill and with faults.

    Prints where it is and the token to use; stops at SIGINT or SIGTERM. See docs/sandbox.md.
    """
    for needed in ("starlette", "uvicorn"):
        if find_spec(needed) is None:
            raise MissingExtra("the sandbox", needed, extra="sandbox")
    _serve(SandboxOptions(**options))


def _serve(options: SandboxOptions) -> None:
    """Put the parts together and serve until a signal comes."""
    from reconciler.sandbox.app import build_app
    from reconciler.sandbox.parameters import read_parameters
    from reconciler.sandbox.server import listen, run, url_of
    from reconciler.sandbox.service import Service
    from reconciler.schemas import shipped_schema

    _check_token(options.token)
    settings, rules = _settings(options), _rules(options.faults)
    store, past = _store(options.data)
    service = Service(
        settings,
        rules,
        token=options.token,
        seed=_seed(options.seed),
        parameters=read_parameters(shipped_schema("manifest")),
        past=past,
        store=store,
        now=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        log=_tell if options.log else _keep_quiet,
    )
    listener = listen(options.host, options.port)
    url = url_of(listener)
    if options.ready_file:
        options.ready_file.unlink(missing_ok=True)  # one of an earlier sandbox would mislead
    try:
        announce = partial(_announce, options, url)
        gc.enable()
        run(build_app(service), listener, ready=announce, stopping=service.stop)
    finally:
        if options.ready_file:
            options.ready_file.unlink(missing_ok=True)


def _check_token(token: str) -> None:
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("--token: must be printable ASCII without blanks")


def _settings(options: SandboxOptions) -> "SandboxSettings":
    from reconciler.sandbox.settings import SandboxSettings

    return SandboxSettings(
        latency=options.latency,
        birth=options.birth,
        newborn=_newborn(options.newborn),
        restart=options.restart,
        logout=options.logout,
        limit=_limit(options.limit),
        retry_after=options.retry_after,
        unauthorized=int(options.unauthorized),
        tolerant=options.tolerant,
        first_id=options.first_id,
        type_instance=options.type_instance,
        clock_ahead=options.clock_ahead,
        deleted_looks=options.deleted_looks,
        list_tokens=not options.hide_tokens,
        instance_limits=not options.unlimited,
    )


def _newborn(said: str) -> str:
    from reconciler.sandbox.settings import is_newborn
    from reconciler.sandbox.states import NEWBORN

    if not is_newborn(said):
        known = ", ".join(NEWBORN)
        raise UsageError(f"--newborn {said}: not phases of a birth", hint=f"there are {known}")
    return said


def _limit(said: str | None) -> float | None:
    if said is None:
        return None
    try:
        limit = float(said.removesuffix("/s"))
    except ValueError:
        limit = 0.0
    if not 0 < limit < float("inf"):
        raise UsageError(f"--limit {said}: not a number of requests a second", hint="such as 5/s")
    return limit


def _rules(path: Path | None) -> "Sequence[Rule]":
    from reconciler.sandbox.script_file import read_script_file

    return () if path is None else read_script_file(path)


def _store(path: Path | None) -> "tuple[EventLog, Sequence[Event]]":
    from reconciler.sandbox.data_file import DataFile, NoDataFile

    if path is None:
        return NoDataFile(), ()
    store = DataFile(path)
    return store, store.read()


def _seed(said: str | None) -> str:
    return secrets.token_hex(8) if said is None else said


def _announce(options: SandboxOptions, url: str) -> None:
    from reconciler.sandbox.server import write_ready_file

    if options.ready_file:
        write_ready_file(options.ready_file, url=url, token=options.token)
    click.echo(f"export GREEN_API_PARTNER_URL={url}")
    click.echo(f"export GREEN_API_PARTNER_TOKEN={shlex.quote(options.token)}")


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _keep_quiet(_: str) -> None:
    pass
