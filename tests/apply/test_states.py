"""What instances tell of their states, on paper: what is not told is told apart."""

from datetime import UTC, datetime
from threading import Event as Flag
from typing import Any

import pytest

from reconciler.apply.reach import NoWay
from reconciler.apply.states import read_portrait, read_states
from reconciler.evidence.states import LiveStates, Portrait, Sighting
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import InstanceAccess, Profile, StateChange, StateTold
from reconciler.partner.methods import (
    GET_ACCOUNT_SETTINGS,
    GET_STATE_INSTANCE,
    GET_STATE_INSTANCE_HISTORY,
    GET_WA_SETTINGS,
)
from reconciler.secrets import Secret

URL = "https://api.example.com"
SILENT = Unreadable("the answer is null", again=False)
PAST = (StateChange("notAuthorized", 60, None), StateChange("authorized", 30, None))
PROFILE = Profile("authorized", "15550100001", None, None, logging_out=False)


class Told:
    """The API: what each instance tells, by the method's path and the instance's token."""

    url = URL

    def __init__(self, told: dict[tuple[str, str], Any]) -> None:
        self.told = told

    def read(self, method: Any, asked: Any, **_: object) -> Any:
        return self.told.get((method.path, asked.instance.token.reveal()), SILENT)

    def send(self, method: Any, asked: Any) -> Any:
        raise NotImplementedError

    def account(self, **_: object) -> Any:
        raise NotImplementedError


def test_states_are_told_and_for_those_without_a_phone_since_when() -> None:
    words = {"a": "authorized", "b": "notAuthorized", "c": "notAuthorized"}
    told: dict[tuple[str, str], Any] = {
        (GET_STATE_INSTANCE.path, token): StateTold(word) for token, word in words.items()
    }
    history = GET_STATE_INSTANCE_HISTORY.path
    told |= {(history, "a"): PAST, (history, "b"): PAST}
    ways: dict[int, InstanceAccess | NoWay] = {
        number: InstanceAccess(number, Secret(token), URL) for number, token in enumerate("abcd")
    }

    states = read_states(
        {**ways, 9: NoWay("its token is sealed")}, Told(told), concurrency=2, stopping=Flag()
    )

    assert states.whole
    assert states == LiveStates(
        {
            0: Sighting("authorized"),
            1: Sighting("notAuthorized", datetime.fromtimestamp(60, UTC)),
            2: Sighting("notAuthorized"),
        },
        {3: "the answer is null", 9: "its token is sealed"},
    )


@pytest.mark.parametrize(
    ("messenger", "account"),
    [("whatsapp", GET_WA_SETTINGS), ("telegram", GET_ACCOUNT_SETTINGS)],
    ids=["whatsapp", "another"],
)
def test_a_portrait_is_drawn_by_the_method_of_its_messenger(messenger: str, account: Any) -> None:
    api = Told({(account.path, "a"): PROFILE, (GET_STATE_INSTANCE_HISTORY.path, "a"): PAST})
    instance = InstanceAccess(1, Secret("a"), URL)

    assert read_portrait(instance, messenger, api, stopping=Flag()) == Portrait(PAST, PROFILE)
    assert read_portrait(instance, messenger, Told({}), stopping=Flag()) == Portrait()
