"""Before an instance is deleted its phone is logged out, and what was answered is not believed."""

from dataclasses import dataclass, field
from threading import Event as Flag
from typing import Any, Final

import pytest

from reconciler.apply.deletion import DeleteInstance
from reconciler.apply.reach import NoWay
from reconciler.model import (
    Attempt,
    Moment,
    NotSent,
    Refused,
    Rejected,
    Spared,
    Throttled,
    Unconfirmed,
    Unknown,
)
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import Done, InstanceAccess, Profile, StateTold
from reconciler.partner.methods import (
    DELETE_INSTANCE_ACCOUNT,
    GET_ACCOUNT_SETTINGS,
    GET_STATE_INSTANCE,
    GET_WA_SETTINGS,
    LOGOUT,
    Method,
)
from reconciler.secrets import Secret
from reconciler.state.changes import DeleteAnnounced, DeleteClosed
from reconciler.state.model import Event
from tests.exactly_once.world import SimulatedStop, Time
from tests.values import SINCE, recorded

LINKED, FREE = StateTold("authorized"), StateTold("notAuthorized")
SILENT: Final = Unreadable("502 Bad Gateway", again=True)
SENT: Final = [LOGOUT, DELETE_INSTANCE_ACCOUNT]
WAY: Final = InstanceAccess(10, Secret("a" * 50), "https://api.example.com")
NO_WAY: Final = NoWay("its token is not known")


@dataclass
class Phone:
    """An instance that tells *states* one after the other, the last again and again, and for how
    many looks it is *logging_out*."""

    states: list[StateTold | Unreadable]
    logout: object = Done()
    deleted: object = Done()
    logging_out: int = 0
    profile: Unreadable | None = None
    url: str = "https://api.example.com"
    time: Time = field(default_factory=Time)
    sent: list[object] = field(default_factory=list)
    asked: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stop = SimulatedStop(self.time)

    def send(self, method: Method[Any, Any], asked: Any) -> Any:
        self.sent.append(method)
        return self.logout if method is LOGOUT else self.deleted

    def read(
        self,
        method: Method[Any, Any],
        asked: Any,
        *,
        tries: int = 1,
        stopping: Flag | None = None,
    ) -> Any:
        self.asked.append(method)
        if method is GET_STATE_INSTANCE:
            return self.states.pop(0) if len(self.states) > 1 else self.states[0]
        self.logging_out -= 1
        told = Profile("notAuthorized", None, None, None, logging_out=self.logging_out >= 0)
        return self.profile or told

    def account(self, *, tries: int = 5, stopping: Flag | None = None) -> Any:
        raise AssertionError("nobody asks for the listing here")

    def delete(
        self, access: InstanceAccess | NoWay = WAY, *, type_: str = "whatsapp", **options: bool
    ) -> Attempt:
        held = recorded(10, "a")._replace(type_instance=type_)
        interrupted, now = self.stop.interrupted, self.time.monotonic
        wanted = DeleteInstance(
            "a", held, access, interrupted=interrupted, monotonic=now, **options
        )
        return wanted.send(self)


TAKEN: Final = Unconfirmed("the API took it")


def test_a_phone_is_logged_out_and_free_before_its_instance_is_deleted() -> None:
    phone = Phone([LINKED, LINKED, SILENT, FREE], logging_out=1)

    assert phone.delete(even_linked=True) == TAKEN
    assert phone.sent == SENT
    assert phone.time.passed == 15  # linked, silent, logging out


@pytest.mark.parametrize(
    ("type_", "method"), [("whatsapp", GET_WA_SETTINGS), ("max", GET_ACCOUNT_SETTINGS)]
)
def test_whether_it_is_still_logging_out_each_messenger_says_in_its_own_way(
    type_: str, method: object
) -> None:
    phone = Phone([FREE])

    phone.delete(type_=type_)

    assert [each for each in phone.asked if each is not GET_STATE_INSTANCE] == [method]


def test_an_instance_that_tells_no_profile_is_free_by_its_state() -> None:
    assert Phone([FREE], profile=SILENT).delete() == TAKEN


KEPT: Final[dict[str, tuple[list[StateTold | Unreadable], InstanceAccess | NoWay, str]]] = {
    "a phone is linked": (
        [LINKED],
        WAY,
        "a phone is linked to it; --even-linked deletes it all the same",
    ),
    "nobody knows its token": (
        [FREE],
        NO_WAY,
        "no phone can be logged out: its token is not known; --even-unlinkable insists",
    ),
    "it tells no state": (
        [SILENT],
        WAY,
        "its state can't be read: 502 Bad Gateway; --even-unlinkable insists",
    ),
}


