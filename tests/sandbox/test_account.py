"""The account as the sum of its events."""

from datetime import UTC, datetime, timedelta
from typing import Any

from reconciler.sandbox.account import Bill, SandboxAccount
from reconciler.sandbox.events import (
    AccountCleared,
    CreateArrived,
    InstanceConfigured,
    InstanceDeleted,
    InstanceMade,
    InstanceRenamed,
    InstanceRow,
    ListingServed,
)

NOW = datetime(2026, 11, 22, 10, 6, tzinfo=UTC)


def test_a_new_account_is_empty() -> None:
    account = _account()

    assert list(account) == []
    assert account.bill() == Bill({}, 0, 0, 0, 0, 0, {}, 0)


def test_what_was_made_can_be_found() -> None:
    row = _row(7)

    account = _account(InstanceMade(row))

    assert account.row(7) == row
    assert account.row(8) is None


def test_ids_go_on_after_the_last_one_made() -> None:
    assert _account().next_id == 1101728000
    assert _account(InstanceMade(_row(7))).next_id == 8


def test_a_bill_counts_creates_by_the_name_that_was_sent() -> None:
    account = _account(
        CreateArrived("a"),
        InstanceMade(_row(1, name="cut", sent_name="a")),
        CreateArrived("a"),
        InstanceMade(_row(2, sent_name="a")),
        CreateArrived(None),
        InstanceMade(_row(3, sent_name="")),
        CreateArrived("lost"),
        InstanceMade(_row(4, sent_name=None)),
        InstanceDeleted(1, NOW),
        InstanceDeleted(4, NOW),
        ListingServed(),
    )

    assert account.bill() == Bill(
        creates={"a": 2, "": 1},
        total=3,
        live=2,
        deleted=2,
        by_hand=1,
        posts=4,
        posts_by_name={"a": 2, "": 1, "lost": 1},
        listings=1,
    )


def test_a_new_name_does_not_change_the_bill() -> None:
    account = _account(InstanceMade(_row(1, sent_name="a")), InstanceRenamed(1, "b"))

    assert [row.name for row in account] == ["b"]
    assert account.bill().creates == {"a": 1}


def test_new_settings_restart_the_instance() -> None:
    later = NOW + timedelta(minutes=5)

    account = _account(InstanceMade(_row(1)), InstanceConfigured(1, {"autoTyping": 3}, later))

    row = account.row(1)
    assert row is not None
    assert (row.parameters, row.ready_at, row.rebooted) == ({"autoTyping": 3}, later, True)


def test_a_row_that_lags_is_left_out_of_that_many_listings() -> None:
    account = _account(InstanceMade(_row(1)), InstanceMade(_row(2, listed_from=2)))

    shown = []
    for _ in range(3):
        shown.append([row.id_instance for row in account.listing(NOW)])
        account.apply(ListingServed())

    assert shown == [[1], [1], [1, 2]]


def test_a_row_that_lags_is_left_out_for_that_long() -> None:
    account = _account(InstanceMade(_row(1, listed_at=NOW + timedelta(seconds=5))))

    assert account.listing(NOW) == []
    assert len(account.listing(NOW + timedelta(seconds=5))) == 1


def test_a_deleted_row_is_listed_as_deleted() -> None:
    account = _account(InstanceMade(_row(1)), InstanceDeleted(1, NOW))

    assert [row.deleted_at for row in account.listing(NOW)] == [NOW]


def test_a_deleted_row_leaves_the_listing_after_three_months() -> None:
    account = _account(InstanceMade(_row(1)), InstanceDeleted(1, NOW))

    assert len(account.listing(NOW + timedelta(days=89))) == 1
    assert account.listing(NOW + timedelta(days=90)) == []


def test_a_cleared_account_forgets_everything_and_counts_anew() -> None:
    account = _account(
        CreateArrived("a"), InstanceMade(_row(1)), ListingServed(), AccountCleared(500)
    )

    assert list(account) == []
    assert account.bill() == SandboxAccount().bill()
    assert account.next_id == 500


def _account(*events: Any) -> SandboxAccount:
    account = SandboxAccount()
    for event in events:
        account.apply(event)
    return account


def _row(id_instance: int, **fields: Any) -> InstanceRow:
    usual: dict[str, Any] = {
        "name": "a",
        "sent_name": "a",
        "token": "c1b0",
        "type_instance": "whatsapp",
        "parameters": {},
        "created_at": NOW,
        "ready_at": NOW,
        "listed_at": NOW,
    }
    return InstanceRow(id_instance=id_instance, **{**usual, **fields})
