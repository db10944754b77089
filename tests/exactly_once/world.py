"""A partner account in memory that keeps the bill, and a client of it that can be stopped anywhere.

What the account answers is raw: the program's own `classify` and `read_account` judge it, so the
whole way from an odd answer to a record is under test.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from typing import Any, Final

from reconciler.apply.stop import Stop
from reconciler.errors import AccountUnreadable, TokenRefused
from reconciler.model import Account, Attempt, Desired, NotSent, Refused, Unknown
from reconciler.partner.answer import Answer, BrokenOff, Unreadable
from reconciler.partner.classify import classify
from reconciler.partner.instances import Done, Profile, StateTold
from reconciler.partner.listing import read_account
from reconciler.partner.methods import (
    CREATE_INSTANCE,
    DELETE_INSTANCE_ACCOUNT,
    GET_STATE_INSTANCE,
    LOGOUT,
    Method,
)
from tests.state.paper_disk import Crash

START: Final = datetime(2026, 11, 22, 10, 6, tzinfo=UTC)
LATENCY: Final = 0.2  # seconds, of a create


@dataclass
class Time:
    """Time that passes only when somebody waits. *off* is how far the wall clock is wrong."""

    passed: float = 0.0
    off: float = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed + self.off)

    def monotonic(self) -> float:
        return self.passed


class Flag(Event):
    """An event that is not waited for in real time."""

    def __init__(self, time: Time) -> None:
        super().__init__()
        self._time = time

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None, "nobody would ever set it"
        if not self.is_set():
            self._time.passed += max(timeout, 0)
        return self.is_set()


class SimulatedStop(Stop):
    def __init__(self, time: Time) -> None:
        super().__init__()
        self.event, self.interrupted = Flag(time), Flag(time)


@dataclass
class Fuse:
    """Counts every step of a run, on the disk and on the wire, and stops before number *at*.

    Once it has blown, nothing goes any more: the process is gone, and all its threads. *freeze*
    is called before each step, with its number.
    """

    at: int | None = None
    freeze: Callable[[int], None] = lambda step: None
    steps: list[str] = field(default_factory=list)
    blown: bool = False
    lock: Any = field(default_factory=Lock)

    def step(self, name: str) -> None:
        with self.lock:
            self.blown = self.blown or (self.at is not None and len(self.steps) + 1 >= self.at)
            if self.blown:
                raise Crash(name)
            self.freeze(len(self.steps) + 1)
            self.steps.append(name)


@dataclass(frozen=True)
class Reply:
    """What becomes of one createInstance: is an instance made, and what comes back.

    *outcome* is what the wire itself reports when there is no answer. In *body*, `%` stands for
    the usual JSON; *again*: a middlebox says what the create before was answered. The new instance
    is listed *lag* seconds later, under its name as *renamed*, and with a *twin* that a person
    makes in the console.
    """

    made: bool = True
    status: int = 200
    body: str = "%"
    whole: bool = True
    retry_after: str | None = None
    outcome: Attempt | None = None
    seconds: float = LATENCY
    lag: float = 0.0
    renamed: str | None = None
    twin: bool = False
    again: bool = False


USUAL: Final = Reply()


@dataclass
class Row:
    """An instance. *sent* is the name that was asked for, None if a person made it by hand."""

    id_instance: int
    sent: str | None
    name: str
    token: str
    listed_at: float
    created: datetime
    deleted: bool = False
    linked: bool = False
    unlisted: bool = False  # nothing of it is listed any more, though it was deleted
    logouts: int = 0


class World:
    """The account and its bill."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.rows: list[Row] = []
        self.posts: Counter[str] = Counter()
        self.deleted: list[Row] = []  # by deleteInstanceAccount, in its order
        self.dead_links = 0  # phones that were linked when their instance was deleted

    @property
    def bill(self) -> Counter[str]:
        """How many instances were made, by the name that was sent."""
        return Counter(row.sent for row in self.rows if row.sent is not None)

    def row(self, id_instance: int) -> Row:
        return next(row for row in self.rows if row.id_instance == id_instance)

    def bought(self, name: str) -> int | None:
        """Return the id of what was made for *name*."""
        return next((row.id_instance for row in self.rows if row.sent == name), None)

    def by_hand(self, name: str, *, deleted: bool = False) -> Row:
        """Make an instance as a person does in the console."""
        return self._add(None, name, deleted=deleted)

    def arrive(self, name: str, reply: Reply) -> dict[str, Any]:
        """Do what *reply* says about a create of *name*; return the usual answer's fields."""
        self.posts[name] += 1
        if not reply.made:
            return {"idInstance": 404404, "apiTokenInstance": "0" * 50, "typeInstance": "whatsapp"}
        shown = _RENAMES[reply.renamed](name) if reply.renamed else name
        row = self._add(name, shown, listed_at=self.time.passed + reply.lag)
        if reply.twin:
            self.by_hand(shown)
        return _answer(row)

    def carry_out(self, method: Method[Any, Any], row: Row) -> None:
        """Do what an order says; a phone that was not logged out stays linked to what is dead."""
        if method is LOGOUT:
            row.logouts, row.linked = row.logouts + 1, False
        else:
            assert method is DELETE_INSTANCE_ACCOUNT
            self.deleted.append(row)
            self.dead_links += row.linked
            row.deleted = True

    def listing(self, *, tokens: bool = True, ago: float = 0.0) -> list[dict[str, Any]]:
        """Return what getInstances lists now, or listed so many seconds *ago*."""
        return [
            {
                **_answer(row, token=tokens),
                "name": row.name,
                "timeCreated": row.created.strftime("%Y-%m-%dT%H:%M:%S"),
                "deleted": row.deleted,
                "isPartner": True,
                "isFree": False,
            }
            for row in self.rows
            if not row.unlisted and row.listed_at <= self.time.passed - ago
        ]

    def _add(
        self, sent: str | None, name: str, *, listed_at: float = 0.0, deleted: bool = False
    ) -> Row:
        number = 1_101_728_000 + len(self.rows)
        created = START + timedelta(seconds=self.time.passed)
        row = Row(number, sent, name, f"{number:050x}", listed_at, created, deleted)
        self.rows.append(row)
        return row


