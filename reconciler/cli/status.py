"""`reconciler status`: what the state records."""

from pathlib import Path

import click

from reconciler.cli.options import Common, api_options, common, output, refresh
from reconciler.cli.pages import Command
from reconciler.cli.session import build
from reconciler.report.status import status_of


@click.command(cls=Command)
@common
@output("text", "json")
@refresh
@api_options
def command(
    common: Common, output: str, refresh: bool, api_url: str, ca_bundle: Path | None
) -> int:
    """Show what the state records, as a table; tokens are never shown.

    With --refresh, compare it with the account: what is gone, renamed, or recorded by nobody.
    """
    session = build(common, offline=not refresh)
    state, account = session.state(), None
    if refresh:
        with session.partner(session.access(api_url), ca_bundle, timeout=60) as partner:
            account = partner.account()
    status = status_of(state, account)
    if output == "json":
        from reconciler.report.json import status_json

        session.answer(status_json(status))
    else:
        from reconciler.report.status_text import status_text

        session.answer(
            status_text(
                status, color=session.color_out, width=session.width, options=session.repeated
            )
        )
        if not state.lineage:
            session.answer(f"{common.state}: there is no state yet (--state names another file)")
    return 0
