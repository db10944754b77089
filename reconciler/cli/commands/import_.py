"""`reconciler import`: a manifest for what the account has already."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING

import click

from reconciler.apply.guards import check_address, check_proof
from reconciler.cli.options.api import Api, Reaching, api, reaching_all
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import file, flag
from reconciler.cli.options.holding import Holding, holding
from reconciler.cli.outfile import check_writable, write_named
from reconciler.cli.pages import Command
from reconciler.cli.reach import reach, ways_of
from reconciler.cli.session import Session, build
from reconciler.errors import UsageError
from reconciler.model import Account
from reconciler.places import MANIFEST, beside
from reconciler.report.taken_over import import_json, manifest_text, reference_lines
from reconciler.report.words import counted
from reconciler.state.model import State
from reconciler.takeover import LeftOut, TakeOver, candidates, take_over

if TYPE_CHECKING:
    from reconciler.apply.reach import NoWay
    from reconciler.partner.client import Partner
    from reconciler.partner.instances import InstanceAccess
    from reconciler.state.store import Store


@click.command(cls=Command)
@common
@output("text", "json")
@file("--to", "Write the manifest to this new file instead of stdout.")
@flag("--record", "Record the instances, too: the next plan is empty.")
@reaching_all
@holding
@api
def command(
    common: Common,
    output: str,
    to: Path | None,
    record: bool,
    reaching: Reaching,
    holding: Holding,
    api: Api,
) -> int:
    """Print a manifest for what the account has: one entry for each live instance of the partner.

    Each instance is asked for its settings. An entry has what differs from the API's defaults, what
    most have in common stands in `defaults`, and secrets become ${env:…}: what to set is told. Rows
    that are deleted, expired or of other plans are left out, and named.
    """
    session = build(_placed(common, to), offline=False)
    if to is not None:
        _check_new(to)
    with ExitStack() as stack:
        partner = stack.enter_context(session.partner(session.access(api), timeout=60))
        store = None
        if record:
            store = stack.enter_context(session.open_store(holding.sealing_for(())))
        state = session.state() if store is None else store.state()
        check_address(state, partner.url)
        account = partner.account()
        check_proof(state, account)
        for doubt in account.doubts:
            session.warn(f"the listing {doubt}: the manifest may lack instances")
        ways = reach(state.instances, reaching, partner, session, account)
        made = _made(account, state, ways, partner, reaching.concurrency, session)
        text = session.sieve.clean(manifest_text(made, api_url=partner.url))
        if to is not None:
            write_named(to, text, "--to")
        recorded = None if store is None else _record(made, store, partner.url, session)
    return _ended(made, text, to, recorded, output, partner.url, session)


def _record(made: TakeOver, store: "Store", url: str, session: Session) -> int:
    from reconciler.apply.adopt import remember_address
    from reconciler.apply.take import record_all

    remember_address(store, url)
    return record_all(made, store, session.clock(), session.log)


def _ended(
    made: TakeOver,
    text: str,
    to: Path | None,
    recorded: int | None,
    output: str,
    url: str,
    session: Session,
) -> int:
    """Answer, and say on stderr what is left to do; return the exit code."""
    code = 5 if any(each.failed for each in made.left_out) else 0
    if output == "json":
        document = import_json(
            made,
            text=None if to else text,
            file=str(to) if to else None,
            recorded=recorded or 0,
            api_url=url,
            code=code,
        )
        session.answer(session.sieve.clean(document))
    elif to is None:
        session.answer(text)
    _tell(made, to, recorded, session)
    session.ended("import_finished", exit_code=code, entries=len(made.entries))
    return code


def _placed(common: Common, to: Path | None) -> Common:
    """Return where things are: the state lies beside the manifest that is written, if nobody says
    otherwise and there is none yet."""
    if to is None or common.state_given or common.account or MANIFEST.exists():
        return common
    return replace(common, state=beside(to))


def _check_new(to: Path) -> None:
    check_writable(to, "--to")
    if to.is_file():
        raise UsageError(
            f"--to {to}: is there already, and is left alone",
            hint="name a new file, and put together what belongs together by hand",
        )


def _made(
    account: Account,
    state: State,
    recorded: "Mapping[str, InstanceAccess | NoWay]",
    partner: "Partner",
    concurrency: int,
    session: Session,
) -> TakeOver:
    """Ask each instance for its settings, and make the manifest of them."""
    from reconciler.apply.live import read_live
    from reconciler.manifest.rules import load_rules

    rows, left_out = candidates(account, state)
    ways = ways_of(rows, recorded, state, partner.url)
    now = session.clock().now
    live = read_live(ways, partner, concurrency=concurrency, stopping=Flag(), now=now)
    failed = [
        LeftOut(row, f"its settings could not be read: {live.silent[row.id_instance]}", failed=True)
        for row in rows
        if row.id_instance in live.silent
    ]
    asked = [row for row in rows if row.id_instance in live.told]
    rules = load_rules()
    return take_over(asked, live.told, state=state, rules=rules, left_out=[*failed, *left_out])


def _tell(made: TakeOver, to: Path | None, recorded: int | None, session: Session) -> None:
    """Say on stderr what was made, and what is left to do."""
    said = counted(len(made.entries), "entry", "entries")
    session.narrate(f"{to}: {said} written" if to else said)
    if recorded is not None:
        session.narrate(f"{counted(recorded, 'instance')} newly recorded")
    for line in reference_lines(made):
        session.narrate(line)
    for each in made.left_out:
        if each.failed:
            session.warn(f"{each.instance.id_instance} is left out: {each.reason}")
