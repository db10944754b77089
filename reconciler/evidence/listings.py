"""What a listing of the account settles beside a state.

What is listed exists. What is not listed proves something only if the listing is fresh and whole:
one that a cache may have kept, or that lacks an instance that must be there, is silent about
everything else that it lacks.
"""

from datetime import datetime, timedelta
from typing import Final

from reconciler.model import Account
from reconciler.state.model import State

YOUNG: Final = timedelta(hours=1)  # a listing may lag behind a record that is younger
_NAMED: Final = 3  # keys in a sentence


def missing(state: State, account: Account) -> tuple[str, ...]:
    """Return the keys of recorded instances that should be listed and are not.

    An instance that was once listed as deleted is not expected: such rows go after months. Nor is
    one whose deletion was announced.
    """
    listed = account.ids
    return tuple(
        key
        for key, recorded in state.instances.items()
        if not (recorded.deleted or recorded.deletion) and recorded.id_instance not in listed
    )


def objections(state: State, account: Account) -> tuple[str, ...]:
    """Return why absence from *account* proves nothing, in words that follow "the listing".

    None at all: what is not listed does not exist.
    """
    if not (absent := missing(state, account)):
        return account.doubts
    named = ", ".join(absent[:_NAMED]) + (", …" if len(absent) > _NAMED else "")
    return (*account.doubts, f"lacks recorded instances ({named})")


def deleted_since(state: State, account: Account) -> tuple[tuple[str, int], ...]:
    """Return key and id of the recorded instances that *account* lists as deleted by now."""
    deleted = {row.id_instance for row in account.instances if row.deleted}
    return tuple(
        (key, recorded.id_instance)
        for key, recorded in state.instances.items()
        if recorded.id_instance in deleted and not recorded.deleted
    )


def vanished(state: State, account: Account, now: str) -> tuple[int, ...]:
    """Return the forgotten instances of which *account* proves, at *now* (ISO 8601 in UTC), that it
    lists them no more: the rows of deleted ones go after months.

    Only an account that lists something else that the state knows is known to be the same one.
    """
    if state.known_ids.isdisjoint(account.ids) or objections(state, account):
        return ()
    young = f"{datetime.fromisoformat(now) - YOUNG:%Y-%m-%dT%H:%M:%SZ}"
    return tuple(
        number
        for number, stone in state.tombstones.items()
        if number not in account.ids and stone.at < young
    )


def deletions(state: State, account: Account) -> dict[str, bool]:
    """Return of each announced deletion whether *account* proves it: the instance is listed as
    deleted, or not at all in a listing that is proof."""
    live = {row.id_instance for row in account.live}
    whole = not objections(state, account) and not shows_another_account(state, account)
    return {
        key: recorded.id_instance not in live and (recorded.id_instance in account.ids or whole)
        for key, recorded in state.instances.items()
        if recorded.deletion is not None
    }


def shows_another_account(state: State, account: Account) -> bool:
    """Whether instances are recorded, and *account* lists none of them, not even as deleted.

    It may be another partner's account, or a listing that lags: nothing in it is proof, neither
    what it has nor what it lacks.
    """
    expected = any(not each.deleted for each in state.instances.values())
    return expected and state.ids.isdisjoint(account.ids)


def is_another_account(state: State, account: Account, now: datetime) -> bool:
    """Whether *account* can't be the one of *state*: what it must list by now, it does not.

    Any recorded id proves that it is, and so does any id that an earlier listing had.
    """
    before = frozenset[int]().union(*state.snapshots.values())
    if not account.ids.isdisjoint(state.ids | before):
        return False
    return bool(before) or any(
        not each.deleted and now - datetime.fromisoformat(each.created_at) >= YOUNG
        for each in state.instances.values()
    )


def forbids_creating(state: State, account: Account) -> str | None:
    """Return why nothing may be created on the strength of *account*, None if it may.

    A state that records instances shows by itself what was bought; with an empty one only the
    listing stands between a lost state file and a second bill.
    """
    if state.instances or not account.doubts:
        return None
    return f"the listing {account.doubts[0]}, and the state records nothing to compare it with"
