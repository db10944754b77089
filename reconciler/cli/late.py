"""The partner API's client, built when it is first needed: a run with nothing to create needs none.

httpx and a TLS context are half the time of such a run, which is nearly every one that cron starts.
"""

from collections.abc import Callable
from threading import Event, Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconciler.model import Account, Attempt, Desired
    from reconciler.partner.client import Partner


class LatePartner:
    """Stands in for the client that *build* makes; *url* was checked already."""

    def __init__(self, url: str, build: "Callable[[], Partner]") -> None:
        self.url = url
        self._build = build
        self._built: Partner | None = None
        self._lock = Lock()

    def __enter__(self) -> "LatePartner":
        return self

    def __exit__(self, *error: object) -> None:
        if self._built is not None:
            self._built.close()

    def ready(self) -> "Partner":
        """Return the client; raise UsageError for a proxy or certificates that can't be used.

        To be called before anything is announced: afterwards it would be too late to say so.
        """
        with self._lock:
            if self._built is None:
                self._built = self._build()
            return self._built

    def create(self, desired: "Desired") -> "Attempt":
        return self.ready().create(desired)

    def account(self, *, tries: int = 5, stopping: Event | None = None) -> "Account":
        return self.ready().account(tries=tries, stopping=stopping)
