"""Everything that is known of one key, its history among it: what `status KEY` shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.evidence.states import Portrait
from reconciler.model import Account, Instance, Pending, Recorded
from reconciler.partner.instances import Profile, StateChange
from reconciler.report.status import Status, StatusRow
from reconciler.report.words import counted
from reconciler.state.model import State


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that befell what goes by the key: *at* is ISO 8601 in UTC, *word* says what it
    was, *note* what else there is to say; of a state it is the API's word."""

    at: str
    word: str
    note: str = ""
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of *key*. *row* and *pending* are None where it has no record, or no announced
    create; *listed* and *profile* where nobody was asked. *history* has the oldest first."""

    key: str
    row: StatusRow | None
    pending: Pending | None
    listed: Instance | None
    profile: Profile | None
    history: tuple[Happening, ...]


def details_of(
    key: str,
    state: State,
    status: Status,
    account: Account | None = None,
    portrait: Portrait | None = None,
) -> Details:
    """Gather what *state* holds of *key*, and what the account and the instance tell."""
    row = next((row for row in status.rows if row.key == key), None)
    rows = account.instances if account is not None and row is not None else ()
    portrait = portrait or Portrait()
    past = [*_past(key, state), *map(_told, reversed(portrait.past))]
    return Details(
        key,
        row,
        state.pending.get(key),
        next((each for each in rows if row and each.id_instance == row.recorded.id_instance), None),
        portrait.profile,
        tuple(sorted(past, key=lambda each: each.at)),
    )


def _past(key: str, state: State) -> Iterator[Happening]:
    """Yield what the state remembers; what the journal said is folded into it."""
    if key in state.instances:
        yield from _recorded(state.instances[key])
    if key in state.pending:
        yield Happening(state.pending[key].since, "announced", "its create has no outcome yet")
    for number, stone in state.tombstones.items():
        if stone.key == key:
            gone = "the account showed it to be deleted" if stone.deleted else "not recorded since"
            yield Happening(stone.at, "forgotten", f"{number}, {gone}")


def _recorded(recorded: Recorded) -> Iterator[Happening]:
    yield Happening(recorded.created_at, recorded.origin.value, str(recorded.id_instance))
    if update := recorded.update:
        word = "updated" if update.confirmed else "update_announced"
        said = counted(len(update.parameters), "parameter")
        yield Happening(update.since, word, f"{said}: {', '.join(update.parameters)}")
    if recorded.deletion:
        yield Happening(recorded.deletion, "delete_announced", "not confirmed yet")


def _told(change: StateChange) -> Happening:
    try:
        at = datetime.fromtimestamp(change.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):  # no year has such a number
        at = ""
    return Happening(at, "state", change.word, change.phone)
