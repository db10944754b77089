"""One run: the order of its steps, from the first look at the account to the report.

`decide` compares manifest and state, offline: most runs end there, in `stay_offline`. `prepare`
looks at the account, settles what earlier runs left open, and stops at every guard; nothing is
billed by it. `carry_out` creates, then asks for the outcome of what got no answer.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from reconciler.apply.adopt import adopt, note_address, remember_address
from reconciler.apply.checkpoint import Checkpoint
from reconciler.apply.fresh_answers import FreshAnswers
from reconciler.apply.guards import (
    address_trouble,
    check_account,
    check_address,
    check_cap,
    check_deletes,
    check_names,
    check_proof,
    check_updates,
)
from reconciler.apply.launch import Unwatched
from reconciler.apply.operations import CreateInstance, tell
from reconciler.apply.ports import Clock, HeldState, Log, Options, PartnerApi
from reconciler.apply.prepared import Prepared
from reconciler.apply.prune import Pruner
from reconciler.apply.recreate import not_gone
from reconciler.apply.remember import remember_orphans, remember_protection, rename
from reconciler.apply.sender import Sender
from reconciler.apply.server_clock import ServerClock
from reconciler.apply.settings import InstanceSettings, Ways, known_ways
from reconciler.apply.settle import Asked, Settler, completed
from reconciler.apply.stop import Stop
from reconciler.apply.watch import INTERVAL, AccountWatch
from reconciler.errors import AccountUnreadable
from reconciler.evidence.creates import known_ids
from reconciler.evidence.listings import forbids_creating
from reconciler.evidence.settings import for_creation
from reconciler.model import Account, Created, Desired, NotSent, Unknown
from reconciler.plan import Conflict, Create, Delete, Lookalike, Plan, Rename, Update, diff
from reconciler.results import Report, Result
from reconciler.state.model import Listed


@dataclass(slots=True)
class Run:
    """One apply of *entries*: `decide`; if it is `idle`, `stay_offline`; else `prepare`, then (once
    somebody agreed) `carry_out` or `decline`. *url* is where the partner API is."""

    run_id: str
    entries: Sequence[Desired]
    store: HeldState
    url: str
    options: Options
    clock: Clock
    log: Log
    started_at: str  # ISO 8601, UTC
    started: float  # monotonic
    checkpoint: Checkpoint | None = None
    ways: Ways | None = None  # to the instances; None: by the tokens of state and account
    settings: InstanceSettings = field(init=False)
    server: ServerClock = field(init=False)
    sender: Sender = field(init=False)

    def __post_init__(self) -> None:
        self.server = ServerClock(self.clock)
        ways = self.ways or known_ways(self.url)
        parts = (self.store, self.options, self.clock, self.log)
        self.settings = InstanceSettings(self.entries, *parts, ways)
        self.sender = Sender(
            self.store, self.options, self.clock, self.server, self.log, self.checkpoint
        )

    def decide(self) -> Plan:
        """Return what there is to do as far as the state tells.

        Raises GuardError where the state belongs to another URL, and above the cap.
        """
        if not self.options.accept_url:
            check_address(self.store.state(), self.url)
        plan = self._diff(None)
        if not (self.options.adopt and self.options.remote_check):  # else the account may have them
            check_cap(plan, self.options.max_creates)
        check_deletes(plan, None, self.options.max_deletes)
        check_updates(plan, self.options.max_updates)
        return plan

    def idle(self, plan: Plan) -> bool:
        """Whether there is nothing to send and nothing to ask the account."""
        state = self.store.state()
        open_ = any(
            recorded.token is None or recorded.deletion for recorded in state.instances.values()
        )
        asked = plan.of(Create) + plan.of(Conflict) + plan.of(Lookalike) + plan.of(Delete)
        anew = self.options.recreate and state.instances  # what is gone, only the account knows
        open_ = open_ or self.settings.wanted(plan)
        return not (asked or anew or state.pending or open_ or self._moved())

    def stay_offline(self, plan: Plan) -> Report:
        """Carry out what needs no account, and report; raise StateError."""
        return self.report(plan, rename(self.store, plan, self.log))

    def prepare(self, plan: Plan, api: PartnerApi) -> Prepared:
        """Look at the account; raise GuardError, TokenRefused, StateError."""
        if not self.options.remote_check:
            self.settings.read(None, api)
            plan = self._diff(None)
            check_names(plan)
            check_updates(plan, self.options.max_updates)
            return Prepared(plan, None)
        asked = self.clock.moment()
        self.store.expect()
        try:
            account = api.account()
        except AccountUnreadable as error:
            self.log.warning("account_unreadable", reason=error.message)
            return Prepared(plan, None, unreadable=error.message)
        check_account(self.store.state(), account, self.clock.now())
        if self._moved():
            check_proof(self.store.state(), account)
            remember_address(self.store, self.url)
        results = self._pruner(api).proven(account)
        results += self._settler(api).look(account, asked)
        if (reason := forbids_creating(self.store.state(), account)) is not None:
            self.log.warning("account_unreadable", reason=reason)
            return Prepared(plan, account, tuple(results), unreadable=reason)
        self.settings.read(account, api)
        plan, adopted = self._adopt(self._diff(account), account)
        check_cap(plan, self.options.max_creates)
        check_names(plan)
        check_deletes(plan, account, self.options.max_deletes)
        check_updates(plan, self.options.max_updates)
        return Prepared(plan, account, (*results, *adopted))

    def carry_out(
        self, prepared: Prepared, api: PartnerApi, stop: Stop, *, asked: bool = False
    ) -> Report:
        """Create what is missing, delete what is to be deleted, settle the rest; raise StateError.

        *asked*: a person was asked meanwhile, so the account is read again first.
        """
        renamed = rename(self.store, prepared.plan, self.log)
        if prepared.unreadable is not None:
            return self._unsent(prepared, renamed, api, prepared.unreadable)
        launched, refused = self._launch(prepared, api, stop, asked=asked)
        tokenless = [
            outcome.id_instance
            for result in launched
            if isinstance(outcome := result.outcome, Created) and outcome.token is None
        ]
        settler, seen = self._settler(api), Asked()
        if not refused and stop.signal is None and (tokenless or self.store.state().pending):
            seen = settler.ask(stop.interrupted, tokenless)
        account = seen.account or prepared.account
        updated = self._update(prepared, launched, account, api, stop)
        pruned = self._prune(prepared, account, api, stop)
        results = self._merge(prepared, launched, (*seen.results, *pruned), settler, account)
        self.sender.end()
        refused = refused or seen.token_refused
        told = (*renamed, *results, *updated)
        return self.report(prepared.plan, told, stop=stop, refused=refused)

    def decline(self, prepared: Prepared) -> Report:
        """Report that nothing was created because a person said no."""
        return self.report(prepared.plan, prepared.results, declined=True)

    def _moved(self) -> bool:
        """Whether a person says that the account of the state is at another URL now."""
        return address_trouble(self.store.state(), self.url) is not None

    def leave(self) -> None:
        """Record, at once, that what is in flight is given up, and fold; raise StateError."""
        self.sender.leave()

    def _launch(
        self, prepared: Prepared, api: PartnerApi, stop: Stop, *, asked: bool
    ) -> tuple[list[Result], bool]:
        """Create what *prepared* asks for; tell also whether the token was refused."""
        doubted = not_gone(prepared.plan.of(Create), self._settler(api), stop)
        operations = [each for each in self._operations(prepared) if each.key not in doubted]
        unsent = [
            Result(entry.key, entry.name, NotSent(doubted[entry.key]))
            for entry in prepared.creates
            if entry.key in doubted
        ]
        watch = self._watched(api, stop)
        if asked and operations and self.options.remote_check:
            watch.look()
        fresh = FreshAnswers(api, known_ids(self.store.state(), prepared.account))
        launched, refused = self.sender.send(operations, watch, fresh, stop)
        return [*unsent, *launched], refused

    def _update(
        self,
        prepared: Prepared,
        launched: Sequence[Result],
        account: Account | None,
        api: PartnerApi,
        stop: Stop,
    ) -> list[Result]:
        """Set what differs, and of the new instances what a create does not take."""
        made = {result.key for result in launched} if self.options.update else set()
        again = self._diff(None).of(Update) if made else ()  # no listing has them yet
        updates = (*prepared.updates, *(each for each in again if each.key in made))

        send = partial(self.sender.send, witness=Unwatched(), api=api, stop=stop)
        return self.settings.update(updates, account, api, stop, send)

    def _prune(
        self, prepared: Prepared, account: Account | None, api: PartnerApi, stop: Stop
    ) -> list[Result]:
        """Delete what *prepared* says is not wanted any more, and look at what was announced."""
        pruner, deletes = self._pruner(api), prepared.deletes
        results: list[Result] = []
        if deletes:
            operations, results = pruner.operations(deletes, stop)
            remember_address(self.store, self.url)
            launched, _ = self.sender.send(operations, self._watched(api, stop), api, stop)
            results = pruner.verify([*results, *launched], stop)
        told = {result.key for result in (*prepared.results, *results)}
        return [*results, *pruner.open(told, account)]

    def _watched(self, api: PartnerApi, stop: Stop) -> AccountWatch:
        interval = INTERVAL if self.options.remote_check else math.inf
        stopping, settler = stop.interrupted, self._settler(api)
        return AccountWatch(settler, self._taken, interval=interval, stopping=stopping)

    def _taken(self, account: Account) -> dict[str, str]:
        """Return the keys that *account* forbids to create by now, and why."""
        conflicts = self._diff(account).of(Conflict)
        return {conflict.key: _turned_up(conflict) for conflict in conflicts}

    def _diff(self, account: Account | None) -> Plan:
        plan = diff(
            self.entries,
            self.store.state(),
            account,
            new=self.options.new,
            recreate=self.options.recreate,
            prune=self.options.prune,
            live=self.settings.live,
            update=self.options.update,
        )
        return plan.selected(self.options.only, self.options.exclude, self.options.among)

    def _settler(self, api: PartnerApi) -> Settler:
        return Settler(self.store, api, self.options, self.clock, self.server, self.log)

    def _pruner(self, api: PartnerApi) -> Pruner:
        parts = (self.options, self.clock, self.log, self._settler(api))
        return Pruner(self.store, api, *parts, self._diff, self.settings.ways)

    def _adopt(self, plan: Plan, account: Account) -> tuple[Plan, list[Result]]:
        if not self.options.adopt:
            return plan, []
        results = adopt(plan.of(Conflict), self.store, self.clock, self.log)
        if results:
            remember_address(self.store, self.url)
        return (self._diff(account), results) if results else (plan, [])

    def _operations(self, prepared: Prepared) -> list[CreateInstance]:
        if not prepared.creates:
            return []
        self._open_run(prepared.account)
        snapshot = None if prepared.account is None else self.run_id
        return [
            CreateInstance(desired, self.store.lineage, snapshot)
            for desired in map(for_creation, prepared.creates)
        ]

    def _open_run(self, account: Account | None) -> None:
        """Put on disk what recovery will compare with, together with the first announcement."""
        note_address(self.store, self.url)
        if account is not None:
            live = frozenset(row.id_instance for row in account.live)
            self.store.note(Listed(self.run_id, live - self.store.state().ids))

    def _merge(
        self,
        prepared: Prepared,
        launched: Sequence[Result],
        found: Sequence[Result],
        settler: Settler,
        account: Account | None,
    ) -> list[Result]:
        """Join the phases: the last word on each key counts."""
        reasons = {
            result.key: outcome.reason
            for result in launched
            if isinstance(outcome := result.outcome, Unknown)
        }
        unresolved = settler.unresolved(account, reasons)
        now = {rename.previously: rename.key for rename in prepared.plan.of(Rename)}
        latest = {
            now.get(result.key, result.key): replace(result, key=now.get(result.key, result.key))
            for phase in (prepared.results, launched, found, unresolved)
            for result in phase
        }
        order = {entry.key: index for index, entry in enumerate(self.entries)}
        results = sorted(latest.values(), key=lambda result: order.get(result.key, len(order)))
        return completed(results, self.store.state())

    def _unsent(
        self, prepared: Prepared, renamed: Sequence[Result], api: PartnerApi, reason: str
    ) -> Report:
        unsent = prepared.unsent(reason)
        for result in unsent:
            tell(self.log, result)
        unresolved = self._settler(api).unresolved(None, {})
        return self.report(prepared.plan, (*renamed, *unsent, *unresolved))

    def report(
        self,
        plan: Plan,
        results: Iterable[Result] = (),
        *,
        stop: Stop | None = None,
        refused: bool = False,
        declined: bool = False,
    ) -> Report:
        """Sum the run up: *results* are in manifest order. What it shows to be no longer wanted is
        remembered as reported, and what its entry protects, as protected."""
        if not declined:
            remember_orphans(self.store, self.entries, plan)
            remember_protection(self.store, self.entries)
        instances = self.store.state().instances
        seconds = self.clock.monotonic() - self.started
        return Report(
            run_id=self.run_id,
            started=self.started_at,
            seconds=seconds,
            plan=plan,
            results=tuple(results),
            wanted=len(self.entries),
            recorded=sum(entry.key in instances for entry in self.entries),
            stopped=stop.reason if stop is not None else None,
            token_refused=refused,
            signal=stop.signal if stop is not None else None,
            declined=declined,
        )


def _turned_up(conflict: Conflict) -> str:
    ids = ", ".join(f"{row.id_instance}" for row in conflict.candidates)
    owner = ids or conflict.held_by or conflict.recorded_as
    return f"its name is taken in the account by now: {owner}"
