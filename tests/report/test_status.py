from reconciler.model import Account
from reconciler.report.status import AccountSays, TokenIs, status_of
from reconciler.report.status_text import status_text
from reconciler.report.words import Call
from reconciler.state.model import State
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


def test_what_is_not_listed_at_all_is_missing_unless_the_listing_may_be_old() -> None:
    nothing = Account(())
    old = Account((), doubts=("comes from a cache",))

    assert {row.account for row in status_of(world.sealed_state(), nothing).rows} == {
        AccountSays.MISSING
    }
    assert {row.account for row in status_of(world.sealed_state(), old).rows} == {None}


def test_a_table_lines_up() -> None:
    text = status_text(status_of(world.sealed_state()), color=False, width=0)
    table = text.split("\n\n")[1].splitlines()

    column = table[0].index("origin")
    assert [line[column:].split()[0] for line in table[1:]] == [
        "created",
        "recovered",
        "created",
        "created",
    ]


def test_what_does_not_fit_as_a_table_becomes_blocks() -> None:
    text = status_text(status_of(world.sealed_state()), color=False, width=60)

    assert "\nsupport-eu\n  id 1101728000, type whatsapp, token known," in text


def test_an_empty_state_says_so() -> None:
    text = status_text(status_of(State("")), color=False, width=80)

    assert text == "0 instances recorded\n"


def test_an_unresolved_create_names_both_commands() -> None:
    text = status_text(
        status_of(world.sealed_state()),
        color=False,
        width=80,
        call=Call(options=("-s", "x")),
    )

    assert "  reconciler resolve sales-de --id ID -s x\n" in text
    assert "  reconciler resolve sales-de --not-created -s x\n" in text
