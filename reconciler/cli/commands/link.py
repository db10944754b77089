"""`reconciler link`: a person links phones to instances."""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from threading import Event as Flag
from typing import TYPE_CHECKING

import click

from reconciler.apply.guards import check_address
from reconciler.cli.options import keys
from reconciler.cli.options.api import Api, Reaching, api, reaching
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import flag, option, seconds
from reconciler.cli.pages import Command
from reconciler.cli.reach import chosen, reach
from reconciler.cli.session import Session, build
from reconciler.errors import MissingExtra, UsageError
from reconciler.partner.instances import InstanceAccess
from reconciler.report.link_page import PhoneTurn
from reconciler.report.linking import (
    PhoneLink,
    exit_code,
    link_json,
    link_text,
    links_json,
    links_text,
)

if TYPE_CHECKING:
    from reconciler.apply.link import Linked, NotLinked
    from reconciler.apply.reach import NoWay
    from reconciler.partner.client import Partner


@click.command(cls=Command)
@click.argument("key", required=False, shell_complete=keys.recorded)
@common
@output("text", "json")
@flag("--all", "All that wait for a phone, one after the other.", to="every")
@flag("--page", "Show it on a page in a browser on this machine, which is gone at the end.")
@option(
    "--phone",
    type=click.IntRange(min=100_000),
    metavar="N",
    help="Show a pairing code for this number (digits, with the country's code) instead of a QR.",
)
@seconds(
    "--timeout",
    300,
    "How many seconds to try at most, for each; longer was seen to wear instances out.",
    min_open=True,
)
@reaching
@api
def command(
    key: str | None,
    every: bool,
    common: Common,
    output: str,
    page: bool,
    phone: int | None,
    timeout: float,
    reaching: Reaching,
    api: Api,
) -> int:
    """Link a phone to the instance of KEY: shows a QR code to scan, a new one as each grows old.

    Somebody with the phone must be there. With --all, the instances that wait for a phone are asked
    for, and take turns. A password that the messenger asks for is typed here; it is not shown.
    Whoever sees a code, or opens the page, can link a phone: none of it is for a job's log.
    """
    from reconciler.apply.reach import NoWay

    session = build(common, offline=False)
    _check_call(key, every=every, page=page, phone=phone)
    state, url = session.state(), session.url(api)
    records = chosen(state, [] if key is None else [key], session)
    check_address(state, url)
    turns = [
        PhoneTurn(each, record.id_instance, record.type_instance)
        for each, record in records.items()
        if key or not record.deleted
    ]
    with session.partner(session.access(api, as_partner=False), timeout=30) as partner:
        ways = reach({turn.key: records[turn.key] for turn in turns}, reaching, partner, session)
        if key is not None and isinstance(way := ways[key], NoWay):
            raise UsageError(f"{key} can't be asked: {way.reason}", hint=None)
        before = _standing(ways, partner, reaching.concurrency) if every else {}
        waiting = [turn for turn in turns if turn.key not in before]
        accesses = {key: way for key, way in ways.items() if isinstance(way, InstanceAccess)}
        trial = Trial(page, phone, timeout)
        after = _linked(waiting, trial, accesses, partner, session)
    links, had = _links(turns, before, after)
    return _told(links, None if key else had, output, session)


@dataclass(frozen=True, slots=True)
class Trial:
    """How phones are linked: on a *page* or in the terminal, by a code for the number *phone* or by
    QR codes, each in *timeout* seconds."""

    page: bool
    phone: int | None
    timeout: float


def _check_call(key: str | None, *, every: bool, page: bool, phone: int | None) -> None:
    if (key is None) != every:
        raise UsageError(
            "a KEY or --all is wanted, and not both", hint="`reconciler status` lists the keys"
        )
    if every and phone is not None:
        raise UsageError("--phone is one phone's number, and --all is for many", hint=None)
    if phone is None and not page:
        for needed in ("segno", "zxingcpp", "PIL"):
            if find_spec(needed) is None:
                what = "a QR code in the terminal (--page and --phone N go without)"
                raise MissingExtra(what, needed, extra="link")


def _standing(
    ways: "Mapping[str, InstanceAccess | NoWay]", partner: "Partner", concurrency: int
) -> "dict[str, Linked | NotLinked]":
    """Return how the instances stand before anything is done, but for those that wait for a
    phone."""
    from reconciler.apply.link import NotLinked
    from reconciler.apply.walk import look_around

    instances = dict[str, InstanceAccess]()
    standing: dict[str, Linked | NotLinked] = {}
    for key, way in ways.items():
        if isinstance(way, InstanceAccess):
            instances[key] = way
        else:
            standing[key] = NotLinked(f"it can't be asked: {way.reason}")
    return standing | look_around(instances, api=partner, concurrency=concurrency, stopping=Flag())


def _linked(
    turns: Sequence[PhoneTurn],
    trial: Trial,
    accesses: Mapping[str, InstanceAccess],
    partner: "Partner",
    session: Session,
) -> "dict[str, Linked | NotLinked]":
    """Lead the person through *turns*, if there are any; return how it ended for each."""
    if not turns:
        return {}
    from reconciler.apply.link import Linking
    from reconciler.apply.walk import walk
    from reconciler.cli.linking.screens import PageScreen, TerminalScreen, page_screen

    messengers = {turn.key: turn.messenger for turn in turns}
    where: AbstractContextManager[PageScreen | TerminalScreen]
    where = (
        page_screen(session, turns) if trial.page else nullcontext(TerminalScreen(session, turns))
    )
    with where as screen:

        def link(key: str) -> "Linked | NotLinked":
            linking = Linking(
                accesses[key],
                messengers[key],
                api=partner,
                screen=screen,
                monotonic=time.monotonic,
                sleep=time.sleep,
                timeout=trial.timeout,
            )
            return linking.by_qr() if trial.phone is None else linking.by_code(trial.phone)

        return walk(list(messengers), link, screen, patience=trial.timeout)


def _links(
    turns: Sequence[PhoneTurn],
    before: "Mapping[str, Linked | NotLinked]",
    after: "Mapping[str, Linked | NotLinked]",
) -> tuple[list[PhoneLink], int]:
    """Return how it stands now, but for those that were linked *before*, and their number."""
    from reconciler.apply.link import Linked
    from reconciler.cli.linking.screens import link_of

    had = {key for key, ended in before.items() if isinstance(ended, Linked)}
    ended = {**before, **after}
    return [link_of(turn, ended[turn.key]) for turn in turns if turn.key not in had], len(had)


def _told(
    links: Sequence[PhoneLink], linked_before: int | None, output: str, session: Session
) -> int:
    """Answer how it ended; return the exit code. *linked_before*: None where KEY was named."""
    code = exit_code(links)
    if linked_before is None:
        (link,) = links
        text = link_json(link) if output == "json" else link_text(link)
        session.answer(session.sieve.clean(text))
        session.ended("link_finished", exit_code=code, key=link.key, linked=link.linked)
    else:
        render = links_json if output == "json" else links_text
        session.answer(session.sieve.clean(render(links, linked_before)))
        linked = sum(link.linked for link in links)
        session.ended("links_finished", exit_code=code, linked=linked, total=len(links))
    return code
