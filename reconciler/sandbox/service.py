"""What the endpoints share: the account, the settings, the faults, and who may come in."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from hmac import compare_digest

from starlette.responses import Response

from reconciler.sandbox.account import SandboxAccount
from reconciler.sandbox.answers import failure, respond, unauthorized
from reconciler.sandbox.data_file import EventLog
from reconciler.sandbox.events import AccountCleared, Event
from reconciler.sandbox.faults import On, Rule, Script, Twist
from reconciler.sandbox.limit import Bucket
from reconciler.sandbox.parameters import Parameters
from reconciler.sandbox.settings import SandboxSettings


class Service:
    """One sandbox. *past* is what its data file remembers."""

    def __init__(  # noqa: PLR0913 - every effect comes in by its name, once
        self,
        settings: SandboxSettings,
        rules: Sequence[Rule],
        *,
        token: str,
        seed: str,
        parameters: Parameters,
        past: Sequence[Event],
        store: EventLog,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        log: Callable[[str], None],
    ) -> None:
        self.start, self._start_rules = settings, tuple(rules)
        self._token, self._seed = token.encode(), seed
        self.parameters, self._store = parameters, store
        self.now, self._monotonic, self.log = now, monotonic, log
        self.account = SandboxAccount(first_id=settings.first_id)
        for event in past:
            self.account.apply(event)
        self._stopping = asyncio.Event()
        self._begin(settings)

    def _begin(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.script = Script(self._start_rules, seed=self._seed)
        self._bucket = settings.limit and Bucket.full(settings.limit, at=self._monotonic())
        self.flight = Flight()

    def reset(self, settings: SandboxSettings) -> None:
        """Forget everything; go on with *settings* and the faults of the start."""
        self.record(AccountCleared(settings.first_id))
        self._begin(settings)

    def set_faults(self, rules: Sequence[Rule]) -> None:
        """Put *rules* in the place of the ones so far."""
        self.script = Script(rules, seed=self._seed)

    def record(self, *events: Event) -> None:
        """Let *events* have happened, on disk first."""
        self._store.append(events)
        for event in events:
            self.account.apply(event)

    def token_of(self, id_instance: int) -> str:
        """Return the instance's token: 50 hex digits, the same ones again for the same seed."""
        return hashlib.sha256(f"{self._seed}/{id_instance}".encode()).hexdigest()[:50]

    def stopped_at_the_door(self, on: On, token: str) -> Response | None:
        """Return the answer to a partner method that comes too fast or with a wrong token."""
        if self._bucket:
            allowed, self._bucket = self._bucket.take(at=self._monotonic())
            if not allowed:
                self.log(f"{on}: too many requests")
                return failure(429, "Too many requests", retry_after=self.settings.retry_after)
        if not compare_digest(token.encode(), self._token):
            self.log(f"{on}: wrong token")
            return unauthorized(self.settings.unauthorized)
        return None

    async def serve(self, on: On, name: str, url: str, act: Callable[[Twist], bytes]) -> Response:
        """Carry out a method as the fault script wants it; *act* does it and returns its answer."""
        rule = self.script.take(on, name)
        self.log(f"{on} {name!r}: {type(rule.answer).__name__.lower()}")
        usual = b"" if rule.before else act(rule.twist)
        await self._pause(rule.delay + (self.settings.latency if on is On.CREATE else 0.0))
        return respond(
            rule.answer,
            usual,
            url=url,
            unauthorized_status=self.settings.unauthorized,
            now=self.now(),
        )

    def stop(self) -> None:
        """Let every request that still waits have its answer now."""
        self._stopping.set()

    async def _pause(self, seconds: float) -> None:
        if seconds:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)


class Flight:
    """Counts creates that are in flight; *peak* is the most there ever were at once."""

    def __init__(self) -> None:
        self._now = self.peak = 0

    def __enter__(self) -> None:
        self._now += 1
        self.peak = max(self.peak, self._now)

    def __exit__(self, *_: object) -> None:
        self._now -= 1
