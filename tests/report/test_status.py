from reconciler.report.status import AccountSays, TokenIs, status_of
from tests.report import samples as world


def test_of_a_token_only_its_kind_is_told() -> None:
    rows = {row.key: row.token for row in status_of(world.sealed_state()).rows}

    assert rows == {
        "support-eu": TokenIs.KNOWN,
        "sales-uk": TokenIs.SEALED,
        "sales-fr": TokenIs.UNKNOWN,
        "gone": TokenIs.KNOWN,
    }


def test_without_an_account_nothing_is_said_about_it() -> None:
    status = status_of(world.sealed_state())

    assert {row.account for row in status.rows} == {None}
    assert status.strangers == ()
    assert not status.refreshed


def test_the_account_shows_what_is_gone_renamed_and_recorded_by_nobody() -> None:
    status = status_of(world.sealed_state(), world.SEALED_ACCOUNT)

    assert {row.key: row.account for row in status.rows} == {
        "support-eu": AccountSays.LISTED,
        "sales-uk": AccountSays.RENAMED,
        "sales-fr": AccountSays.LISTED,
        "gone": AccountSays.GONE,
    }
    assert [row.name for row in status.strangers] == ["by hand"]
