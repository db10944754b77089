"""What a run is given: the partner API, the clock, the log, and what the user chose."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event as Flag
from typing import Protocol, TypeVar

from reconciler.model import Account, Moment, NotSent, Unknown
from reconciler.partner.answer import Unreadable
from reconciler.partner.methods import Method
from reconciler.plan import Among
from reconciler.state.model import Event, State

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class PartnerApi(Protocol):
    """Any method of the API; `reconciler.partner.client.Partner` is the real one."""

    @property
    def url(self) -> str: ...

    def send(self, method: Method[Asked, Told], asked: Asked) -> Told | NotSent | Unknown:
        """Send *method*, once; never raise for what the network or the API does."""

    def read(
        self,
        method: Method[Asked, Told],
        asked: Asked,
        *,
        tries: int = ...,
        stopping: Flag | None = None,
    ) -> Told | Unreadable:
        """Send *method*, which may be repeated; never raise either."""

    def account(self, *, tries: int = ..., stopping: Flag | None = None) -> Account:
        """Read getInstances; raise AccountUnreadable or TokenRefused."""


class HeldState(Protocol):
    """The state that a run holds; `reconciler.state.store.Store` is the real one."""

    @property
    def lineage(self) -> str: ...

    @property
    def far(self) -> bool:
        """Whether every record takes a round trip over the network."""

    def state(self) -> State:
        """Return the state as of now."""

    def record(self, *events: Event) -> None:
        """Put *events* on disk before returning; raise StateError."""

    def note(self, *events: Event) -> None:
        """Put *events* on disk with what is recorded next, and before it."""

    def expect(self) -> None:
        """Get ready for a record that is likely to come soon, without waiting."""

    def fold(self) -> None:
        """Put into the state file what the journal holds; raise StateError."""


class Log(Protocol):
    """Takes what happened, in the past tense, and facts about it; `reconciler.logs` makes one."""

    def debug(self, event: str, **fields: object) -> object: ...
    def info(self, event: str, **fields: object) -> object: ...
    def warning(self, event: str, **fields: object) -> object: ...
    def error(self, event: str, **fields: object) -> object: ...


@dataclass(frozen=True, slots=True)
class Clock:
    """*now* is aware and in UTC, for the record; *monotonic* (seconds) is for waiting."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    jitter: Callable[[], float]  # 0 … 1, spreads retries
    boot: str | None  # names this start of the machine, if the system tells
    uptime: Callable[[], float]  # seconds since then, those in which it slept included

    def stamp(self) -> str:
        """Return the time as the state and the logs write it."""
        return stamp(self.now())

    def moment(self, server: str | None = None) -> Moment:
        """Return the time by every clock; *server* is what the partner API's says."""
        return Moment(self.stamp(), self.boot, self.uptime(), server)


def stamp(time: datetime) -> str:
    """Return *time*, which is in UTC, as the state and the logs write it."""
    return time.isoformat(timespec="seconds")[:19] + "Z"  # strftime takes ten times as long


@dataclass(frozen=True, slots=True)
class Options:
    """What the user chose for a run; times are in seconds, *rate* in requests a second."""

    concurrency: int = 8
    rate: float = 10
    max_creates: int = 100
    adopt: bool = False
    only: Sequence[str] = ()
    exclude: Sequence[str] = ()
    fail_fast: bool = False
    settle: float = 60
    settled_after: float = 600
    timeout: float = 180
    remote_check: bool = True
    new: Collection[str] = ()  # keys of entries that look renamed, and are not
    among: Among | None = None  # what a saved plan does: nothing else may be done
    accept_url: bool = False
    recreate: bool = False
    prune: bool = False
    max_deletes: int = 5
    even_linked: bool = False
    even_unlinkable: bool = False
    live: bool = False  # ask the instances for their own settings
    update: bool = False
    max_updates: int = 100
    canary: int = 1  # instances that are updated alone, before the others
    batch: int = 10  # so many at a time
