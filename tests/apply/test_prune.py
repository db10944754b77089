"""What is deleted was shown to be unwanted just before; what is gone, the account has shown."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pytest

from reconciler.apply.ports import Options
from reconciler.apply.prune import Pruner
from reconciler.apply.reach import NoWay
from reconciler.apply.server_clock import ServerClock
from reconciler.apply.settings import known_ways
from reconciler.apply.settle import Settler
from reconciler.errors import AccountUnreadable
from reconciler.model import Account, Deleted, NotSent, Rejected, Tombstone, Unconfirmed
from reconciler.partner.instances import InstanceAccess
from reconciler.plan import Delete, diff
from reconciler.results import Result
from reconciler.state.changes import DeleteClosed
from reconciler.state.model import Forgotten, State
from tests.apply.parts import House, MemoryStore, ScriptedPartner
from tests.values import SINCE, account, desired, listed, recorded, state

UNREADABLE: Final = AccountUnreadable("getInstances can't be read: 503")
ROWS: Final = tuple(
    replace(listed(number, key), is_partner=True, is_free=False)
    for number, key in enumerate(("a", "b", "c"), 10)
)
SEEN: Final = account(*ROWS)
HELD: Final = state({row.name: recorded(row.id_instance, row.name) for row in ROWS})
SENT: Final = Unconfirmed("the API took it")


def house(*accounts: Account | AccountUnreadable, held: State = HELD, settle: float = 60) -> House:
    partner = ScriptedPartner(accounts=accounts or (SEEN,))
    return House(partner, MemoryStore(held), Options(settle=settle, even_linked=True))


def pruner(of: House, *wanted: str) -> Pruner:
    """Return what deletes all that is recorded, but for what is *wanted*."""
    settler = Settler(of.store, of.partner, of.options, of.clock, ServerClock(of.clock), of.log)
    entries = [desired(key) for key in wanted]
    return Pruner(
        of.store,
        of.partner,
        of.options,
        of.clock,
        of.log,
        settler,
        lambda seen: diff(entries, of.store.state(), seen, prune=True),
        known_ways(of.partner.url),
    )


def deletes(*keys: str) -> list[Delete]:
    return [Delete(key, HELD.instances[key]) for key in keys]


def unsent(keys: Sequence[str], why: str) -> list[Result]:
    return [Result(key, key, NotSent(why), "delete") for key in keys]


def doomed(*keys: str, since: str = SINCE) -> State:
    """The three of them, *keys* announced to be deleted."""
    said = {
        key: each._replace(deletion=since if key in keys else None)
        for key, each in HELD.instances.items()
    }
    return state(said)


def without(*keys: str) -> Account:
    return account(*(row for row in ROWS if row.name not in keys))


# --- just before -----------------------------------------------------------------------------


def test_what_the_account_shows_to_be_unwanted_still_is_deleted() -> None:
    of = house()

    operations, kept = pruner(of, "b").operations(deletes("a", "c"), of.stop)

    assert [each.key for each in operations] == ["a", "c"]
    assert kept == []
    assert isinstance(operations[0].access, InstanceAccess)
    assert operations[0].access.token == listed(10, "a").token
    assert (operations[0].even_linked, operations[0].even_unlinkable) == (True, False)


def test_what_may_not_be_deleted_any_more_is_kept() -> None:
    of = house()
    another = Delete("c", recorded(77, "c"))  # not the one that is recorded by now

    operations, kept = pruner(of, "b").operations([*deletes("a", "b"), another], of.stop)

    assert [each.key for each in operations] == ["a"]
    assert kept == unsent(["b", "c"], "it may not be deleted any more")
    assert of.log.events == ["delete_not_sent"] * 2


NO_PROOF: Final[dict[str, tuple[Account | AccountUnreadable, str]]] = {
    "unreadable": (UNREADABLE, "the account could not be read just before"),
    "old": (replace(SEEN, doubts=("is 300 s old", "is one page of several")), "is 300 s old"),
    "partial": (without("b"), "the listing lacks recorded instances (b)"),
}


@pytest.mark.parametrize(("seen", "why"), NO_PROOF.values(), ids=NO_PROOF)
def test_without_a_whole_listing_nothing_is_deleted(
    seen: Account | AccountUnreadable, why: str
) -> None:
    of = house(seen)

    operations, kept = pruner(of).operations(deletes("a", "c"), of.stop)

    assert operations == []
    assert [result.key for result in kept] == ["a", "c"]
    assert all(isinstance(each.outcome, NotSent) and why in each.outcome.reason for each in kept)


def test_once_stopped_nothing_is_deleted_and_nobody_asked() -> None:
    of = house()
    of.stop.request("stopped by SIGINT", signal=2)

    assert pruner(of).operations(deletes("a"), of.stop) == ([], unsent(["a"], "stopped by SIGINT"))
    assert of.partner.looks == 0


def test_an_instance_without_a_known_token_is_left_to_its_operation() -> None:
    bare = state({"a": recorded(10, "a")._replace(token=None)})
    of = house(account(replace(ROWS[0], token=None)), held=bare)

    [operation], _ = pruner(of).operations([Delete("a", bare.instances["a"])], of.stop)

    assert operation.access == NoWay("its token is not known")


# --- afterwards ------------------------------------------------------------------------------


def verified(of: House, *results: Result) -> list[Result]:
    return pruner(of).verify(results, of.stop)


def sent(key: str) -> Result:
    return Result(key, key, SENT, "delete")


def test_what_the_account_shows_to_be_gone_is_buried() -> None:
    deleted = replace(ROWS[0], deleted=True)
    of = house(SEEN, account(deleted, ROWS[1]), held=doomed("a", "c"))
    refused = Result("b", "b", Rejected(400, "no"), "delete")

    results = verified(of, sent("a"), refused, sent("c"))

    assert [result.outcome for result in results] == [Deleted(10), Rejected(400, "no"), Deleted(12)]
    assert of.store.events == [
        Forgotten(number, Tombstone(key, key, SINCE, deleted=True))
        for number, key in ((10, "a"), (12, "c"))
    ]
    assert of.partner.looks == 2
    assert of.log.events == ["instance_deleted"] * 2


def test_what_the_account_does_not_show_is_asked_for_as_long_as_it_takes_to_settle() -> None:
    of = house(UNREADABLE, SEEN, held=doomed("a"), settle=100)

    assert verified(of, sent("a")) == [sent("a")]
    assert of.time.passed == 100
    assert of.partner.looks > 10
    assert of.log.events[-1] == "instance_not_confirmed"
    assert of.store.events == []


def test_with_no_time_to_settle_the_account_is_asked_once() -> None:
    of = house(held=doomed("a"), settle=0)

    verified(of, sent("a"))

    assert (of.partner.looks, of.time.passed) == (1, 0)


def test_a_signal_ends_the_asking() -> None:
    of = house(held=doomed("a"))
    of.stop.request("stopped by SIGINT", signal=2)

    verified(of, sent("a"))

    assert of.partner.looks == 0


def test_nobody_is_asked_where_nothing_was_sent() -> None:
    of = house()

    assert verified(of, *unsent(["a"], "no")) == unsent(["a"], "no")
    assert of.partner.looks == 0


# --- what earlier runs announced -------------------------------------------------------------

LONG_AGO: Final = "2026-11-22T09:56:00Z"  # ten minutes, just about
STILL_OPEN: Final[dict[str, tuple[str, Account | None, bool]]] = {
    "it is listed, and the announcement is old": ("2026-11-22T09:55:59Z", SEEN, False),
    "it is listed, and the announcement is not that old": (LONG_AGO, SEEN, True),
    "it is not listed": ("2026-11-22T09:55:59Z", without("a"), True),
    "the listing may be old": (
        "2026-11-22T09:55:59Z",
        replace(SEEN, doubts=("is 300 s old",)),
        True,
    ),
    "nobody looked": ("2026-11-22T09:55:59Z", None, True),
}


@pytest.mark.parametrize(("since", "seen", "stays"), STILL_OPEN.values(), ids=STILL_OPEN)
def test_a_deletion_is_given_up_only_where_the_instance_is_shown_to_live(
    since: str, seen: Account | None, stays: bool
) -> None:
    of = house(held=doomed("a", since=since))

    still = pruner(of).open([], seen)

    assert [result.key for result in still] == (["a"] if stays else [])
    closed = [] if stays else [DeleteClosed("a", 10, "it is still listed")]
    assert of.store.events == closed


def test_what_this_run_has_told_of_is_not_told_again() -> None:
    of = house(held=doomed("a", "c"))

    said = f"announced {SINCE}, and it is not shown to be gone"
    assert pruner(of).open(["a"], SEEN) == [Result("c", "c", Unconfirmed(said), "delete")]
