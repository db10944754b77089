"""`reconciler rotate`: a new token for instances whose old one leaked."""

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, assert_never

import click

from reconciler.apply.guards import check_address
from reconciler.cli.options import keys
from reconciler.cli.options.api import Api, Reaching, api, reaching
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import flag, option
from reconciler.cli.options.holding import Holding, holding
from reconciler.cli.pages import Command
from reconciler.cli.question import agreed
from reconciler.cli.reach import chosen, reach
from reconciler.cli.session import Session, build
from reconciler.errors import GuardError, UsageError
from reconciler.logs import is_terminal
from reconciler.model import Account, Recorded
from reconciler.partner.instances import InstanceAccess
from reconciler.report.rotating import TokenBecame, Turn, exit_code, rotate_json, rotate_text
from reconciler.report.words import counted, listed

if TYPE_CHECKING:
    from reconciler.apply.reach import NoWay
    from reconciler.apply.rotate import Rotating
    from reconciler.cli.hooks import Delivery
    from reconciler.partner.client import Partner
    from reconciler.state.store import Store


@click.command(cls=Command)
@click.argument("keys", nargs=-1, required=True, shell_complete=keys.recorded)
@common
@output("text", "json")
@flag("--yes", "Skip the question; needed without a terminal.")
@option(
    "--then",
    metavar="COMMAND",
    help="Run by sh -c after each new token: RECONCILER_KEY is the entry's key, RECONCILER_EXPORT a"
    " private file with the instance as export prints it.",
)
@holding
@reaching
@api
def command(
    keys: tuple[str, ...],
    common: Common,
    output: str,
    yes: bool,
    then: str | None,
    holding: Holding,
    reaching: Reaching,
    api: Api,
) -> int:
    """Give the instances of KEYS new tokens, one after the other; the old ones die at once.

    The state holds a new token before anything else is done with it. Where an answer is lost, the
    old token is tried, and the account's list has the new one; a list without tokens is a reason
    not to begin. A failure ends the row.
    """
    session = build(common, offline=False)
    holding = holding.sealing_for(session.recipients())
    with (
        session.partner(session.access(api), timeout=60) as partner,
        session.open_store(holding) as store,
    ):
        state = store.state()
        records = chosen(state, list(dict.fromkeys(keys)), session)
        check_address(state, partner.url)
        account = partner.account()
        _check_tokens(records, account)
        ways = reach(records, reaching, partner, session, account)
        if not yes and not _agreed(records, session):
            session.narrate("nothing was done")
            records = {}
        delivery = _delivery(then, state.api_url, session)
        turns = list(_turns(records, ways, partner, store, delivery, session))
    text = rotate_json(turns, call=session.call()) if output == "json" else rotate_text(turns)
    session.answer(session.sieve.clean(text))
    code = exit_code(turns)
    rotated = sum(turn.became is TokenBecame.ROTATED for turn in turns)
    session.ended("rotate_finished", exit_code=code, rotated=rotated)
    return code


def _check_tokens(records: Mapping[str, Recorded], account: Account) -> None:
    """Raise GuardError where a lost answer could never be made good."""
    listing = {row.id_instance: row for row in account.live}
    rows = {key: listing.get(each.id_instance) for key, each in records.items()}
    if gone := [key for key, row in rows.items() if row is None]:
        raise GuardError(
            f"the account lists no live instance for {listed(gone, limit=5)}; nothing was sent",
            hint="see `reconciler status --refresh`",
        )
    if hidden := [key for key, row in rows.items() if row is not None and row.token is None]:
        raise GuardError(
            f"the account lists no token of {listed(hidden, limit=5)}: one whose answer is lost"
            " would be lost for good; nothing was sent",
            hint="rotate it in the vendor's console, and run `reconciler apply` to record it",
        )


def _agreed(records: Mapping[str, Recorded], session: Session) -> bool:
    if not is_terminal(sys.stdin) or not is_terminal(sys.stderr):
        raise UsageError(
            "tokens are not rotated without a question, and there is no terminal to ask on",
            hint="add --yes",
        )
    number = counted(len(records), "token")
    return agreed(f"Rotate {number} ({listed(records, limit=5)})? The old die at once.", session)


def _delivery(then: str | None, api_url: str | None, session: Session) -> "Delivery | None":
    if then is None:
        return None
    from reconciler.cli.hooks import Delivery

    return Delivery(then, api_url, session.env)


def _turns(
    records: Mapping[str, Recorded],
    ways: "Mapping[str, InstanceAccess | NoWay]",
    partner: "Partner",
    store: "Store",
    delivery: "Delivery | None",
    session: Session,
) -> Iterator[Turn]:
    """Rotate one after the other; what comes after a failure is not tried."""
    from reconciler.apply.rotate import rotate

    failed = False
    for key, recorded in records.items():
        way, number = ways[key], recorded.id_instance
        if failed:
            turn = Turn(key, number, TokenBecame.NOT_TRIED, "an earlier one failed")
        elif not isinstance(way, InstanceAccess):
            turn = Turn(key, number, TokenBecame.NOT_TRIED, way.reason)
        else:
            became = rotate(key, way, api=partner, store=store, log=session.log)
            turn = _turn(key, recorded, became, delivery)
        failed = failed or exit_code([turn]) != 0
        yield turn


def _turn(key: str, recorded: Recorded, became: "Rotating", delivery: "Delivery | None") -> Turn:
    from reconciler.apply.rotate import NotRotated, Rotated, RotationUnknown

    number = recorded.id_instance
    match became:
        case Rotated(token, found, doubt):
            delivered = None if delivery is None else delivery(key, recorded, token)
            found_words = "its answer was lost, and the account listed it" if found else ""
            reason = f"but it is refused: {doubt}" if doubt else found_words
            return Turn(key, number, TokenBecame.ROTATED, reason, delivered)
        case NotRotated(reason):
            return Turn(key, number, TokenBecame.NOT_ROTATED, reason)
        case RotationUnknown(reason):
            return Turn(key, number, TokenBecame.UNKNOWN, reason)
        case _:
            assert_never(became)
