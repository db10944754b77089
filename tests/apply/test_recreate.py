"""What is bought again must be shown to be gone by a second listing, some time after the first."""

from typing import Final

import pytest

from reconciler.apply.recreate import not_gone
from reconciler.apply.server_clock import ServerClock
from reconciler.apply.settle import Settler
from reconciler.errors import AccountUnreadable
from reconciler.model import Account
from reconciler.plan import Create
from tests.apply.parts import House, MemoryStore, ScriptedPartner
from tests.values import account, desired, listed, recorded, state

GONE: Final = recorded(10, "a")._replace(deleted=True)
HELD: Final = state({"a": GONE, "b": recorded(11, "b")})
ANEW: Final = Create(desired("a"), GONE)
B: Final = listed(11, "b")
LIVES: Final = "a second listing does not show that 10 is gone"


def house(seen: Account | AccountUnreadable) -> House:
    return House(ScriptedPartner(accounts=(seen,)), MemoryStore(HELD))


def asked(of: House, *creates: Create) -> dict[str, str]:
    settler = Settler(of.store, of.partner, of.options, of.clock, ServerClock(of.clock), of.log)
    return not_gone(creates, settler, of.stop)


SECOND: Final[dict[str, tuple[Account | AccountUnreadable, str | None]]] = {
    "it is not listed": (account(B), None),
    "it is listed as deleted": (account(B, listed(10, "a", deleted=True)), None),
    "it is listed as deleted by an old listing": (
        Account((B, listed(10, "a", deleted=True)), doubts=("is 300 s old",)),
        None,
    ),
    "it is listed": (account(B, listed(10, "a")), LIVES),
    "an old listing lacks it": (Account((B,), doubts=("is 300 s old",)), LIVES),
    "a listing that lacks others lacks it": (account(listed(7, "x")), LIVES),
    "no listing": (
        AccountUnreadable("503"),
        "the account could not be read just before",
    ),
}


@pytest.mark.parametrize(("seen", "why"), SECOND.values(), ids=SECOND)
def test_only_what_a_second_listing_shows_to_be_gone_is_bought_again(
    seen: Account | AccountUnreadable, why: str | None
) -> None:
    of = house(seen)

    assert asked(of, ANEW, Create(desired("c"))) == ({} if why is None else {"a": why})
    assert of.time.passed == 10


def test_where_nothing_is_bought_again_nobody_waits() -> None:
    of = house(account(B))

    assert asked(of, Create(desired("c"))) == {}
    assert (of.partner.looks, of.time.passed) == (0, 0)


def test_a_signal_ends_the_waiting_and_nothing_is_bought_again() -> None:
    of = house(account(B))
    of.stop.request("stopped by SIGINT", signal=2)

    assert asked(of, ANEW) == {"a": "stopped by SIGINT"}
    assert of.partner.looks == 0