@pytest.mark.parametrize(("states", "way", "why"), KEPT.values(), ids=KEPT)
def test_an_instance_is_kept_whose_phone_may_stay_linked(
    states: list[StateTold | Unreadable], way: InstanceAccess | NoWay, why: str
) -> None:
    phone = Phone([*states])

    assert phone.delete(way) == Spared(why)
    assert phone.sent == []


@pytest.mark.parametrize(("states", "way"), [([FREE], NO_WAY), ([SILENT], WAY)])
def test_it_is_deleted_all_the_same_where_somebody_insists(
    states: list[StateTold | Unreadable], way: InstanceAccess | NoWay
) -> None:
    phone = Phone([*states])

    assert phone.delete(way, even_unlinkable=True) == TAKEN
    assert phone.sent == [DELETE_INSTANCE_ACCOUNT]


def test_a_logout_that_is_refused_by_what_has_no_phone_is_no_obstacle() -> None:
    phone = Phone([FREE], logout=Rejected(400, "not authorized"))

    assert phone.delete() == TAKEN
    assert phone.time.passed == 0


STUCK: Final = Spared("it can't be logged out from its phone; --even-unlinkable insists")


def test_a_logout_that_is_refused_by_a_linked_phone_is_one_at_once() -> None:
    phone = Phone([LINKED], logout=Rejected(400, "no"))

    assert phone.delete(even_linked=True) == STUCK
    assert (phone.sent, phone.time.passed) == ([LOGOUT], 0)


def test_a_phone_that_stays_linked_is_waited_for_a_minute() -> None:
    phone = Phone([LINKED])

    assert phone.delete(even_linked=True) == STUCK
    assert (phone.sent, phone.time.passed) == ([LOGOUT], 60)


def test_a_signal_ends_the_waiting_and_nothing_is_deleted() -> None:
    phone = Phone([LINKED])
    phone.stop.request("stopped by SIGINT", signal=2)

    assert phone.delete(even_linked=True) == NotSent("stopped while its phone was logged out")
    assert phone.sent == [LOGOUT]


UNSENT, NO, DENIED = NotSent("refused connection"), Rejected(400, "bad"), Refused(401, "token")
ANSWERS: Final[dict[str, tuple[object, Attempt]]] = {
    "taken": (Done(), TAKEN),
    "no such instance": (Rejected(404, "?"), Unconfirmed("the API knows no such instance")),
    "429": (Throttled(None), Unconfirmed("too many requests (429)")),
    "lost": (Unknown("connection reset"), Unconfirmed("connection reset")),
    "not sent": (UNSENT, UNSENT),
    "refused": (NO, NO),
    "refused token": (DENIED, DENIED),
}


@pytest.mark.parametrize(("answer", "attempt"), ANSWERS.values(), ids=ANSWERS)
def test_only_a_refusal_says_that_it_was_not_deleted(answer: object, attempt: Attempt) -> None:
    assert Phone([FREE], deleted=answer).delete() == attempt


BEGUN, EARLIER = "2026-11-22T10:07:00Z", "2026-11-22T10:00:00Z"
LEFT: Final[dict[str, tuple[Attempt, str | None, Event]]] = {
    "not sent": (UNSENT, None, DeleteClosed("a", 10, "refused connection")),
    "spared": (Spared("linked"), None, DeleteClosed("a", 10, "linked")),
    "refused": (NO, None, DeleteClosed("a", 10, "400")),
    "taken": (TAKEN, None, DeleteAnnounced("a", 10, BEGUN)),
    "not sent, and announced before": (UNSENT, EARLIER, DeleteAnnounced("a", 10, EARLIER)),
    "refused, and announced before": (NO, EARLIER, DeleteAnnounced("a", 10, EARLIER)),
    "taken, and announced before": (TAKEN, EARLIER, DeleteAnnounced("a", 10, BEGUN)),
}


@pytest.mark.parametrize(("attempt", "announced", "left"), LEFT.values(), ids=LEFT)
def test_what_may_have_been_sent_stays_announced(
    attempt: Attempt, announced: str | None, left: Event
) -> None:
    held = recorded(10, "a")._replace(deletion=announced)
    wanted = DeleteInstance("a", held, WAY, interrupted=Flag(), monotonic=lambda: 0.0)

    assert wanted.intent(SINCE, BEGUN) == DeleteAnnounced("a", 10, SINCE)
    assert wanted.settled(attempt, Moment(BEGUN)) == left
    assert not wanted.repeatable
