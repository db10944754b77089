"""Sets the settings of instances (`--update`): in stages, read back, never sent again blindly.

Each setSettings restarts its instance. So an instance is looked at before: what it has already is
only recorded. After a request, answered or not, it is looked at until it shows what was sent; what
it does not show in time, the next run looks at again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import repeat
from typing import Final

from reconciler.apply.asking import ask_all
from reconciler.apply.looks import looks
from reconciler.apply.operations import Operation, UpdateInstance, tell
from reconciler.apply.ports import Clock, HeldState, Log, Options, PartnerApi, stamp
from reconciler.apply.reach import NoWay
from reconciler.apply.stop import Stop
from reconciler.evidence.settings import Comparison, Wanted, compare
from reconciler.model import LINKED, NotSent, Outcome, Recorded, Unconfirmed, Updated
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import InstanceAccess, InstanceCall, SettingsTold, StateTold
from reconciler.partner.methods import GET_SETTINGS, GET_STATE_INSTANCE
from reconciler.plan import Update
from reconciler.results import Result
from reconciler.state.changes import SettingsConfirmed, UpdateClosed
from reconciler.state.digest import kept_changes

FIRST_LOOK: Final = 4.0  # seconds after a request
EVERY: Final = 10.0  # seconds
PATIENCE: Final = 300.0  # seconds; an answer may show the old value for so long
# After an announcement: no request of it is on its way, and no old value is shown any more.
CONCLUSIVE: Final = timedelta(seconds=600)
NEWBORN: Final = timedelta(seconds=600)  # so long an instance may answer as if it were not there
_TRIES: Final = 3  # of a look, where what went wrong may pass
_COMING: Final = ("", "starting")  # states that end by themselves

Answers = tuple[SettingsTold | Unreadable, StateTold | Unreadable]
Send = Callable[[Sequence[Operation]], tuple[list[Result], bool]]  # and: token refused


@dataclass(frozen=True, slots=True)
class Target:
    """One instance, and the settings that it is to have; *was* is its state before a request."""

    key: str
    recorded: Recorded
    wanted: Wanted
    was: str = ""

    @property
    def id_instance(self) -> int:
        return self.recorded.id_instance


@dataclass(frozen=True, slots=True)
class Sight:
    """What a look at an instance showed. *comparison* is None where it told no settings, *state* is
    empty where it told none; *reason* says why not. Without *access* there is no way to it."""

    access: InstanceAccess | None
    reason: str
    state: str = ""
    comparison: Comparison | None = None

    def shows(self, target: Target) -> bool:
        """Whether the instance has what was wanted, and its phone as before."""
        return self.settled and (target.was != LINKED or self.state == LINKED)

    @property
    def settled(self) -> bool:
        return self.comparison is not None and self.comparison.agrees

    @property
    def obstacle(self) -> str | None:
        """Why nothing is sent to it now, None where nothing is against it."""
        if self.comparison is None or self.state in _COMING:
            return self.reason or f"it is {self.state}"
        return None


@dataclass(slots=True)
class Updater:
    """The updates of one run. *ways* says how each instance is asked, *send* sends operations."""

    store: HeldState
    api: PartnerApi
    options: Options
    clock: Clock
    log: Log
    stop: Stop
    ways: Mapping[str, InstanceAccess | NoWay]
    send: Send
    halted: str | None = field(init=False, default=None)  # why nothing more is set

    def run(self, updates: Sequence[Update]) -> list[Result]:
        """Look at what earlier runs announced; then set *updates*, the first alone: those that are
        new, and those that turned out not to be done."""
        results, undone = self._look_again()
        self.halted = _objection(results, canary=False)
        fresh = [each for each in updates if each.announced is None or each.key in undone]
        targets = [_target(each) for each in fresh]
        anew = {each.key for each in targets}
        results += [self._told(undone[key], _NOT_DONE) for key in undone if key not in anew]
        for number, batch in enumerate(_batches(targets, self.options.canary, self.options.batch)):
            reason = self.stop.reason if self.stop else self.halted
            if reason is not None:
                results += [self._told(target, NotSent(reason)) for target in batch]
                continue
            done = self._batch(batch)
            results += done
            self.halted = _objection(done, canary=number == 0 and self.options.canary > 0)
        return results

    def _look_again(self) -> tuple[list[Result], dict[str, Target]]:
        """Look at the updates that are not confirmed: nothing is sent. Return, besides what became
        of them, those that were not done as is certain by now."""
        targets = [
            Target(key, recorded, recorded.update.parameters, recorded.update.was)
            for key, recorded in self.store.state().instances.items()
            if recorded.update is not None
            and not recorded.update.confirmed
            and not recorded.deleted
        ]
        ages = {each.key: self._age(each) for each in targets}
        youngest = max(min(ages.values(), default=CONCLUSIVE).total_seconds(), 0)
        outcomes = self._watch(targets, first=0, patience=PATIENCE - youngest)
        undone = {
            each.key: each
            for each in targets
            if outcomes[each.key] == _NOT_SHOWN and ages[each.key] > CONCLUSIVE
        }
        for key, target in undone.items():
            self.store.record(UpdateClosed(key, target.id_instance, "not shown"))
        shown = [each for each in targets if each.key not in undone]
        return [self._told(each, outcomes[each.key]) for each in shown], undone

    def _age(self, target: Target) -> timedelta:
        update = target.recorded.update
        return self.clock.now() - datetime.fromisoformat(update.since if update else "")

    def _batch(self, targets: Sequence[Target]) -> list[Result]:
        """Set what *targets* want, where they do not have it yet, and wait until they show it."""
        seen = self._approach(targets)
        operations: list[Operation] = []
        sent: dict[str, Target] = {}
        results: list[Result] = []
        for target in targets:
            match seen[target.key]:
                case Sight(settled=True):
                    results.append(self._told(target, self._confirmed(target)))
                case Sight(
                    InstanceAccess() as way, obstacle=None, comparison=Comparison() as found
                ):
                    sent[target.key] = replace(target, was=seen[target.key].state)
                    operations.append(self._operation(sent[target.key], way, found))
                case sight:
                    why = sight.obstacle or sight.reason
                    results.append(self._told(target, NotSent(why)))
        launched = {result.key: result for result in self.send(operations)[0]}
        open_ = [each for each in sent.values() if _is_open(launched.get(each.key))]
        outcomes = self._watch(open_, first=FIRST_LOOK, patience=PATIENCE)
        results += [self._told(target, outcomes[target.key]) for target in open_]
        results += [each for key, each in launched.items() if key not in outcomes]
        return results

    def _approach(self, targets: Sequence[Target]) -> dict[str, Sight]:
        """Look at *targets* until each can be set, or is not expected to come to that."""
        seen = {each.key: Sight(None, self.stop.reason or "not looked at") for each in targets}
        waiting, interrupted = list(targets), self.stop.interrupted
        for _ in looks(self.clock.monotonic, interrupted, repeat(EVERY), seconds=PATIENCE):
            seen |= self._look(waiting)
            waiting = [each for each in waiting if self._is_coming(each, seen[each.key])]
            if not waiting:
                break
        return seen

    def _is_coming(self, target: Target, seen: Sight) -> bool:
        if seen.access is None or seen.settled:
            return False
        if seen.state == "starting":
            return True
        newborn = target.recorded.created_at > stamp(self.clock.now() - NEWBORN)
        return newborn and (seen.comparison is None or seen.state == "")

    def _watch(
        self, targets: Sequence[Target], *, first: float, patience: float
    ) -> dict[str, Outcome]:
        """Look at *targets* until each shows what it is to have, or *patience* is over."""
        outcomes: dict[str, Outcome] = {each.key: _NOT_SEEN for each in targets}
        waiting, interrupted = list(targets), self.stop.interrupted
        if not waiting or (first and interrupted.wait(first)):
            return outcomes
        for last in looks(self.clock.monotonic, interrupted, repeat(EVERY), seconds=patience):
            seen = self._look(waiting)
            for target in waiting:
                outcomes[target.key] = self._outcome(target, seen[target.key], last=last)
            waiting = [each for each in waiting if not isinstance(outcomes[each.key], Updated)]
            if not waiting:
                break
        return outcomes

    def _outcome(self, target: Target, seen: Sight, *, last: bool) -> Outcome:
        if seen.comparison is None:
            return Unconfirmed(seen.reason)
        if not seen.settled:
            return _NOT_SHOWN
        if seen.shows(target):
            return self._confirmed(target)
        if last:
            self._confirmed(target)
        now = f"is {seen.state}" if seen.state else "tells no state"
        why = f"its settings are set, but it was {LINKED} before and {now}"
        return Unconfirmed(why, unlinked=last)

    def _confirmed(self, target: Target) -> Updated:
        stays = kept_changes(target.wanted, self.store.lineage)
        self.store.record(SettingsConfirmed(target.key, target.id_instance, stays))
        return Updated(target.id_instance, tuple(target.wanted))

    def _look(self, targets: Sequence[Target]) -> dict[str, Sight]:
        """Look at each of *targets* once."""
        wanted = {target.key: target.wanted for target in targets}
        ways = {key: self.ways[key] for key in wanted}
        seen = {key: Sight(None, way.reason) for key, way in ways.items() if isinstance(way, NoWay)}
        reached = {key: way for key, way in ways.items() if isinstance(way, InstanceAccess)}
        stopping, many = self.stop.interrupted, self.options.concurrency

        def ask(access: InstanceAccess) -> Answers:
            call = InstanceCall(access)
            settings = self.api.read(GET_SETTINGS, call, tries=_TRIES, stopping=stopping)
            state = self.api.read(GET_STATE_INSTANCE, call, tries=_TRIES, stopping=stopping)
            return settings, state

        for key, answers in ask_all(reached, ask, concurrency=many, stopping=stopping):
            seen[key] = self._sight(reached[key], wanted[key], *answers)
        return seen

    def _sight(
        self,
        access: InstanceAccess,
        wanted: Wanted,
        settings: SettingsTold | Unreadable,
        state: StateTold | Unreadable,
    ) -> Sight:
        word = "" if isinstance(state, Unreadable) else state.word
        if isinstance(settings, Unreadable):
            return Sight(access, f"its settings can't be read: {settings.reason}", word)
        reason = f"its state can't be read: {state.reason}" if isinstance(state, Unreadable) else ""
        return Sight(access, reason, word, compare(wanted, settings.values, self.store.lineage))

    def _operation(self, target: Target, way: InstanceAccess, seen: Comparison) -> UpdateInstance:
        """Return the request that sets what *target* does not have, and nothing else."""
        wanted = {name: value for name, value in target.wanted.items() if name in seen.open}
        name, lineage = target.recorded.name, self.store.lineage
        return UpdateInstance(target.key, name, way, wanted, lineage, target.was)

    def _told(self, target: Target, outcome: Outcome) -> Result:
        result = Result(target.key, target.recorded.name, outcome, UpdateInstance.verb)
        tell(self.log, result)
        return result


_NOT_SHOWN: Final = Unconfirmed("the instance does not show it yet")
_NOT_DONE: Final = Unconfirmed("it was not done; the next run with --update sets it")
_NOT_SEEN: Final = Unconfirmed("the run ended before the instance showed it")


def _target(update: Update) -> Target:
    parameters = update.desired.parameters
    names = [each.parameter for each in update.differences]
    return Target(update.key, update.recorded, {name: parameters.get(name) for name in names})


def _batches(targets: Sequence[Target], canary: int, size: int) -> Iterator[Sequence[Target]]:
    """Yield the canaries, then the others, *size* at a time."""
    if targets[:canary]:
        yield targets[:canary]
    for start in range(canary, len(targets), size):
        yield targets[start : start + size]


def _is_open(result: Result | None) -> bool:
    return result is not None and isinstance(result.outcome, Unconfirmed)


def _objection(results: Sequence[Result], *, canary: bool) -> str | None:
    """Say why nothing more may be set after *results*, None where nothing is against it."""
    for result in results:
        if isinstance(result.outcome, Unconfirmed) and result.outcome.unlinked:
            return f"{result.key} lost its phone by its update"
        if canary and not isinstance(result.outcome, Updated):
            return f"{result.key}, which was tried first, is not confirmed"
    return None
