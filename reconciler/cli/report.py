"""`reconciler report`: what the account has against what is wanted, and what it costs."""

import os
from collections.abc import Mapping
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING

import click

from reconciler.apply.guards import check_address
from reconciler.cli.options import (
    Common,
    api_options,
    common,
    instance_options,
    many_at_once,
    option,
    output,
)
from reconciler.cli.outfile import check_writable, write_named
from reconciler.cli.pages import Command
from reconciler.cli.reach import reach, ways_of
from reconciler.cli.session import Session, build
from reconciler.errors import MissingExtra
from reconciler.partner.settings import check_url
from reconciler.report.inventory import Inventory, Sighting, inventory_of
from reconciler.report.words import Call

if TYPE_CHECKING:
    from reconciler.apply.reach import NoWay
    from reconciler.partner.client import Partner
    from reconciler.partner.instances import InstanceAccess


@click.command(cls=Command)
@common
@output("text", "json", "markdown")
@option(
    "--html",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write a page for the person who pays: one file, to read, sort, filter and print.",
)
@option("--states", is_flag=True, help="Also ask each instance for its state.")
@option(
    "--unlinked-days",
    type=click.IntRange(min=0),
    default=14,
    show_default=True,
    metavar="N",
    help="With --states: from how many days without a phone on an instance serves nobody.",
)
@many_at_once
@instance_options
@api_options
def command(
    common: Common,
    output: str,
    html: Path | None,
    states: bool,
    unlinked_days: int,
    concurrency: int,
    identities: tuple[Path, ...],
    instance_hosts: tuple[str, ...],
    api_url: str,
    ca_bundle: Path | None,
) -> int:
    """Compare the account with manifest and state; say what it costs, and for whom.

    One listing is read. Each instance stands in one class, with the command that mends it: managed,
    no longer wanted, twins, unmanaged, forgotten and alive, gone, of other plans. What it costs is
    said where the manifest has `account.pricePerDay`. With --states, what is suspended, blocked or
    without a phone is told, too. Without a manifest all records are wanted.
    """
    session = build(common, offline=False)
    if html is not None:
        check_writable(html, "--html")
        _check_jinja()
    wanted = _wanted(common, session)
    state, url = session.state(), check_url(api_url)
    check_address(state, url)
    with session.partner(session.access(api_url), ca_bundle, timeout=60) as partner:
        account = partner.account()
        sightings = None
        if states:
            recorded = reach(
                state.instances,
                partner=partner,
                session=session,
                account=account,
                identities=identities,
                hosts=instance_hosts,
            )
            rows = [row for row in account.live if not row.of_other_plan]
            ways = ways_of(rows, recorded, state, url)
            sightings = _sightings(ways, partner, concurrency)
    inventory = inventory_of(
        state,
        account,
        wanted=wanted,
        sightings=sightings,
        price=common.account.price_per_day if common.account else None,
        now=session.clock().now(),
        unlinked_days=unlinked_days,
    )
    call = session.call(url)
    session.answer(session.sieve.clean(_rendered(inventory, output, session, call)))
    if html is not None:
        _write(html, inventory, session, call)
    return 0


def _sightings(
    ways: "Mapping[int, InstanceAccess | NoWay]", partner: "Partner", concurrency: int
) -> dict[int, Sighting]:
    """Return the states of the instances that tell theirs; since when, of those without a phone."""
    from reconciler.apply.asking import ask_all
    from reconciler.evidence.states import since
    from reconciler.partner.answer import Unreadable
    from reconciler.partner.instances import InstanceAccess, InstanceCall
    from reconciler.partner.methods import GET_STATE_INSTANCE, GET_STATE_INSTANCE_HISTORY

    stopping = Flag()

    def ask(access: InstanceAccess) -> Sighting | None:
        call = InstanceCall(access)
        told = partner.read(GET_STATE_INSTANCE, call, tries=2, stopping=stopping)
        if isinstance(told, Unreadable):
            return None
        if told.word != "notAuthorized":
            return Sighting(told.word)
        past = partner.read(GET_STATE_INSTANCE_HISTORY, call, tries=2, stopping=stopping)
        return Sighting(told.word, None if isinstance(past, Unreadable) else since(told.word, past))

    accesses = {number: way for number, way in ways.items() if isinstance(way, InstanceAccess)}
    answers = ask_all(accesses, ask, concurrency=concurrency, stopping=stopping)
    return {number: seen for number, seen in answers if seen is not None}


def _wanted(common: Common, session: Session) -> frozenset[str] | None:
    """Return the keys of the manifest; None where there is no manifest at all."""
    if not any(os.path.lexists(path) for path in common.manifests):
        return None
    return frozenset(entry.key for entry in session.demand(session.load(resolve=False)).entries)


def _rendered(inventory: Inventory, output: str, session: Session, call: Call) -> str:
    if output == "json":
        from reconciler.report.inventory_json import inventory_json

        return inventory_json(inventory, call=call)
    from reconciler.report.inventory_text import inventory_markdown, inventory_text

    if output == "markdown":
        return inventory_markdown(inventory, call=call)
    return inventory_text(inventory, color=session.color_out, width=session.width, call=call)


def _check_jinja() -> None:
    from importlib.util import find_spec

    if find_spec("jinja2") is None:
        raise MissingExtra("--html", "jinja2", extra="html")


def _write(path: Path, inventory: Inventory, session: Session, call: Call) -> None:
    from reconciler.report.inventory_html import inventory_html

    page = session.sieve.clean(inventory_html(inventory, call=call))
    write_named(path, page, "--html")
    session.narrate(f"{path}: written")
