"""Ask the account what became of creates without an answer, and record what it proves."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from threading import Event as Flag

from reconciler.apply.looks import longer_and_longer, looks
from reconciler.apply.ports import Clock, HeldState, Log, Options, PartnerApi
from reconciler.apply.server_clock import ServerClock
from reconciler.apply.stop import Stop
from reconciler.errors import AccountUnreadable, TokenRefused
from reconciler.evidence.creates import Absent, Ambiguous, Evidence, Found, Unproven, judge
from reconciler.evidence.exposure import is_over
from reconciler.evidence.listings import deleted_since, vanished
from reconciler.model import (
    Account,
    Created,
    Instance,
    Moment,
    NotSent,
    Origin,
    Outcome,
    Pending,
    Recorded,
    Recovered,
    Unknown,
    Word,
)
from reconciler.results import Result
from reconciler.state.model import (
    Closed,
    Event,
    ListedDeleted,
    Record,
    State,
    TokenFound,
    TombstoneDropped,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking brought: *results* of what was found, and the last listing of the *account*."""

    results: tuple[Result, ...] = ()
    account: Account | None = None
    token_refused: bool = False


@dataclass(frozen=True, slots=True)
class Settler:
    """Settles unresolved creates against listings of the account."""

    store: HeldState
    partner: PartnerApi
    options: Options
    clock: Clock
    server: ServerClock
    log: Log

    def look(self, account: Account, asked: Moment) -> list[Result]:
        """Record what *account* proves about the creates of earlier runs, and missing tokens.

        What was not listed although its exposure had ended `settled_after` before it was *asked*
        counts as not created. That this process was frozen since is no reason: it may be listed by
        now.
        """
        self.server.hear(account)
        now = replace(asked, server=account.date)
        self._record(ListedDeleted(*each) for each in deleted_since(self.store.state(), account))
        dropped = vanished(self.store.state(), account, now.server or now.wall)
        self._record(TombstoneDropped(number) for number in dropped)
        evidence = judge(self.store.state(), account)
        results = self._found(evidence)
        pending = self.store.state().pending
        settled = [
            key
            for key, seen in evidence.items()
            if isinstance(seen, Absent)
            and is_over(
                pending[key],
                now,
                settled_after=self.options.settled_after,
                timeout=self.options.timeout,
            )
        ]
        self._record(Closed(key, Word.NOT_CREATED, "not listed") for key in settled)
        for key in settled:
            self.log.info("create_settled", key=key, name=pending[key].name, verdict="not created")
        self._tokens(account)
        return results

    def ask(self, interrupted: Flag, tokens: Iterable[int] = ()) -> Asked:
        """Keep asking for up to `settle` seconds.

        Ends early once every create is found and every id of *tokens* (created in this run, but
        answered without its token) was listed.
        """
        results: list[Result] = []
        account, unlisted, refused = None, frozenset(tokens), False
        self.log.info("settling_started", unresolved=len(self.store.state().pending))
        pauses, seconds = longer_and_longer(), self.options.settle
        for _ in looks(self.clock.monotonic, interrupted, pauses, seconds=seconds):
            try:
                account = self.partner.account(tries=1, stopping=interrupted)
            except TokenRefused:
                refused = True
                break
            except AccountUnreadable as error:
                self.log.warning("account_unreadable", reason=error.message)
            else:
                self.server.hear(account)
                results += self._found(judge(self.store.state(), account))
                self._tokens(account)
                unlisted -= account.ids
            if not (unlisted or self.store.state().pending):
                break
        return Asked(tuple(results), account, refused)

    def read(self, stopping: Flag, *, tries: int = 1) -> Account | None:
        """Read the account while a run goes on; tell, if it can't be read or may be old."""
        try:
            account = self.partner.account(tries=tries, stopping=stopping)
        except (AccountUnreadable, TokenRefused) as error:
            self.log.warning("account_unreadable", reason=error.message)
            return None
        for doubt in account.doubts:
            self.log.warning("account_unreadable", reason=f"the listing {doubt}")
        self.server.hear(account)
        return account

    def read_again(self, stop: Stop) -> Account | str:
        """Read the account before something that can't be taken back; say why not where that
        fails, or a *stop* came."""
        account = None if stop else self.read(stop.interrupted, tries=3)
        return account or stop.reason or "the account could not be read just before"

    def prove(self, keys: Collection[str], account: Account) -> dict[str, Outcome]:
        """Return what *account* shows of *keys*, which were answered 429.

        Recovered, or not sent where it shows that they are not there; the others stay unresolved.
        """
        evidence = judge(self.store.state(), account)
        shown: dict[str, Outcome] = {}
        for result in self._found({key: evidence[key] for key in keys}):
            shown[result.key] = result.outcome
        absent = [key for key in keys if isinstance(evidence[key], Absent)]
        self._record(Closed(key, Word.NOT_SENT, "429, and not listed") for key in absent)
        return shown | dict.fromkeys(absent, NotSent("too many requests (429)"))

    def unresolved(self, account: Account | None, reasons: Mapping[str, str]) -> list[Result]:
        """Return a result for each create that is still unresolved, with its candidates.

        *reasons* says, by key, what became of the answer of those that this run sent.
        """
        state = self.store.state()
        evidence = judge(state, account) if account else {}
        return [
            Result(key, pending.name, _unknown(pending, evidence.get(key), reasons.get(key)))
            for key, pending in state.pending.items()
        ]

    def _found(self, evidence: Mapping[str, Evidence]) -> list[Result]:
        pending = self.store.state().pending
        found = {key: seen.instance for key, seen in evidence.items() if isinstance(seen, Found)}
        self._record(
            Record(key, _recovered(pending[key], instance, self.clock.stamp()))
            for key, instance in found.items()
        )
        results = []
        for key, instance in found.items():
            self.log.info(
                "instance_recovered",
                key=key,
                name=instance.name,
                id_instance=instance.id_instance,
            )
            outcome = Recovered(instance.id_instance, instance.token)
            results.append(Result(key, instance.name, outcome))
        return results

    def _tokens(self, account: Account) -> None:
        listed = {row.id_instance: row.token for row in account.live if row.token is not None}
        self._record(
            TokenFound(key, listed[recorded.id_instance], recorded.id_instance)
            for key, recorded in self.store.state().instances.items()
            if recorded.token is None and recorded.id_instance in listed
        )

    def _record(self, events: Iterable[Event]) -> None:
        if batch := tuple(events):
            self.store.record(*batch)


def completed(results: Iterable[Result], state: State) -> list[Result]:
    """Return *results* with what the state knows by now: a token that was found after all."""
    return [
        replace(result, outcome=replace(result.outcome, token=recorded.token))
        if isinstance(result.outcome, Created | Recovered)
        and result.outcome.token is None
        and (recorded := state.instances.get(result.key)) is not None
        else result
        for result in results
    ]


def _recovered(pending: Pending, instance: Instance, stamp: str) -> Recorded:
    return Recorded(
        id_instance=instance.id_instance,
        token=instance.token,
        type_instance=instance.type_instance,
        name=pending.name,
        parameters=pending.parameters,
        created_at=stamp,
        origin=Origin.RECOVERED,
    )


def _unknown(pending: Pending, evidence: Evidence | None, reason: str | None) -> Unknown:
    match evidence:
        case Ambiguous(candidates):
            why = "the account lists instances that could be it, but none that must be"
            return Unknown(why, pending.since, candidates)
        case Absent():
            why = "the account does not list it (yet)"
        case Unproven(reason_for_silence):
            why = f"the account does not list it, but the listing {reason_for_silence}"
        case _:
            why = "the account could not be asked"
    return Unknown(f"{reason}; {why}" if reason else why, pending.since)