_RENAMES: Final[dict[str, Callable[[str], str]]] = {
    "in the console": lambda name: f"renamed {name}",
    "to capitals": lambda name: name.upper(),
    "trimmed": lambda name: f"{name} ",
    "cut": lambda name: name[:1],
    "lost": lambda name: "",
}
RENAMES: Final = tuple(_RENAMES)


def _answer(row: Row, *, token: bool = True) -> dict[str, Any]:
    fields = {"idInstance": row.id_instance, "typeInstance": "whatsapp"}
    return {**fields, "apiTokenInstance": row.token} if token else fields


NO_TOKEN: Final = '{"idInstance": #, "typeInstance": "whatsapp"}'

_LOST: Final = {
    "closed": Reply(outcome=Unknown("the connection ended without a whole HTTP answer")),
    "hangs": Reply(outcome=Unknown("no answer within 180 s"), seconds=180),
    **{str(status): Reply(status=status, body="") for status in (499, 500, 502, 503, 504)},
    "body code 502": Reply(body='{"code": 502, "description": "Bad Gateway"}'),
    "body code 200": Reply(body='{"code": 200, "description": "error saving instance"}'),
    "garbage": Reply(body="<html>"),
    "null": Reply(body="null"),
    "empty": Reply(body=""),
    "cut": Reply(body='{"idInstance": #, "apiToken', whole=False),
    "huge": Reply(body=" " * 1000, whole=False),
    "nested": Reply(body="[" * 100_000),
    "redirect": Reply(status=307, body=""),
    "id is no id": Reply(body='{"idInstance": "soon"}'),
    "another id before it": Reply(body='{"idInstance": 5, "idInstance": #}'),
}
ANSWERED: Final = {
    "usual": USUAL,
    "without token": Reply(body=NO_TOKEN),
    "token null": Reply(body='{"idInstance": #, "apiTokenInstance": null}'),
    "id in quotes": Reply(body='{"idInstance": "#", "apiTokenInstance": "@"}'),
    "unknown fields": Reply(
        body='{"idInstance": #, "apiTokenInstance": "@", "code": 500, "apiUrl": "https://7103.x"}'
    ),
    "created as 201": Reply(status=201),
    "answered as 502": Reply(status=502),
    "answered as the create before": Reply(again=True),
}
LOST: Final = {f"{name}, made": reply for name, reply in _LOST.items()} | {
    f"{name}, not made": Reply(
        made=False,
        status=reply.status,
        body=reply.body,
        whole=reply.whole,
        outcome=reply.outcome,
        seconds=reply.seconds,
    )
    for name, reply in _LOST.items()
}
REFUSED: Final = {
    "refused connection": Reply(made=False, outcome=NotSent("connection refused")),
    "429": Reply(made=False, status=429, body=""),
    "429, Retry-After 2": Reply(made=False, status=429, body="", retry_after="2"),
    "429, a date": Reply(
        made=False, status=429, body="", retry_after="Sun, 22 Nov 2026 10:06:30 GMT"
    ),
    "429, tomorrow": Reply(made=False, status=429, body="", retry_after="86400"),
    "body code 429": Reply(made=False, body='{"code": 429}'),
    "no free instances": Reply(made=False, status=400, body='{"code": 100}'),
    "400": Reply(made=False, status=400, body='{"code": 400, "description": "Bad request"}'),
    "body code 404": Reply(made=False, body='{"code": 404, "description": "Not found"}'),
    "401": Reply(made=False, status=401, body="{}"),
    "body code 401": Reply(made=False, body='{"code": 401, "description": "Unauthorized"}'),
}
REPLIES: Final = {**ANSWERED, **LOST, **REFUSED}
ORDERS: Final = ("usual", "lost before", "lost after", "not sent")
LISTINGS: Final = ("usual", "old", "503", "garbage", "no answer", "cut", "without tokens", "401")


