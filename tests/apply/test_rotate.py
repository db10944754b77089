"""A rotation is announced before it is asked for, and whatever is answered, no token is lost."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Event as Flag
from typing import Any, Final

import pytest

from reconciler.apply.rotate import NotRotated, Rotated, Rotating, RotationUnknown, rotate
from reconciler.model import Account, NotSent, Rejected, Throttled, Unknown
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import InstanceAccess, NewToken, StateTold
from reconciler.partner.methods import GET_STATE_INSTANCE, UPDATE_API_TOKEN, Method
from reconciler.secrets import Secret
from reconciler.state.model import Event, Rotation, State, TokenFound
from tests.apply.parts import Heard, MemoryStore
from tests.values import account, listed, recorded, state

OLD, NEW, OTHER = (Secret(letter * 50) for letter in "abc")
ASKED, OVER = Rotation("a", under_way=True, id_instance=10), Rotation("a", False, 10)
FOUND: Final = TokenFound("a", NEW, 10)
REFUSED: Final = Unreadable("401 Unauthorized", again=False, code=401)
SILENT: Final = Unreadable("502 Bad Gateway", again=True, code=502)


def before(*, rotating: bool = False) -> State:
    return state({"a": recorded(10, "a")._replace(token=OLD, rotating=rotating)})


@dataclass
class Scripted:
    """Answers updateApiToken with *answer*, getStateInstance by the token that asks, and lists the
    instance with the token *listed*. It looks into *store* when the rotation is asked for."""

    store: MemoryStore
    answer: object
    opens: dict[Secret, Unreadable] = field(default_factory=dict)  # tokens that do not
    listed: Secret | None = NEW
    url: str = "https://api.example.com"
    sent: list[Sequence[Event]] = field(default_factory=list)  # what was recorded before each

    def send(self, method: Method[Any, Any], asked: Any) -> Any:
        assert method is UPDATE_API_TOKEN
        self.sent.append(tuple(self.store.events))
        return self.answer

    def read(
        self,
        method: Method[Any, Any],
        asked: Any,
        *,
        tries: int = 1,
        stopping: Flag | None = None,
    ) -> Any:
        assert method is GET_STATE_INSTANCE
        return self.opens.get(asked.instance.token, StateTold("authorized"))

    def account(self, *, tries: int = 5, stopping: Flag | None = None) -> Account:
        return account(replace(listed(10, "a"), token=self.listed))


def rotated(api: Scripted) -> Rotating:
    access = InstanceAccess(10, OLD, api.url)
    return rotate("a", access, api=api, store=api.store, log=Heard())


OLD_IS_DEAD: Final = {OLD: REFUSED}
LOST: Final = Unknown("connection reset")
ENDS: Final[dict[str, tuple[object, dict[Secret, Unreadable], Secret | None, Rotating, Any]]] = {
    "answered": (NewToken(NEW), OLD_IS_DEAD, NEW, Rotated(NEW, found=False), FOUND),
    "answered, and the new one does not open it": (
        NewToken(NEW),
        {**OLD_IS_DEAD, NEW: REFUSED},
        NEW,
        Rotated(NEW, doubt="401 Unauthorized"),
        FOUND,
    ),
    "answered, and it could not be tried": (
        NewToken(NEW),
        {**OLD_IS_DEAD, NEW: SILENT},
        NEW,
        Rotated(NEW),
        FOUND,
    ),
    "not sent": (NotSent("refused connection"), {}, OLD, NotRotated("refused connection"), OVER),
    "refused, and the old one works": (
        Rejected(403, "no"),
        {},
        OLD,
        NotRotated("no"),
        OVER,
    ),
    "refused, for the old one was dead": (
        Rejected(401, "no"),
        OLD_IS_DEAD,
        NEW,
        NotRotated("the token on record was dead; the listed one is recorded now"),
        FOUND,
    ),
    "429, and the old one works": (
        Throttled(None),
        {},
        OLD,
        NotRotated("too many requests (429)"),
        OVER,
    ),
    "429, and done": (Throttled(None), OLD_IS_DEAD, NEW, Rotated(NEW, found=True), FOUND),
    "lost, and not done": (LOST, {}, OLD, NotRotated("connection reset"), OVER),
    "lost, and done": (LOST, OLD_IS_DEAD, NEW, Rotated(NEW, found=True), FOUND),
    "lost, and nobody knows the new one": (
        LOST,
        OLD_IS_DEAD,
        None,
        RotationUnknown("connection reset; and the token that is known: 401 Unauthorized"),
        None,
    ),
    "lost, and the old one is listed still": (
        LOST,
        {OLD: SILENT},
        OLD,
        RotationUnknown("connection reset; and the token that is known: 502 Bad Gateway"),
        None,
    ),
}


@pytest.mark.parametrize(("answer", "opens", "listed_", "end", "left"), ENDS.values(), ids=ENDS)
def test_what_became_of_it_is_recorded_and_nothing_else_is_concluded(
    answer: object,
    opens: dict[Secret, Unreadable],
    listed_: Secret | None,
    end: Rotating,
    left: Event | None,
) -> None:
    api = Scripted(MemoryStore(before()), answer, opens, listed_)

    assert rotated(api) == end
    assert api.sent == [(ASKED,)]  # announced, once
    assert api.store.events == [ASKED, *([left] if left else [])]
    held = api.store.state().instances["a"]
    assert held.rotating is (left is None)
    assert held.token == (NEW if left == FOUND else OLD)


EARLIER: Final[dict[str, tuple[dict[Secret, Unreadable], Secret | None, Rotating]]] = {
    "was done": (OLD_IS_DEAD, NEW, Rotated(NEW, found=True)),
    "is not known": (
        OLD_IS_DEAD,
        None,
        RotationUnknown(
            "an earlier run's answer was lost; and the token that is known: 401 Unauthorized"
        ),
    ),
}


@pytest.mark.parametrize(("opens", "listed_", "end"), EARLIER.values(), ids=EARLIER)
def test_a_rotation_of_an_earlier_run_is_found_and_not_asked_for_again(
    opens: dict[Secret, Unreadable], listed_: Secret | None, end: Rotating
) -> None:
    api = Scripted(MemoryStore(before(rotating=True)), NewToken(OTHER), opens, listed_)

    assert rotated(api) == end
    assert api.sent == []
    assert api.store.state().instances["a"].rotating is (listed_ is None)


def test_a_rotation_that_an_earlier_run_only_announced_is_asked_for() -> None:
    api = Scripted(MemoryStore(before(rotating=True)), NewToken(NEW))

    assert rotated(api) == Rotated(NEW)
    assert api.sent == [(OVER, ASKED)]
    assert api.store.state().instances["a"] == recorded(10, "a")._replace(token=NEW)
