"""`reconciler status`: what the state records."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

import click

from reconciler.apply.guards import check_address
from reconciler.cli.notices import warn_of_address, warn_of_listing
from reconciler.cli.options import keys
from reconciler.cli.options.api import Api, Reaching, api, live, reaching_some, refresh
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import flag
from reconciler.cli.pages import Command
from reconciler.cli.reach import ways_by_id
from reconciler.cli.session import Session, build
from reconciler.errors import UsageError
from reconciler.model import Account, Recorded
from reconciler.plan import diff
from reconciler.report.details import Details, details_of
from reconciler.report.status import Status, status_of
from reconciler.report.words import printable
from reconciler.state.model import State

if TYPE_CHECKING:
    from reconciler.apply.reach import NoWay
    from reconciler.evidence.settings import LiveSettings
    from reconciler.evidence.states import LiveStates, Portrait
    from reconciler.partner.client import Partner
    from reconciler.partner.instances import InstanceAccess

    Ways = Mapping[int, InstanceAccess | NoWay]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked: the account (*refresh*), the instances for their *states* or for their own
    settings (*live*), and how they are reached."""

    refresh: bool
    states: bool
    live: bool
    reaching: Reaching

    @property
    def nobody(self) -> bool:
        return not (self.refresh or self.states or self.live)


@dataclass(frozen=True, slots=True)
class Answers:
    """What they told; None where they were not asked."""

    account: Account | None = None
    settings: "LiveSettings | None" = None
    states: "LiveStates | None" = None
    portrait: "Portrait | None" = None


@click.command(cls=Command)
@click.argument("key", required=False, shell_complete=keys.recorded)
@common
@output("text", "json")
@refresh
@flag("--states", "Also ask the recorded instances for their states.")
@live
@reaching_some
@api
def command(
    key: str | None,
    common: Common,
    output: str,
    refresh: bool,
    states: bool,
    live: bool,
    reaching: Reaching,
    api: Api,
) -> int:
    """Show what the state records, as a table by key; of one KEY everything that is known, with
    its history. Tokens are never shown.

    With --refresh, compare it with the account: what is gone, not listed, renamed, or recorded by
    nobody. With --states, show in which state the instances are, of one KEY its past states and its
    phone, too. With --live, compare it with the settings that the instances have.
    """
    asking = Asking(refresh, states, live, reaching)
    session = build(common, offline=asking.nobody)
    state, url = session.state(), session.url(api)
    if key is not None:
        _check_known(key, state, session)
    if asking.nobody:
        answers = Answers()
        warn_of_address(session, state, url)
    else:
        check_address(state, url)
        access = session.access(api, as_partner=refresh)
        with session.partner(access, timeout=60) as partner:
            answers = _asked(asking, key, state, partner, session)
    if answers.account is not None:
        warn_of_listing(session, diff((), state, answers.account))
    status = status_of(state, answers.account, answers.settings, answers.states, key=key)
    details = None
    if key is not None:
        details = details_of(key, state, status, answers.account, answers.portrait)
    session.answer(_rendered(status, details, output, session))
    if output == "text" and not state.lineage:
        session.answer(f"{common.state}: there is no state yet (--state names another file)")
    return 0


def _check_known(key: str, state: State, session: Session) -> None:
    """Raise UsageError for a key that the state never heard of."""
    stones = {stone.key for stone in state.tombstones.values()}
    if key in {*state.instances, *state.pending, *stones}:
        return
    where = session.common.state
    if not state.lineage:
        raise UsageError(
            f"{where}: there is no state yet, and so nothing is known of {printable(key)}",
            hint="run `reconciler apply` first, or name the state with --state",
        )
    raise UsageError(
        f"{where} knows nothing of {printable(key)}", hint="`reconciler status` lists what it knows"
    )


def _asked(
    asking: Asking, key: str | None, state: State, partner: "Partner", session: Session
) -> Answers:
    """Ask the account, and the instances of *key* or all of them."""
    account = partner.account() if asking.refresh else None
    if not (asking.states or asking.live):
        return Answers(account)
    records = {name: each for name, each in state.instances.items() if key in (None, name)}
    ways = ways_by_id(records, asking.reaching, partner, session, account)
    return Answers(
        account,
        _settings(ways, asking, partner, session) if asking.live else None,
        _states(ways, asking, partner) if asking.states else None,
        _portrait(records, ways, partner) if asking.states and key is not None else None,
    )


def _settings(ways: "Ways", asking: Asking, partner: "Partner", session: Session) -> "LiveSettings":
    from reconciler.apply.live import read_live

    now, many = session.clock().now, asking.reaching.concurrency
    return read_live(ways, partner, concurrency=many, stopping=Event(), now=now)


def _states(ways: "Ways", asking: Asking, partner: "Partner") -> "LiveStates":
    from reconciler.apply.states import read_states

    many = asking.reaching.concurrency
    return read_states(ways, partner, concurrency=many, stopping=Event())


def _portrait(
    records: Mapping[str, Recorded], ways: "Ways", partner: "Partner"
) -> "Portrait | None":
    from reconciler.apply.states import read_portrait
    from reconciler.partner.instances import InstanceAccess

    for recorded in records.values():
        way = ways.get(recorded.id_instance)
        if isinstance(way, InstanceAccess):
            return read_portrait(way, recorded.type_instance, partner, stopping=Event())
    return None


def _rendered(status: Status, details: Details | None, output: str, session: Session) -> str:
    call = session.call()
    if output == "json":
        from reconciler.report.status_json import status_json

        text = status_json(status, details, call=call)
    elif details is not None:
        from reconciler.report.details_text import details_text

        text = details_text(
            details, status, color=session.color_out, width=session.width, call=call
        )
    else:
        from reconciler.report.status_text import status_text

        text = status_text(status, color=session.color_out, width=session.width, call=call)
    return session.sieve.clean(text)
