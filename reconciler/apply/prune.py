"""Delete what no entry wants any more (`--prune`): for ever, so never without fresh proof."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from reconciler.apply.deletion import DeleteInstance
from reconciler.apply.looks import longer_and_longer, looks
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
from reconciler.state.changes import DeleteClosed
from reconciler.state.model import Forgotten


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
        account = self.settler.read_again(stop)
        if isinstance(account, str):
            return [], self.unsent(deletes, account)
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
            tell(self.log, result)
        return results

    def verify(self, results: Sequence[Result], stop: Stop) -> list[Result]:
        """Return *results* with what the account shows within `settle` seconds."""
        latest: dict[str, Result] = {result.key: result for result in results}
        pauses, seconds = longer_and_longer(), self.options.settle
        if _unconfirmed(latest):
            for _ in looks(self.clock.monotonic, stop.interrupted, pauses, seconds=seconds):
                if (account := self.settler.read(stop.interrupted)) is not None:
                    latest |= {result.key: result for result in self.proven(account)}
                if not _unconfirmed(latest):
                    break
        for result in _unconfirmed(latest):
            tell(self.log, result)
        return list(latest.values())

    def proven(self, account: Account) -> list[Result]:
        """Record which announced deletions *account* proves, by a tombstone each."""
        state, now = self.store.state(), self.clock.stamp()
        shown = [key for key, gone in deletions(state, account).items() if gone]
        dead = {key: state.instances[key] for key in shown}
        if dead:
            stones = {
                key: Tombstone(key, each.name, now, deleted=True) for key, each in dead.items()
            }
            self.store.record(*(Forgotten(dead[k].id_instance, stones[k]) for k in dead))
        results = []
        for key, each in dead.items():
            number = each.id_instance
            self.log.info("instance_deleted", key=key, name=each.name, id_instance=number)
            results.append(Result(key, each.name, Deleted(number), "delete"))
        return results

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


def _unconfirmed(results: Mapping[str, Result]) -> list[Result]:
    return [each for each in results.values() if isinstance(each.outcome, Unconfirmed)]
