"""Delete what no entry wants any more (`--prune`): for ever, so never without fresh proof."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from reconciler.apply.deletion import DeleteInstance
from reconciler.apply.operations import tell
from reconciler.apply.ports import Clock, HeldState, Log, Options, PartnerApi, stamp
from reconciler.apply.reach import NoWay
from reconciler.apply.settings import Ways
from reconciler.apply.settle import Settler
from reconciler.apply.stop import Stop
from reconciler.evidence.listings import deletions, objections
from reconciler.model import Account, Deleted, NotSent, Tombstone, Unconfirmed
from reconciler.partner.instances import InstanceAccess
from reconciler.plan import Delete, Plan
from reconciler.results import Result
from reconciler.state.model import DeleteClosed, Forgotten

_FIRST_WAIT: Final = 0.5  # seconds; then longer each time
_LONGEST_WAIT: Final = 10.0


@dataclass(frozen=True, slots=True)
class Pruner:
    """Deletes instances of one run. *diff* compares the manifest with a listing once more; *ways*
    says how each instance is asked."""

    store: HeldState
    api: PartnerApi
    options: Options
    clock: Clock
    log: Log
    settler: Settler
    diff: Callable[[Account], Plan]
    ways: Ways

    def operations(
        self, deletes: Sequence[Delete], stop: Stop
    ) -> tuple[list[DeleteInstance], list[Result]]:
        """Return what is to be sent, and what must not be: the account is read just before, and
        what it shows by now counts."""
        account = self.settler.read(stop.interrupted, tries=3) if not stop else None
        if account is None:
            why = stop.reason or "the account could not be read just before"
            return [], self.unsent(deletes, why)
        if reasons := objections(self.store.state(), account):
            return [], self.unsent(deletes, f"the listing {reasons[0]}")
        fresh = self.diff(account).of(Delete)
        allowed = {each.key: each.recorded.id_instance for each in fresh}
        ways = self.ways({each.key: each.recorded for each in deletes}, account)
        operations = [
            self._operation(each, ways[each.key], stop)
            for each in deletes
            if allowed.get(each.key) == each.recorded.id_instance
        ]
        kept = [each for each in deletes if allowed.get(each.key) != each.recorded.id_instance]
        return operations, self.unsent(kept, "it may not be deleted any more")

    def unsent(self, deletes: Sequence[Delete], why: str) -> list[Result]:
        """Tell of each of *deletes* that nothing was sent, and *why*."""
        results = [Result(each.key, each.recorded.name, NotSent(why), "delete") for each in deletes]
        for result in results:
            self.log.error("delete_not_sent", key=result.key, name=result.name, reason=why)
        return results

    def verify(self, results: Sequence[Result], stop: Stop) -> list[Result]:
        """Return *results* with what the account shows within `settle` seconds."""
        latest: dict[str, Result] = {result.key: result for result in results}
        deadline, wait = self.clock.monotonic() + self.options.settle, _FIRST_WAIT
        while any(isinstance(result.outcome, Unconfirmed) for result in latest.values()):
            if (account := self.settler.read(stop.interrupted)) is not None:
                latest |= {result.key: result for result in self.proven(account)}
            remaining = deadline - self.clock.monotonic()
            if remaining <= 0 or stop.interrupted.wait(min(wait, remaining)):
                break
            wait = min(wait * 1.7, _LONGEST_WAIT)
        for result in latest.values():
            if isinstance(result.outcome, Unconfirmed):
                tell(self.log, result)
        return list(latest.values())

    def proven(self, account: Account) -> list[Result]:
        """Record which announced deletions *account* proves, by a tombstone each."""
        instances = self.store.state().instances
        gone = [key for key, shown in deletions(self.store.state(), account).items() if shown]
        now = self.clock.stamp()
        if gone:
            stones = {key: Tombstone(key, instances[key].name, now, deleted=True) for key in gone}
            self.store.record(
                *(Forgotten(instances[key].id_instance, stone) for key, stone in stones.items())
            )
        for key in gone:
            known = instances[key]
            who = {"key": key, "name": known.name}
            self.log.info("instance_deleted", **who, id_instance=known.id_instance)
        return [
            Result(key, instances[key].name, Deleted(instances[key].id_instance), "delete")
            for key in gone
        ]

    def open(self, told: Collection[str], account: Account | None) -> list[Result]:
        """Return what is still announced, but for what was *told*; what is long over, and did not
        come to pass as a fresh *account* shows, is closed."""
        still = []
        live = {row.id_instance for row in account.live} if account and not account.doubts else ()
        old = stamp(self.clock.now() - timedelta(seconds=self.options.settled_after))
        for key, recorded in self.store.state().instances.items():
            if recorded.deletion is None or key in told:
                continue
            if recorded.deletion < old and recorded.id_instance in live:
                self.store.record(DeleteClosed(key, recorded.id_instance, "it is still listed"))
            else:
                said = f"announced {recorded.deletion}, and it is not shown to be gone"
                still.append(Result(key, recorded.name, Unconfirmed(said), "delete"))
        return still

    def _operation(self, delete: Delete, way: InstanceAccess | NoWay, stop: Stop) -> DeleteInstance:
        return DeleteInstance(
            delete.key,
            delete.recorded,
            way,
            interrupted=stop.interrupted,
            monotonic=self.clock.monotonic,
            even_linked=self.options.even_linked,
            even_unlinkable=self.options.even_unlinkable,
        )
