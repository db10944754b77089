"""`reconciler report`: what the account has against what is wanted, and what it costs."""

import os
from pathlib import Path

import click

from reconciler.apply.guards import check_address
from reconciler.cli.options import Common, api_options, common, option, output
from reconciler.cli.outfile import check_writable, write_atomically
from reconciler.cli.pages import Command
from reconciler.cli.session import Session, build
from reconciler.errors import MissingExtra, UsageError
from reconciler.partner.settings import check_url
from reconciler.report.inventory import Inventory, inventory_of
from reconciler.report.words import Call


@click.command(cls=Command)
@common
@output("text", "json", "markdown")
@option(
    "--html",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write a page for the person who pays: one file, to read, sort, filter and print.",
)
@option(
    "--unlinked-days",
    type=click.IntRange(min=0),
    default=14,
    show_default=True,
    metavar="N",
    help="With --states: from how many days without a phone on an instance serves nobody.",
)
@api_options
def command(
    common: Common,
    output: str,
    html: Path | None,
    unlinked_days: int,
    api_url: str,
    ca_bundle: Path | None,
) -> int:
    """Compare the account with manifest and state; say what it costs, and for whom.

    One listing is read. Each instance stands in one class, with the command that mends it: managed,
    no longer wanted, twins, unmanaged, forgotten and alive, gone, of other plans. What it costs is
    said where the manifest has `account.pricePerDay`. Without a manifest all records are wanted.
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
    inventory = inventory_of(
        state,
        account,
        wanted=wanted,
        price=common.account.price_per_day if common.account else None,
        now=session.clock().now(),
        unlinked_days=unlinked_days,
    )
    call = session.call(url)
    session.answer(session.sieve.clean(_rendered(inventory, output, session, call)))
    if html is not None:
        _write(html, inventory, session, call)
    return 0


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

    try:
        write_atomically(path, session.sieve.clean(inventory_html(inventory, call=call)))
    except OSError as error:
        raise UsageError(
            f"--html {path}: can't be written: {(error.strerror or '').lower()}",
            hint="name a file in a folder that can be written to",
        ) from error
    session.narrate(f"{path}: written")
