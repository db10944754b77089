"""Which instances a command means, and the way to each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from reconciler.cli.options.api import Reaching
from reconciler.cli.session import Session
from reconciler.errors import UsageError
from reconciler.model import Account, Instance, Recorded, Sealed
from reconciler.report.words import listed
from reconciler.secrets import Secret
from reconciler.state.model import State

if TYPE_CHECKING:
    from reconciler.apply.reach import NoWay, Open
    from reconciler.apply.settings import Ways
    from reconciler.evidence.settings import LiveSettings
    from reconciler.partner.client import Partner
    from reconciler.partner.instances import InstanceAccess


def chosen(state: State, keys: Sequence[str], session: Session) -> dict[str, Recorded]:
    """Return the records of *keys*, or all of them; raise UsageError for what is not recorded."""
    if not state.lineage:
        raise UsageError(
            f"{session.common.state}: there is no state yet, and so no instance is known",
            hint="run `reconciler apply` first, or name the state with --state",
        )
    if unknown := [key for key in keys if key not in state.instances]:
        pending = any(key in state.pending for key in unknown)
        raise UsageError(
            f"not recorded: {listed(unknown, limit=10)}",
            hint="its create is unresolved: `reconciler apply` asks the account"
            if pending
            else "`reconciler status` lists what is",
        )
    return {key: state.instances[key] for key in (keys or state.instances)}


def reach(
    records: Mapping[str, Recorded],
    reaching: Reaching,
    partner: "Partner",
    session: Session,
    account: Account | None = None,
) -> "Mapping[str, InstanceAccess | NoWay]":
    """Return the way to each of *records*; the listing is read where only it has a token."""
    closed = any(
        each.token is None or (isinstance(each.token, Sealed) and not reaching.identities)
        for each in records.values()
    )
    if account is None and closed and isinstance(session.token, Secret):
        account = partner.account()
    return ways_for(partner.url, reaching)(records, account)


def _opener(records: Mapping[str, Recorded], identities: Sequence[Path]) -> "Open | None":
    """Return what opens the sealed tokens of *records* with *identities*; None where nothing is to
    be opened, or can be."""
    if not identities or not any(isinstance(each.token, Sealed) for each in records.values()):
        return None
    from reconciler.state.sealing import make_opener

    opener = make_opener(identities)
    return lambda token, key: opener.open(token, entry=key)


def live_settings(
    records: Mapping[str, Recorded],
    unwanted: Mapping[str, Recorded],
    reaching: Reaching,
    partner: "Partner",
    session: Session,
    account: Account | None,
) -> "LiveSettings":
    """Return what *records* tell of their settings, and the *unwanted* ones of their states."""
    from reconciler.apply.live import read_live

    ways = ways_by_id({**records, **unwanted}, reaching, partner, session, account)
    states = {each.id_instance: ways.pop(each.id_instance) for each in unwanted.values()}
    many, now = reaching.concurrency, session.clock().now
    return read_live(ways, partner, unwanted=states, concurrency=many, stopping=Event(), now=now)


def ways_by_id(
    records: Mapping[str, Recorded],
    reaching: Reaching,
    partner: "Partner",
    session: Session,
    account: Account | None,
) -> "dict[int, InstanceAccess | NoWay]":
    """Return the way to each of *records* that is not known to be deleted, by its id."""
    asked = {key: each for key, each in records.items() if not each.deleted}
    ways = reach(asked, reaching, partner, session, account)
    return {recorded.id_instance: ways[key] for key, recorded in asked.items()}


def ways_of(
    rows: Sequence[Instance],
    recorded: "Mapping[str, InstanceAccess | NoWay]",
    state: State,
    url: str,
) -> "dict[int, InstanceAccess | NoWay]":
    """Return the way to each of *rows*: as it is *recorded*, else by the token that is listed."""
    from reconciler.apply.reach import NO_TOKEN, NoWay
    from reconciler.partner.instances import InstanceAccess

    known = {state.instances[key].id_instance: way for key, way in recorded.items()}
    ways: dict[int, InstanceAccess | NoWay] = {}
    for row in rows:
        number, token = row.id_instance, row.token
        listed = NoWay(NO_TOKEN) if token is None else InstanceAccess(number, token, url)
        ways[number] = known.get(number, listed)
    return ways


def ways_for(url: str, reaching: Reaching) -> "Ways":
    """Return what finds the way to any record, for an account at *url*."""
    from reconciler.apply.reach import ways_to

    def ways(
        records: Mapping[str, Recorded], account: Account | None
    ) -> "Mapping[str, InstanceAccess | NoWay]":
        return ways_to(
            records,
            api_url=url,
            account=account,
            open_token=_opener(records, reaching.identities),
            hosts=reaching.instance_hosts,
        )

    return ways
