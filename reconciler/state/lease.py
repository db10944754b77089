"""The lease beside a state in a bucket: who is at work there, for the manners of the others.

It is not what keeps two runs apart. That it has expired is judged by clocks, which may be wrong,
and whoever was frozen for a minute still believes in his; the journal's numbers are the fence.
"""

import json
import os
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Final

from reconciler.errors import StateError, StateLocked
from reconciler.state.backend import Version
from reconciler.state.bucket import ConditionFailed, ObjectBucket, StoredObject

LASTS: Final = 20.0  # seconds
RENEWED_EVERY: Final = 5.0
_PAUSE: Final = 1.0  # between two looks at a lease that another run holds


@dataclass(frozen=True, slots=True)
class Tenant:
    """Who holds a lease, or has put an object: for messages."""

    run: str
    host: str
    pid: int
    since: str

    @classmethod
    def this(cls, now: datetime) -> "Tenant":
        since = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return cls(os.urandom(8).hex(), socket.gethostname(), os.getpid(), since)

    def __str__(self) -> str:
        return f"pid {self.pid} on {self.host}, since {self.since}"


class Lease:
    """Keeps the object *key* for *tenant* from `acquire` to `release`, renewed by a thread."""

    def __init__(
        self,
        bucket: ObjectBucket,
        key: str,
        tenant: Tenant,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        every: float = RENEWED_EVERY,
    ) -> None:
        self._bucket, self._key, self._tenant = bucket, key, tenant
        self._now, self._sleep, self._monotonic = now, sleep, monotonic
        self._every = every
        self._version: Version | None = None  # the thread's own, while it renews
        self._lost = False  # to another run
        self._over = Event()
        self._renewing: Thread | None = None

    def acquire(self, timeout: float) -> None:
        """Take it within *timeout* seconds; raise StateLocked, or StateError."""
        began = self._monotonic()
        while (holder := self._try()) is not None:
            remaining = began + timeout - self._monotonic()
            if remaining <= 0:
                raise StateLocked(
                    f"{self._bucket.name}/{self._key}: another run holds the state ({holder})",
                    hint="wait for it with --lock-timeout SECONDS, or stop it; one that died lets "
                    f"go of it within {LASTS:.0f} seconds",
                )
            self._sleep(min(_PAUSE, remaining))
        self._renewing = Thread(target=self._renew, name="lease", daemon=True)
        self._renewing.start()

    def release(self, others: Sequence[str] = ()) -> None:
        """Let go of it, and remove *others* with it; do nothing if it is not held."""
        if self._renewing is None:
            return
        self._over.set()
        self._renewing.join()
        self._renewing = None
        keys = [*others] if self._lost else [self._key, *others]
        if keys:
            with suppress(StateError):  # it expires by itself
                self._bucket.delete(keys)

    def _try(self) -> Tenant | str | None:
        """Take it if it is free; return who has it otherwise."""
        if (holder := self._taken(None)) is None:  # as it is most often: one round trip
            return None
        found = self._bucket.get(self._key)
        if found is None:
            return holder
        holder, expires = _read(found)
        if expires is not None and self._now() < expires:
            return holder
        return self._taken(found.version)

    def _taken(self, version: Version | None) -> Tenant | str | None:
        """Put it where *version* is, if it still is; return who has it otherwise."""
        failed: StateError | None = None
        try:
            self._put(version)
        except ConditionFailed:
            pass
        except StateError as error:
            failed = error
        else:
            return None
        return self._other(failed)

    def _other(self, failed: StateError | None = None) -> Tenant | str | None:
        """Return who has it after a put that *failed*; None if it was done all the same."""
        found = self._bucket.get(self._key)
        if found is None:
            if failed is not None:
                raise failed
            return "it has just begun"
        holder, _ = _read(found)
        if isinstance(holder, Tenant) and holder.run == self._tenant.run:
            self._version = found.version
            return None
        return holder

    def _put(self, version: Version | None) -> None:
        tenant, expires = self._tenant, self._now().astimezone(UTC) + timedelta(seconds=LASTS)
        said = {
            "run": tenant.run,
            "host": tenant.host,
            "pid": tenant.pid,
            "since": tenant.since,
            "expires": expires.isoformat(),
        }
        data = json.dumps(said).encode()
        if version is None:
            self._version = self._bucket.create(self._key, data, {})
        else:
            self._version = self._bucket.replace(self._key, data, {}, version)

    def _renew(self) -> None:
        while not self._over.wait(self._every):
            with suppress(StateError):  # it is no more than manners
                try:
                    self._put(self._version)
                except ConditionFailed:
                    self._lost = self._other() is not None
                    if self._lost:
                        return  # it was taken for expired; who goes on is for the numbers to tell


def _read(found: StoredObject) -> tuple[Tenant | str, datetime | None]:
    """Return who holds the lease, and until when; one that can't be read has expired."""
    try:
        said = json.loads(found.data)
        tenant = Tenant(str(said["run"]), str(said["host"]), int(said["pid"]), str(said["since"]))
        return tenant, datetime.fromisoformat(said["expires"]).astimezone(UTC)
    except (ValueError, LookupError, TypeError):
        return "unreadable", None
