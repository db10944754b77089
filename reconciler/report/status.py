"""What the state records, beside what the account lists: the values that `status` shows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from reconciler.differences import Difference
from reconciler.evidence.settings import LiveSettings, Wanted, compare, doubted
from reconciler.evidence.states import LiveStates, Sighting
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
    GONE = "gone"  # deleted, as far as the account ever said
    MISSING = "missing"  # not listed at all


@dataclass(frozen=True, slots=True)
class SettingsSaid:
    """What the instance itself has otherwise than it is recorded; or the *reason* why it did not
    tell: then nothing is known."""

    differences: tuple[Difference, ...] = ()  # the live value is that which an entry would find
    reason: str | None = None

    @property
    def drifted(self) -> tuple[str, ...]:
        return tuple(each.parameter for each in self.differences)


@dataclass(frozen=True, slots=True)
class StateSaid:
    """The state that the instance told; or the *reason* why it did not."""

    sighting: Sighting | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StatusRow:
    """One recorded instance. *account*, *settings* and *state* are None where nobody was asked."""

    key: str
    recorded: Recorded
    token: TokenIs
    account: AccountSays | None
    listed_name: str | None = None
    settings: SettingsSaid | None = None
    state: StateSaid | None = None


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


def status_of(
    state: State,
    account: Account | None = None,
    live: LiveSettings | None = None,
    states: LiveStates | None = None,
    *,
    key: str | None = None,
) -> Status:
    """Compare *state* with *account* and with what the instances tell, where they were asked; by
    key, as the state file has them, or of one *key* alone."""
    listed = {row.id_instance: row for row in account.instances} if account else {}
    rows = tuple(
        replace(
            _row(name, recorded, listed.get(recorded.id_instance), account),
            settings=settings_said(recorded, state.lineage, live),
            state=_state(recorded, states),
        )
        for name, recorded in sorted(state.instances.items())
        if key in (None, name)
    )
    return Status(
        lineage=state.lineage,
        serial=state.serial,
        api_url=state.api_url,
        rows=rows,
        pending=tuple((name, each) for name, each in state.pending.items() if key in (None, name)),
        strangers=_strangers(state.instances.values(), account if key is None else None),
        refreshed=account is not None,
    )


def _row(key: str, recorded: Recorded, row: Instance | None, account: Account | None) -> StatusRow:
    token = _token(recorded)
    if row is None:
        return StatusRow(key, recorded, token, _absent(recorded, account))
    if row.deleted:
        return StatusRow(key, recorded, token, AccountSays.GONE)
    said = AccountSays.LISTED if row.name == recorded.name else AccountSays.RENAMED
    return StatusRow(key, recorded, token, said, row.name)


def settings_said(
    recorded: Recorded, lineage: str, live: LiveSettings | None, wanted: Wanted | None = None
) -> SettingsSaid | None:
    """Compare what *recorded* has by itself with what is *wanted*, else with what is recorded."""
    if live is None or recorded.deleted:
        return None
    told = live.told.get(recorded.id_instance)
    if told is None:
        return SettingsSaid(reason=live.silent.get(recorded.id_instance, "it was not asked"))
    seen = compare(
        recorded.parameters if wanted is None else wanted,
        told,
        lineage,
        doubted=doubted(recorded, live.at),
    )
    return SettingsSaid(seen.differences)


def _state(recorded: Recorded, states: LiveStates | None) -> StateSaid | None:
    if states is None or recorded.deleted:
        return None
    sighting = states.told.get(recorded.id_instance)
    if sighting is None:
        return StateSaid(reason=states.silent.get(recorded.id_instance, "it was not asked"))
    return StateSaid(sighting)


def _absent(recorded: Recorded, account: Account | None) -> AccountSays | None:
    """Return what is known of an instance that *account* does not list, if it was asked."""
    if recorded.deleted:
        return AccountSays.GONE
    if account is None or account.doubts:  # what an old listing lacks counts for nothing
        return None
    return AccountSays.MISSING


def _token(recorded: Recorded) -> TokenIs:
    if recorded.token is None:
        return TokenIs.UNKNOWN
    return TokenIs.SEALED if isinstance(recorded.token, Sealed) else TokenIs.KNOWN


def _strangers(recorded: Iterable[Recorded], account: Account | None) -> tuple[Instance, ...]:
    if account is None:
        return ()
    ids = {each.id_instance for each in recorded}
    return tuple(row for row in account.live if row.id_instance not in ids)
