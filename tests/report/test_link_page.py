"""What the page of `link` shows, event by event."""

import json
from functools import reduce
from typing import Any

import pytest

from reconciler.report.link_page import (
    CodeShown,
    LinkEvent,
    LinkView,
    PageClosed,
    PasswordAsked,
    PhoneTurn,
    QrShown,
    Told,
    TurnBegan,
    TurnEnded,
    TurnProposed,
    view_json,
)
from reconciler.secrets import Secret

ONE = (PhoneTurn("a", 1, "whatsapp"),)
TWO = (*ONE, PhoneTurn("b", 2, "telegram"))
ENDED = TurnEnded("a", True, "linked to 15550100001")


def shown(*events: LinkEvent, turns: tuple[PhoneTurn, ...] = ONE) -> dict[str, Any]:
    view: dict[str, Any] = json.loads(view_json(reduce(LinkView.after, events, LinkView(turns))))
    return view


def test_a_code_comes_with_what_to_tap() -> None:
    view = shown(TurnBegan("a"), QrShown("cGlj"))

    assert (view["title"], view["place"]) == ("Link a phone to a", "Instance 1")
    assert (view["picture"], view["code"], view["password"]) == ("cGlj", None, False)
    assert "Tap Linked devices, then Link a device." in view["steps"]


def test_each_messenger_has_its_own_way_to_a_code() -> None:
    ways = [
        shown(QrShown("cGlj"), turns=(PhoneTurn("a", 1, messenger),))["steps"]
        for messenger in ("whatsapp", "telegram", "max", None)
    ]

    assert ways[0] != ways[1] != ways[2] == ways[3]


def test_a_pairing_code_is_shown_as_it_is() -> None:
    view = shown(CodeShown(Secret("ABCD1234")))

    assert (view["code"], view["picture"]) == ("ABCD1234", None)
    assert view["steps"][-1] == "Type the code."


@pytest.mark.parametrize(
    "event",
    [Told("the phone asks for a passkey"), PasswordAsked(), TurnProposed("a"), ENDED, PageClosed()],
    ids=lambda event: type(event).__name__,
)
def test_a_code_that_is_of_no_use_any_more_is_gone(event: LinkEvent) -> None:
    for code in (QrShown("cGlj"), CodeShown(Secret("ABCD1234"))):
        view = shown(code, event)

        assert (view["picture"], view["code"], view["steps"]) == (None, None, [])


def test_a_password_that_was_wrong_is_told_where_it_is_asked_for_again() -> None:
    first = shown(QrShown("cGlj"), PasswordAsked())
    again = shown(PasswordAsked(), Told("the password was not taken: wrong"), PasswordAsked())

    assert first["notice"] == "The messenger asks for the password of its account."
    assert again["notice"] == f"The password was not taken: wrong. {first['notice']}"
    assert again["password"] is True


def test_the_next_one_is_proposed_beside_what_came_of_the_one_before() -> None:
    view = shown(TurnBegan("a"), ENDED, TurnProposed("b"), turns=TWO)

    assert (view["title"], view["next"]) == ("Next: b", "b")
    assert view["place"] == "2 of 2, instance 2"
    assert view["notice"] == "a (1): linked to 15550100001."
    assert view["turns"] == [
        {"text": "a (1): linked to 15550100001", "here": False},
        {"text": "b (2): waits for a phone", "here": True},
    ]


def test_the_end_says_what_came_of_it() -> None:
    done = shown(ENDED, PageClosed())
    stopped = shown(QrShown("cGlj"), PageClosed("the command was stopped"))

    assert (done["title"], done["over"]) == ("a is linked", True)
    assert done["notice"] == "a (1): linked to 15550100001. You can close this page."
    assert stopped["title"] == "a is not linked"
    assert stopped["notice"] == "The command was stopped. You can close this page."
