"""`reconciler status`: what the state records."""

from pathlib import Path
from typing import Any

import click

from reconciler.apply.guards import check_address
from reconciler.cli.notices import warn_of_address, warn_of_listing
from reconciler.cli.options import (
    Common,
    api_options,
    common,
    concurrency,
    instance_options,
    output,
    refresh,
)
from reconciler.cli.pages import Command
from reconciler.cli.reach import live_settings
from reconciler.cli.second_day import live as live_option
from reconciler.cli.session import build
from reconciler.partner.settings import check_url
from reconciler.plan import diff
from reconciler.report.status import status_of


@click.command(cls=Command)
@common
@output("text", "json")
@refresh
@live_option
@concurrency
@instance_options
@api_options
def command(
    common: Common,
    output: str,
    refresh: bool,
    live: bool,
    api_url: str,
    ca_bundle: Path | None,
    **reaching: Any,
) -> int:
    """Show what the state records, as a table by key; tokens are never shown.

    With --refresh, compare it with the account: what is gone, not listed, renamed, or recorded by
    nobody. With --live, compare it with the settings that the instances have.
    """
    session = build(common, offline=not (refresh or live))
    state, account, url = session.state(), None, check_url(api_url)
    settings = None
    if refresh or live:
        check_address(state, url)
        access = session.access(api_url, as_partner=refresh)
        with session.partner(access, ca_bundle, timeout=60) as partner:
            account = partner.account() if refresh else None
            if live:
                settings = live_settings(state.instances, partner, session, account, **reaching)
        if account is not None:
            warn_of_listing(session, diff((), state, account))
    else:
        warn_of_address(session, state, url)
    status = status_of(state, account, settings)
    if output == "json":
        from reconciler.report.json import status_json

        session.answer(status_json(status, call=session.call()))
    else:
        from reconciler.report.status_text import status_text

        session.answer(
            status_text(status, color=session.color_out, width=session.width, call=session.call())
        )
        if not state.lineage:
            session.answer(f"{common.state}: there is no state yet (--state names another file)")
    return 0
