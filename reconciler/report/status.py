"""What the state records, beside what the account lists: the values that `status` shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from reconciler.model import Account, Instance, Pending, Recorded, Sealed
from reconciler.state.model import State


class TokenIs(StrEnum):
    """What is there of a token; the token itself is never shown."""

    KNOWN = "known"
    SEALED = "sealed"
    UNKNOWN = "unknown"


class AccountSays(StrEnum):
    LISTED = "listed"
    RENAMED = "renamed"  # it goes by another name there
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One recorded instance. *account* is None when the account was not asked."""

    key: str
    recorded: Recorded
    token: TokenIs
    account: AccountSays | None
    listed_name: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The recorded instances, the unresolved creates, and live instances that nobody records."""

    lineage: str
    serial: int
    api_url: str | None
    rows: tuple[StatusRow, ...]
    pending: tuple[tuple[str, Pending], ...]
    strangers: tuple[Instance, ...]
    refreshed: bool


def status_of(state: State, account: Account | None = None) -> Status:
    """Compare *state* with *account*, where that was asked."""
    live = {row.id_instance: row for row in account.live} if account else None
    rows = tuple(_row(key, recorded, live) for key, recorded in state.instances.items())
    return Status(
        lineage=state.lineage,
        serial=state.serial,
        api_url=state.api_url,
        rows=rows,
        pending=tuple(state.pending.items()),
        strangers=_strangers(state.instances.values(), account),
        refreshed=account is not None,
    )


def _row(key: str, recorded: Recorded, live: dict[int, Instance] | None) -> StatusRow:
    token = _token(recorded)
    if live is None:
        return StatusRow(key, recorded, token, None)
    listed = live.get(recorded.id_instance)
    if listed is None:
        return StatusRow(key, recorded, token, AccountSays.GONE)
    if listed.name != recorded.name:
        return StatusRow(key, recorded, token, AccountSays.RENAMED, listed.name)
    return StatusRow(key, recorded, token, AccountSays.LISTED, listed.name)


def _token(recorded: Recorded) -> TokenIs:
    if recorded.token is None:
        return TokenIs.UNKNOWN
    return TokenIs.SEALED if isinstance(recorded.token, Sealed) else TokenIs.KNOWN


def _strangers(recorded: Iterable[Recorded], account: Account | None) -> tuple[Instance, ...]:
    if account is None:
        return ()
    ids = {each.id_instance for each in recorded}
    return tuple(row for row in account.live if row.id_instance not in ids)
