"""`reconciler link`: a person links a phone to an instance."""

import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reconciler.apply.guards import check_address
from reconciler.cli import keys
from reconciler.cli.arguments import Amount
from reconciler.cli.options import Common, api_options, common, instance_options, option, output
from reconciler.cli.pages import Command
from reconciler.cli.reach import chosen, reach
from reconciler.cli.session import Session, build
from reconciler.errors import MissingExtra, UsageError
from reconciler.logs import is_terminal
from reconciler.partner.instances import InstanceAccess
from reconciler.partner.settings import check_url
from reconciler.report.linking import link_json, link_text
from reconciler.secrets import Secret

if TYPE_CHECKING:
    from reconciler.apply.link import Linked, NotLinked


@click.command(cls=Command)
@click.argument("key", shell_complete=keys.recorded)
@common
@output("text", "json")
@option(
    "--phone",
    type=click.IntRange(min=100_000),
    metavar="N",
    help="Show a pairing code for this number (digits, with the country's code) instead of a QR.",
)
@option(
    "--timeout",
    type=Amount(min=0, min_open=True),
    default=300,
    show_default=True,
    metavar="S",
    help="How many seconds to try at most; longer was seen to wear instances out.",
)
@instance_options
@api_options
def command(
    key: str,
    common: Common,
    output: str,
    phone: int | None,
    timeout: float,
    identities: tuple[Path, ...],
    instance_hosts: tuple[str, ...],
    api_url: str,
    ca_bundle: Path | None,
) -> int:
    """Link a phone to the instance of KEY: shows a QR code to scan, a new one as each grows old.

    Somebody with the phone must be there. A password that the messenger asks for is typed here; it
    is not shown. Whoever sees the code can link a phone: it is for the terminal alone, not for a
    job's log.
    """
    from reconciler.apply.link import Linking

    session = build(common, offline=False)
    if phone is None:
        _check_libraries()
    state, url = session.state(), check_url(api_url)
    records = chosen(state, [key], session)
    check_address(state, url)
    access = session.access(api_url, as_partner=False)
    with session.partner(access, ca_bundle, timeout=30) as partner:
        way = reach(
            records,
            partner=partner,
            session=session,
            account=None,
            identities=identities,
            hosts=instance_hosts,
        )[key]
        if not isinstance(way, InstanceAccess):
            raise UsageError(f"{key} can't be asked: {way.reason}", hint=None)
        linking = Linking(
            way,
            records[key].type_instance,
            api=partner,
            screen=TerminalScreen(session),
            monotonic=time.monotonic,
            sleep=time.sleep,
            timeout=timeout,
        )
        ended = linking.by_qr() if phone is None else linking.by_code(phone)
    return _told(key, records[key].id_instance, ended, output, session)


def _told(key: str, number: int, ended: "Linked | NotLinked", output: str, session: Session) -> int:
    """Answer how it ended; return the exit code."""
    from reconciler.apply.link import Linked

    linked = isinstance(ended, Linked)
    phone, reason = (ended.phone, "") if isinstance(ended, Linked) else (None, ended.reason)
    code = 0 if isinstance(ended, Linked) else 11 if ended.late else 5
    if output == "json":
        text = link_json(key, number, linked=linked, phone=phone, reason=reason, code=code)
    else:
        text = link_text(key, number, linked=linked, phone=phone, reason=reason)
    session.answer(session.sieve.clean(text))
    session.ended("link_finished", exit_code=code, key=key, linked=linked)
    return code


class TerminalScreen:
    """Shows codes on stderr, each in the place of the one before, where that is a terminal."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lines = 0  # of the code that stands right above
        self._said = ""

    def show_qr(self, picture: str) -> None:
        from reconciler.report.qr import drawn, payload_of

        payload = payload_of(picture)
        if payload is None:
            self.say("the API's picture holds no QR code")
            return
        lines = drawn(payload, color=self._session.color_err)
        if self._lines and is_terminal(sys.stderr):
            click.echo(f"\x1b[{self._lines}F\x1b[J", nl=False, err=True, color=True)
        lines.append("Scan this with the phone: linked devices, link a device.")
        self._write("\n".join(lines))
        self._lines, self._said = len(lines), ""

    def show_code(self, code: Secret) -> None:
        shown = code.reveal()  # for the person alone: it goes to no log
        self._write(f"Type this on the phone (link with phone number instead): {shown}")

    def say(self, text: str) -> None:
        if text != self._said:
            self._session.narrate(text)
            self._said, self._lines = text, 0

    def ask_password(self) -> Secret:
        self._lines = 0
        return Secret(click.prompt("password of the account", hide_input=True, err=True))

    def _write(self, text: str) -> None:
        click.echo(text, err=True, color=self._session.color_err)


def _check_libraries() -> None:
    for needed in ("segno", "zxingcpp", "PIL"):
        if find_spec(needed) is None:
            raise MissingExtra("a QR code (--phone N goes without)", needed, extra="link")
