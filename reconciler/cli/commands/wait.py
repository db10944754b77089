"""`reconciler wait`: until instances are ready, or linked."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, Final

import click

from reconciler.apply.guards import check_address
from reconciler.cli.invocation import Invocation
from reconciler.cli.options import keys
from reconciler.cli.options.api import Api, Reaching, api, reaching_all
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import choice, file, seconds
from reconciler.cli.outfile import check_writable, clear, write_named
from reconciler.cli.pages import Command
from reconciler.cli.reach import chosen, reach
from reconciler.cli.session import Session, build
from reconciler.errors import ReconcilerError
from reconciler.evidence.states import Goal, Hopeless, NotYet, Reached
from reconciler.model import Account, Recorded
from reconciler.partner.instances import InstanceAccess
from reconciler.report.waiting import Became, Waited, Waiting, waiting_json, waiting_text
from reconciler.report.words import Call, counted
from reconciler.secrets import Secret

if TYPE_CHECKING:
    from reconciler.apply.reach import NoWay
    from reconciler.apply.wait import Patience, Seen
    from reconciler.partner.client import Partner

_BEAT: Final = 10.0  # seconds between two words on how it goes


def _remember(ctx: click.Context, param: click.Parameter, path: Path | None) -> Path | None:
    """Keep where the report goes: a failure is reported there, too."""
    del param
    ctx.ensure_object(Invocation).report = path
    return path


@click.command(cls=Command)
@click.argument("keys", nargs=-1, shell_complete=keys.recorded)
@common
@output("text", "json")
@choice(
    "--for",
    [goal.value for goal in Goal],
    "ready: a phone can be linked (notAuthorized); linked: one is (authorized).",
    to="goal",
)
@seconds("--timeout", 300, "How many seconds to wait at most.", min_open=True)
@seconds(
    "--poll", 5, "About how many seconds between two questions to one instance.", min_open=True
)
@reaching_all
@file("--report", "Also write the JSON to FILE.", callback=_remember)
@api
def command(
    keys: tuple[str, ...],
    common: Common,
    output: str,
    goal: str,
    timeout: float,
    poll: float,
    reaching: Reaching,
    report: Path | None,
    api: Api,
) -> int:
    """Wait until all recorded instances, or those of KEYS, are as they should be.

    An instance that is suspended or blocked is not waited for. When time is up the account is asked
    which are gone. The partner token is needed for that alone, and for tokens that the state lacks.
    """
    from reconciler.apply.wait import Patience

    session = build(common, offline=False)
    if report is not None:
        check_writable(report, "--report")
        clear(report)
    state, url = session.state(), session.url(api)
    records = chosen(state, keys, session)
    check_address(state, url)
    clock = session.clock()
    began = clock.monotonic()
    access = session.access(api, as_partner=False)
    with session.partner(access, timeout=30) as partner:
        there = {key: each for key, each in records.items() if not each.deleted}
        ways = reach(there, reaching, partner, session)
        patience = Patience(timeout, poll, reaching.concurrency)
        seen = _watched(Goal(goal), ways, patience, partner, session)
        late = any(isinstance(each, NotYet) for each in seen.values())
        account = _account(partner, session) if late else None
    rows = tuple(_row(key, each, ways, seen, account) for key, each in records.items())
    waiting = Waiting(Goal(goal), rows, clock.monotonic() - began, late=late)
    return _told(waiting, report, output, session, session.call(url))


def _told(waiting: Waiting, report: Path | None, output: str, session: Session, call: Call) -> int:
    """Answer how it ended; return the exit code."""
    if report is not None:
        document = session.sieve.clean(waiting_json(waiting, call=call))
        write_named(report, document, "--report")
    render = waiting_json if output == "json" else waiting_text
    session.answer(session.sieve.clean(render(waiting, call=call)))
    code = waiting.exit_code
    session.ended("wait_finished", exit_code=code, seconds=round(waiting.seconds, 1))
    return code


def _watched(
    goal: Goal,
    ways: "Mapping[str, InstanceAccess | NoWay]",
    patience: "Patience",
    partner: "Partner",
    session: Session,
) -> "dict[str, Seen]":
    """Wait, and say now and then how it goes; return how each was seen last."""
    from reconciler.apply.wait import wait_for

    clock = session.clock()
    instances = {key: way for key, way in ways.items() if isinstance(way, InstanceAccess)}
    seen: dict[str, Seen] = {key: NotYet(None, "it was not asked yet") for key in instances}
    told = clock.monotonic()
    waiting = wait_for(
        goal,
        instances,
        patience,
        api=partner,
        monotonic=clock.monotonic,
        jitter=clock.jitter,
        stopping=Flag(),
    )
    with closing(waiting):
        for key, each in waiting:
            seen[key] = each
            if isinstance(each, Reached):
                session.log.info("instance_reached", key=key, state=each.word)
            if clock.monotonic() - told >= _BEAT:
                told = clock.monotonic()
                _say(goal, seen.values(), session)
    return seen


def _say(goal: Goal, seen: "Iterable[Seen]", session: Session) -> None:
    reached = sum(isinstance(each, Reached) for each in seen)
    total = len(list(seen))
    session.log.info("wait_progressed", reached=reached, total=total)
    if session.quiet:
        session.narrate(f"{reached} of {counted(total, 'instance')} {goal}")


def _account(partner: "Partner", session: Session) -> Account | None:
    """Ask what has become of those that are late; nothing is lost where that fails."""
    if not isinstance(session.token, Secret):
        return None
    try:
        return partner.account(tries=2)
    except ReconcilerError as error:
        session.warn(f"which of them are gone is not known: {error.message}")
        return None


def _row(
    key: str,
    recorded: Recorded,
    ways: "Mapping[str, InstanceAccess | NoWay]",
    seen: "Mapping[str, Seen]",
    account: Account | None,
) -> Waited:
    number = recorded.id_instance
    if recorded.deleted:
        return Waited(key, number, Became.GONE, reason="the account listed it as deleted")
    way = ways[key]
    if not isinstance(way, InstanceAccess):
        return Waited(key, number, Became.UNREACHABLE, reason=way.reason)
    match seen[key]:
        case Reached(word):
            return Waited(key, number, Became.REACHED, word)
        case Hopeless(word):
            return Waited(key, number, Became.FAILED, word, f"it is {word}")
        case NotYet(word, reason):
            if gone := _gone(number, account):
                return Waited(key, number, Became.GONE, word, gone)
            return Waited(key, number, Became.WAITING, word, reason)


def _gone(number: int, account: Account | None) -> str | None:
    """Return why the instance is gone, if the listing says so; a doubtful one proves no absence."""
    if account is None:
        return None
    row = next((row for row in account.instances if row.id_instance == number), None)
    if row is not None:
        return "the account lists it as deleted" if row.deleted else None
    return None if account.doubts else "the account does not list it"
