from reconciler.report.status import status_of
from reconciler.report.status_text import status_text
from reconciler.state.model import State
from tests.report import samples as world


def test_a_table_lines_up() -> None:
    text = status_text(status_of(world.sealed_state()), color=False, width=0)
    table = text.split("\n\n")[1].splitlines()

    column = table[0].index("origin")
    assert [line[column:].split()[0] for line in table[1:]] == [
        "created",
        "created",
        "recovered",
        "created",
    ]


def test_what_does_not_fit_as_a_table_becomes_blocks() -> None:
    text = status_text(status_of(world.sealed_state()), color=False, width=60)

    assert "\nsupport-eu\n  id 1101728000, type whatsapp, token known," in text


def test_an_empty_state_says_so() -> None:
    text = status_text(status_of(State("")), color=False, width=80)

    assert text == "0 instances recorded\n"


def test_an_unresolved_create_names_both_commands() -> None:
    text = status_text(status_of(world.sealed_state()), color=False, width=80, options=["-s", "x"])

    assert "  reconciler resolve sales-de --id ID -s x\n" in text
    assert "  reconciler resolve sales-de --not-created -s x\n" in text
