"""`reconciler report`: what the account has against what is wanted, and what it costs."""

from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

import click

from reconciler.apply.guards import check_address
from reconciler.cli.options.api import Api, Reaching, api, reaching_all
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import file, flag, number
from reconciler.cli.outfile import check_writable, write_named
from reconciler.cli.pages import Command
from reconciler.cli.reach import reach, ways_of
from reconciler.cli.session import Session, build
from reconciler.errors import MissingExtra
from reconciler.model import Account, Desired
from reconciler.report.inventory.items import Inventory, alike, inventory_of
from reconciler.report.words import Call
from reconciler.state.model import State

if TYPE_CHECKING:
    from reconciler.evidence.settings import LiveSettings
    from reconciler.evidence.states import LiveStates
    from reconciler.partner.client import Partner


_UNLINKED_DAYS: Final = (
    "With --states: from how many days without a phone on an instance serves nobody."
)


@dataclass(frozen=True, slots=True)
class Questions:
    """What the instances are asked for, and how they are reached."""

    states: bool
    live: bool
    reaching: Reaching


@dataclass(frozen=True, slots=True)
class Replies:
    """What they told; None where they were not asked."""

    live: "LiveSettings | None" = None
    states: "LiveStates | None" = None


@click.command(cls=Command)
@common
@output("text", "json", "markdown")
@file(
    "--html",
    "Also write a page for the person who pays: one file, to read, sort, filter and print.",
)
@flag("--states", "Also ask each instance for its state.")
@flag(
    "--live",
    "Also ask each instance for its own settings: what drifted, and twins by their webhook.",
)
@number("--unlinked-days", 14, 0, _UNLINKED_DAYS)
@reaching_all
@api
def command(
    common: Common,
    output: str,
    html: Path | None,
    states: bool,
    live: bool,
    unlinked_days: int,
    reaching: Reaching,
    api: Api,
) -> int:
    """Compare the account with manifest and state; say what it costs, and for whom.

    One listing is read. Each instance stands in one class, with the command that mends it: managed,
    no longer wanted, twins, unmanaged, forgotten and alive, gone, of other plans. What it costs is
    said where the manifest has `account.pricePerDay`. With --states, what is suspended, blocked or
    without a phone is told, too; with --live, whose settings differ from the manifest. Without a
    manifest all records are wanted.
    """
    session = build(common, offline=False)
    if html is not None:
        check_writable(html, "--html")
        _check_jinja()
    wanted = _wanted(session)
    state, url = session.state(), session.url(api)
    check_address(state, url)
    with session.partner(session.access(api), timeout=60) as partner:
        account = partner.account()
        replies = _asked(Questions(states, live, reaching), state, account, partner, session)
    inventory = inventory_of(
        state,
        account,
        wanted=wanted,
        states=replies.states,
        live=replies.live,
        price=common.account.price_per_day if common.account else None,
        now=session.clock().now(),
        unlinked_days=unlinked_days,
    )
    call = session.call(url)
    session.answer(session.sieve.clean(_rendered(inventory, output, session, call)))
    if html is not None:
        _write(html, inventory, session, call)
    return 0


def _asked(
    asking: Questions, state: State, account: Account, partner: "Partner", session: Session
) -> Replies:
    """Ask the live instances what *asking* says; of those that may be twins, the state as well."""
    if not (asking.states or asking.live):
        return Replies()
    from reconciler.apply.live import read_live
    from reconciler.apply.states import read_states

    recorded = reach(state.instances, asking.reaching, partner, session, account)
    rows = [row for row in account.live if not row.of_other_plan]
    ways = ways_of(rows, recorded, state, partner.url)
    live, many = None, asking.reaching.concurrency
    if asking.live:
        now = session.clock().now
        live = read_live(ways, partner, concurrency=many, stopping=Event(), now=now)
    if not asking.states:  # then of those alone that may be twins: it costs nothing where none are
        twins = alike(state, account, live) if live else ()
        ways = {number: way for number, way in ways.items() if number in twins}
    states = read_states(ways, partner, concurrency=many, stopping=Event())
    return Replies(live, replace(states, whole=asking.states))


def _wanted(session: Session) -> dict[str, Desired] | None:
    """Return the entries of the manifest; None where there is no manifest at all."""
    if not session.has_manifest:
        return None
    manifest = session.demand(session.load(resolve=False))
    return {entry.key: entry for entry in manifest.entries}


def _rendered(inventory: Inventory, output: str, session: Session, call: Call) -> str:
    if output == "json":
        from reconciler.report.inventory.json import inventory_json

        return inventory_json(inventory, call=call)
    from reconciler.report.inventory.text import inventory_markdown, inventory_text

    if output == "markdown":
        return inventory_markdown(inventory, call=call)
    return inventory_text(inventory, color=session.color_out, width=session.width, call=call)


def _check_jinja() -> None:
    from importlib.util import find_spec

    if find_spec("jinja2") is None:
        raise MissingExtra("--html", "jinja2", extra="html")


def _write(path: Path, inventory: Inventory, session: Session, call: Call) -> None:
    from reconciler.report.inventory.html import inventory_html

    page = session.sieve.clean(inventory_html(inventory, call=call))
    write_named(path, page, "--html")
    session.narrate(f"{path}: written")
