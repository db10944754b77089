"""`reconciler plan`: show what apply would do."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from reconciler.apply.guards import (
    check_account,
    check_address,
    check_deletes,
    check_updates,
)
from reconciler.cli.notices import log_plan, warn_of_address, warn_of_listing
from reconciler.cli.options.api import Api, Reaching, api, reaching_some, refresh
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import file, flag
from reconciler.cli.options.destinations import Destinations, no_ci
from reconciler.cli.options.second_day import SecondDay, second_day
from reconciler.cli.options.selection import Selection, selection
from reconciler.cli.outfile import write_named
from reconciler.cli.pages import Command
from reconciler.cli.publish import load_manifest, publisher
from reconciler.cli.reach import live_settings
from reconciler.cli.session import Session, build
from reconciler.errors import GuardError, ManifestError
from reconciler.evidence.settings import records_of, unwanted
from reconciler.model import Account, Desired
from reconciler.plan import DONE, Conflict, Lookalike, Plan, Unresolved, checksum, diff
from reconciler.report.json import plan_json
from reconciler.report.words import Call
from reconciler.state.model import State

if TYPE_CHECKING:
    from reconciler.evidence.settings import LiveSettings
    from reconciler.partner.client import Partner

_OPEN: Final = {*DONE, Unresolved, Conflict, Lookalike}  # what apply would do, or stop at


@click.command(cls=Command)
@common
@output("text", "json", "markdown")
@refresh
@file("--out", "Save the plan; `reconciler apply FILE` carries out exactly this one.")
@flag("--checksum", "Print only the checksum, for `apply --expect-checksum`.", to="want_checksum")
@flag("--detailed-exitcode", "Exit 4 when `apply` would do something, or stop.")
@selection
@second_day
@reaching_some
@api
@no_ci
def command(
    common: Common,
    output: str,
    selection: Selection,
    second_day: SecondDay,
    refresh: bool,
    out: Path | None,
    want_checksum: bool,
    detailed_exitcode: bool,
    reaching: Reaching,
    api: Api,
    no_ci: bool,
) -> int:
    """Show what apply would do; needs no network and no token (but for --refresh and --live).

    The number of instances that would be created, and billed, is said first. Where a variable or
    file of the manifest is not at hand, the rest is compared, and what could not be is said.
    """
    session = build(common, offline=not (refresh or second_day.live))
    published = publisher(session, Destinations(no_ci=no_ci))
    manifest, state = load_manifest(session, published, resolve=False), session.state()
    if manifest.unset and (out or want_checksum):
        raise _unbound("--out" if out else "--checksum")
    entries = manifest.entries
    call = session.call(url := session.url(api))
    selection.check(entries, state)
    account, live = None, None
    if refresh or second_day.live:
        check_address(state, url)
        with session.partner(session.access(api, as_partner=refresh), timeout=60) as partner:
            account = _account(partner, state, session) if refresh else None
            if second_day.live:
                doomed = unwanted(entries, state.instances) if second_day.prune else {}
                records = records_of(entries, state.instances)
                live = live_settings(records, doomed, reaching, partner, session, account)
    else:
        warn_of_address(session, state, url)
    plan = _planned(entries, state, account, live, selection, second_day)
    warn_of_listing(session, plan)
    _warn_of_caps(session, plan, account, second_day)
    log_plan(session, plan)
    needed = out or want_checksum or output != "text" or published.on_a_page
    bound = checksum(entries, state, url) if needed and not manifest.unset else None
    if out is not None:
        write_named(out, plan_json(plan, checksum=bound, call=call), "--out")
    session.answer((want_checksum and bound) or _render(plan, output, session, call, bound))
    published.planned(plan, call, checksum=bound)
    return 4 if detailed_exitcode and not _OPEN.isdisjoint(map(type, plan.actions)) else 0


def _planned(
    entries: tuple[Desired, ...],
    state: State,
    account: Account | None,
    live: "LiveSettings | None",
    selection: Selection,
    second_day: SecondDay,
) -> Plan:
    return diff(
        entries,
        state,
        account,
        new=selection.new,
        recreate=second_day.recreate,
        prune=second_day.prune,
        live=live,
        update=second_day.update,
    ).selected(selection.only, selection.exclude)


def _account(partner: "Partner", state: State, session: Session) -> Account:
    account = partner.account()
    check_account(state, account, session.clock().now())
    return account


def _warn_of_caps(session: Session, plan: Plan, account: Account | None, chosen: SecondDay) -> None:
    try:
        check_deletes(plan, account, chosen.max_deletes)
        check_updates(plan, chosen.max_updates)
    except GuardError as stopped:
        session.warn(f"apply stops: {stopped.message}")


def _unbound(option: str) -> ManifestError:
    return ManifestError(
        f"{option}: a plan is bound to every value of the manifest, and some are not known here",
        hint="set what the notes name; without the option, plan compares the rest",
    )


def _render(plan: Plan, output: str, session: Session, call: Call, checksum: str | None) -> str:
    if output == "text":
        from reconciler.report.text import plan_text

        text = plan_text(plan, color=session.color_out, width=session.width, call=call)
        return session.sieve.clean(text)
    if output == "json":
        return plan_json(plan, checksum=checksum, call=call)
    from reconciler.report.markdown import plan_markdown

    return session.sieve.clean(plan_markdown(plan, checksum=checksum, call=call))
