"""The service behind the endpoints: its account, its clock, its faults, and who may come in."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

from starlette.responses import Response

from reconciler.model import Scalar
from reconciler.sandbox.account import SandboxAccount
from reconciler.sandbox.answers import dress, failure, respond, unauthorized
from reconciler.sandbox.data_file import EventLog
from reconciler.sandbox.events import (
    PARTNER,
    AccountCleared,
    Event,
    InstanceMade,
    InstanceRow,
    Tariff,
    TokenRotated,
)
from reconciler.sandbox.hands import ByHand, MakeByHand, handled
from reconciler.sandbox.limit import Bucket
from reconciler.sandbox.parameters import Parameters
from reconciler.sandbox.rules import PLAIN, On, Rule, Twist
from reconciler.sandbox.script import Script
from reconciler.sandbox.settings import SandboxSettings

# How often a method of one instance may be called, where it is not once a second.
_PER_SECOND: Final = {(On.QR, True): 3.0}  # WhatsApp; MAX and Telegram are slower


class Service:
    """A partner API in one process. *past* is what its data file remembers."""

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
        self._clock, self._monotonic, self.log = now, monotonic, log
        self.account = SandboxAccount(first_id=settings.first_id)
        for event in past:
            self.account.apply(event)
        self._stopping = asyncio.Event()
        self._begin(settings)

    def _begin(self, settings: SandboxSettings) -> None:
        self.change(settings)
        self.script = Script(self._start_rules, seed=self._seed)
        self.flight = Flight()
        self._create_before = b""

    def reset(self, settings: SandboxSettings) -> None:
        """Forget everything; go on with *settings* and the faults of the start."""
        self.record(AccountCleared(settings.first_id))
        self._begin(settings)

    def change(self, settings: SandboxSettings) -> None:
        """Go on with *settings* and everything that there is."""
        self.settings = settings
        self._buckets: dict[tuple[On, int], Bucket] = {}
        self._bucket = settings.limit and Bucket.full(settings.limit, at=self._monotonic())

    def now(self) -> datetime:
        """Return the time by the service's own clock, which may be ahead or behind."""
        return self._clock() + timedelta(seconds=self.settings.clock_ahead)

    def set_faults(self, rules: Sequence[Rule]) -> None:
        """Put *rules* in the place of the ones so far."""
        self.script = Script(rules, seed=self._seed)

    def record(self, *events: Event) -> None:
        """Let *events* have happened, on disk first."""
        self._store.append(events)
        for event in events:
            self.account.apply(event)

    def make(
        self,
        sent: Mapping[str, Scalar],
        *,
        twist: Twist = PLAIN,
        by_hand: bool = False,
        plan: Tariff = PARTNER,
        days_old: float = 0.0,
    ) -> InstanceRow:
        """Make the instance that a create with the parameters *sent* asks for, and return it."""
        now = self.now() - timedelta(days=days_old)
        id_instance, name = self.account.next_id, str(sent.get("name", ""))
        row = InstanceRow(
            id_instance=id_instance,
            name=twist.name(name) if name else f"Instance {id_instance}",
            sent_name=None if by_hand else name,
            token=self._token_of(id_instance),
            type_instance=self.settings.type_instance,
            parameters={key: value for key, value in sent.items() if key != "name"},
            created_at=now,
            ready_at=now + timedelta(seconds=self.settings.birth),
            listed_at=now + timedelta(seconds=twist.lag_seconds),
            listed_from=self.account.listings + twist.lag + 1 if twist.lag else 0,
            plan=plan,
        )
        self.record(InstanceMade(row))
        return row

    def by_hand(self, hand: ByHand) -> None:
        """Do what a person does in the vendor's console, or with a phone."""
        if isinstance(hand, MakeByHand):
            self.make({"name": hand.name}, by_hand=True)
            return
        now = self.now()
        for row in self.account.live(hand.name):
            self.record(*handled(hand, row, now))

    def rotate(self, row: InstanceRow) -> str:
        """Give *row* another token, and return it."""
        token = self._token_of(row.id_instance, row.rotations + 1)
        self.record(TokenRotated(row.id_instance, token))
        return token

    def too_soon(self, on: On, row: InstanceRow) -> bool:
        """Tell whether this method of this instance was called less than its limit ago."""
        if not self.settings.instance_limits:
            return False
        rate = _PER_SECOND.get((on, row.type_instance == "whatsapp"), 1.0)
        at, key = self._monotonic(), (on, row.id_instance)
        bucket = self._buckets.get(key) or Bucket.full(rate, at=at)
        allowed, self._buckets[key] = bucket.take(at=at)
        return not allowed

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

    async def serve(self, on: On, name: str, url: str, act: Callable[[Rule], bytes]) -> Response:
        """Carry out a method as the fault script wants it; *act* does it and returns its answer."""
        rule = self.script.take(on, name)
        self.log(f"{on} {name!r}: {type(rule.answer).__name__.lower()}")
        for hand in rule.hands_before:
            self.by_hand(hand)
        usual = b"" if rule.before else act(rule)
        for hand in rule.hands_after:
            self.by_hand(hand)
        before = self._create_before
        if on is On.CREATE and usual:
            self._create_before = usual
        await self._pause(rule.delay + (self.settings.latency if on is On.CREATE else 0.0))
        now = self.now()
        response = respond(
            rule.answer,
            usual,
            before=before,
            url=url,
            unauthorized_status=self.settings.unauthorized,
            now=now,
        )
        date = None if rule.date_seconds is None else now + timedelta(seconds=rule.date_seconds)
        return dress(response, rule.headers, date=date)

    def stop(self) -> None:
        """Let every request that still waits have its answer now."""
        self._stopping.set()

    def _token_of(self, id_instance: int, rotations: int = 0) -> str:
        """Return the instance's token: 50 hex digits, the same ones again for the same seed."""
        said = f"{self._seed}/{id_instance}{f'/{rotations}' if rotations else ''}"
        return hashlib.sha256(said.encode()).hexdigest()[:50]

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