class Sends:
    """A client by hand: what may be sent is a method of its own, by the row."""

    def send(self, method: Method[Any, Any], asked: Any) -> Any:
        if method is CREATE_INSTANCE:
            return self.create(asked)
        return self.order(method, asked)

    def order(self, method: Method[Any, Any], asked: Any) -> Any:
        raise AssertionError(f"nobody answers {method.path} here")

    def read(
        self,
        method: Method[Any, Any],
        asked: Any,
        *,
        tries: int = 1,
        stopping: Event | None = None,
    ) -> Any:
        raise AssertionError(f"nobody answers {method.path} here")

    def create(self, desired: Desired) -> Attempt:
        raise NotImplementedError


class SimulatedPartner(Sends):
    """Speaks to *world* as the real client does: answers come as the scripts say, then as usual."""

    def __init__(
        self,
        world: World,
        fuse: Fuse,
        *,
        url: str = "https://api.example.com",
        replies: Iterable[Reply] = (),
        listings: Iterable[str] = (),
        orders: Iterable[str] = (),
    ) -> None:
        self._orders: Iterator[str] = iter(orders)
        self._world, self._fuse, self.url = world, fuse, url
        self._replies: Iterator[Reply] = iter(replies)
        self._listings: Iterator[str] = iter(listings)
        self._lock = Lock()
        self.answered: dict[int, str] = {}  # ids and tokens that were in an answer
        self._said = ""  # the last answer, as a middlebox keeps it

    def create(self, desired: Desired) -> Attempt:
        self._fuse.step(f"send {desired.key}")
        with self._lock:
            reply = next(self._replies, USUAL)
            if isinstance(reply.outcome, NotSent):
                return reply.outcome
            outcome = self._outcome(desired, reply)
        self._fuse.step(f"receive {desired.key}")
        return outcome

    def order(self, method: Method[Any, Any], asked: Any) -> Any:
        """Log out, or delete: done and answered, or one of the two gets lost."""
        number = asked if isinstance(asked, int) else asked.instance.id_instance
        row, name = self._world.row(number), method.path.split("/")[2]
        self._fuse.step(f"send {name} {row.name}")
        how = next(self._orders, "usual")
        if how == "not sent":
            return NotSent("connection refused")
        if how != "lost before":
            self._world.carry_out(method, row)
        self._fuse.step(f"receive {name} {row.name}")
        return Unknown("connection reset") if how.startswith("lost") else Done()

    def read(
        self,
        method: Method[Any, Any],
        asked: Any,
        *,
        tries: int = 1,
        stopping: Event | None = None,
    ) -> Any:
        row = self._world.row(asked.instance.id_instance)
        self._fuse.step(f"read {row.name}")
        if row.deleted:
            return Unreadable("the server answered 401 Unauthorized", again=False, code=401)
        word = "authorized" if row.linked else "notAuthorized"
        if method is GET_STATE_INSTANCE:
            return StateTold(word)
        return Profile(word, None, None, None, logging_out=False)

    def account(self, *, tries: int = 5, stopping: Event | None = None) -> Account:
        for _ in range(tries):
            self._fuse.step("list")
            with self._lock:
                match read_account(self._list(), now=self._world.time.now()):
                    case Account() as account:
                        return account
                    case Refused():
                        raise TokenRefused("the partner token was refused")
            self._world.time.passed += 1
        raise AccountUnreadable("the list of instances could not be read")

    def _outcome(self, desired: Desired, reply: Reply) -> Attempt:
        fields = self._world.arrive(desired.name, reply)
        self._world.time.passed += reply.seconds
        if reply.outcome is not None:
            return reply.outcome
        body = reply.body.replace("%", json.dumps(fields))
        body = body.replace("#", str(fields["idInstance"])).replace("@", fields["apiTokenInstance"])
        if reply.again and self._said:
            body = self._said
        self._said = body
        headers = {"retry-after": reply.retry_after} if reply.retry_after else {}
        chunks = _chunks(body.encode(), whole=reply.whole)
        answer = Answer(reply.status, headers, chunks)
        if reply.made and fields["apiTokenInstance"] in body:
            self.answered[fields["idInstance"]] = fields["apiTokenInstance"]
        return classify(answer, now=self._world.time.now())

    def _list(self) -> Answer:
        how = next(self._listings, "usual")
        rows = self._world.listing(tokens=how != "without tokens")
        if how == "partial":  # whole JSON, but not all rows
            rows = rows[: len(rows) // 2]
        body = json.dumps(rows).encode()
        match how:
            case "503" | "401":
                return Answer(int(how), {}, [b"{}"])
            case "old":
                kept = json.dumps(self._world.listing(ago=3600)).encode()
                return Answer(200, {"age": "3600"}, [kept])
            case "garbage":
                return Answer(200, {}, [b"<html>"])
            case "no answer":
                return Answer(200, {}, _chunks(b"", whole=False))
            case "cut":
                return Answer(200, {}, _chunks(body[: len(body) // 2], whole=False))
            case _:
                return Answer(200, {}, [body])


def _chunks(body: bytes, *, whole: bool) -> Iterator[bytes]:
    yield body
    if not whole:
        raise BrokenOff
