"""Leading a person through all that wait for a phone, on paper."""

from dataclasses import dataclass, field
from threading import Event as Flag
from typing import Any

import pytest

from reconciler.apply.link import Linked, NotLinked
from reconciler.apply.walk import Step, look_around, walk
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import InstanceAccess, StateTold
from reconciler.secrets import Secret

SKIPPED = NotLinked("skipped", late=True)
NO_TURN = NotLinked("its turn did not come", late=True)


@dataclass
class Person:
    """Somebody who takes these *steps*, and what was *heard*."""

    steps: list[Step]
    heard: list[str] = field(default_factory=list)

    def propose(self, key: str, patience: float) -> Step:
        self.heard.append(f"{key}? {patience:.0f} s")
        return self.steps.pop(0)

    def begin(self, key: str) -> None:
        self.heard.append(f"{key}:")

    def end(self, key: str, ended: Linked | NotLinked) -> None:
        self.heard.append(f"{key} {'linked' if isinstance(ended, Linked) else ended.reason}")


@pytest.mark.parametrize(
    ("steps", "heard", "ended"),
    [
        (
            [Step.LINK, Step.LINK],
            ["a:", "a linked", "b? 9 s", "b:", "b linked", "c? 9 s", "c:", "c linked"],
            [Linked("a"), Linked("b"), Linked("c")],
        ),
        (
            [Step.SKIP, Step.LINK],
            ["a:", "a linked", "b? 9 s", "b skipped", "c? 9 s", "c:", "c linked"],
            [Linked("a"), SKIPPED, Linked("c")],
        ),
        ([Step.STOP], ["a:", "a linked", "b? 9 s"], [Linked("a"), NO_TURN, NO_TURN]),
    ],
    ids=["on", "skip", "stop"],
)
def test_each_but_the_first_is_asked_for(
    steps: list[Step], heard: list[str], ended: list[Linked | NotLinked]
) -> None:
    person = Person(steps)

    done = walk(["a", "b", "c"], Linked, person, patience=9)

    assert list(done.values()) == ended
    assert person.heard == heard


class Told:
    """The API: each instance tells the state that its token names."""

    url = "https://api.example.com"

    def read(self, method: Any, asked: Any, **_: Any) -> Any:
        word = asked.instance.token.reveal()
        return StateTold(word) if word else Unreadable("the answer is null", again=False)

    def send(self, method: Any, asked: Any) -> Any:
        raise NotImplementedError

    def account(self, **_: object) -> Any:
        raise NotImplementedError


def test_only_those_wait_that_a_phone_can_be_linked_to() -> None:
    words = ["notAuthorized", "pendingPassword", "authorized", "blocked", "suspended", "odd", ""]
    instances = {word: InstanceAccess(1, Secret(word), Told.url) for word in words}

    stand = look_around(instances, api=Told(), concurrency=2, stopping=Flag())

    assert stand == {
        "authorized": Linked(None),
        "blocked": NotLinked("the instance is blocked"),
        "suspended": NotLinked("the instance is suspended"),
        "odd": NotLinked("not ready for a phone: it is odd", late=True),
        "": NotLinked("not ready for a phone: the answer is null", late=True),
    }
