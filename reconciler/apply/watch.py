"""Watch the account while a run launches: what turned up there meanwhile is not created, and what
was answered 429 may be there all the same."""

from collections.abc import Callable, Collection, Mapping
from threading import Event as Flag
from threading import Lock
from typing import Final

from reconciler.apply.settle import Settler
from reconciler.model import Account, Outcome

INTERVAL: Final = 30.0  # seconds between two readings


class AccountWatch:
    """Reads the account now and then, in the worker that notices that it is time.

    A reading can only take entries out: *taken* says, by key, why an account forbids to create
    them. One that fails, or may be old, is told, and the next is made *interval* seconds later.
    """

    def __init__(
        self,
        settler: Settler,
        taken: Callable[[Account], Mapping[str, str]],
        *,
        interval: float,
        stopping: Flag,
    ) -> None:
        self._settler, self._find = settler, taken
        self._interval, self._stopping = interval, stopping
        self._reading = Lock()  # held by the one worker that reads; the others go on
        self._read_at = settler.clock.monotonic()
        self._taken: dict[str, str] = {}

    def taken(self, key: str) -> str | None:
        """Return why *key* must not be created any more, None if it may."""
        if self._settler.clock.monotonic() - self._read_at >= self._interval:
            self.look()
        return self._taken.get(key)

    def look(self) -> None:
        """Read the account, unless another worker is at it."""
        if not self._reading.acquire(blocking=False):
            return
        try:
            if (account := self._settler.read(self._stopping)) is not None:
                self._taken = self._taken | dict(self._find(account))
        finally:
            self._read_at = self._settler.clock.monotonic()
            self._reading.release()

    def prove(self, keys: Collection[str]) -> Mapping[str, Outcome]:
        """Return what one listing shows of *keys*, which were answered 429."""
        account = self._settler.read(self._stopping, tries=3)
        return {} if account is None else self._settler.prove(keys, account)
