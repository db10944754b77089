"""What a run does about the settings of instances: it reads them (`--live`) and sets them
(`--update`), each only where it is asked to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event as Flag

from reconciler.apply.live import read_live
from reconciler.apply.ports import Clock, HeldState, Log, Options, PartnerApi
from reconciler.apply.reach import NoWay, ways_to
from reconciler.apply.stop import Stop
from reconciler.apply.update import Send, Updater
from reconciler.evidence.settings import LiveSettings, confirmed, records_of, unwanted
from reconciler.model import Account, Desired, Recorded
from reconciler.partner.instances import InstanceAccess
from reconciler.plan import Plan, Update
from reconciler.results import Result
from reconciler.state.changes import SettingsConfirmed

Ways = Callable[[Mapping[str, Recorded], Account | None], Mapping[str, InstanceAccess | NoWay]]


def known_ways(url: str) -> Ways:
    """Return the ways that state and account alone tell, for an account at *url*."""
    return lambda records, account: ways_to(records, api_url=url, account=account)


@dataclass(slots=True)
class InstanceSettings:
    """The settings of the instances of *entries*; *ways* says how each is asked. *live* is what
    they told, None before they were asked."""

    entries: Sequence[Desired]
    store: HeldState
    options: Options
    clock: Clock
    log: Log
    ways: Ways
    live: LiveSettings | None = field(init=False, default=None)

    def wanted(self, plan: Plan) -> bool:
        """Whether there is something to ask, to look at again, or to set."""
        instances = self.store.state().instances
        asked = self.options.live and any(entry.key in instances for entry in self.entries)
        open_ = any(each.update and not each.update.confirmed for each in instances.values())
        return asked or open_ or bool(plan.of(Update))

    def read(self, account: Account | None, api: PartnerApi) -> None:
        """Ask the instances, if that is wanted; record what they have already and the record does
        not know: somebody set it."""
        if not self.options.live:
            return
        instances = self.store.state().instances
        records = records_of(self.entries, instances)
        left = unwanted(self.entries, instances) if self.options.prune else {}
        self.live = live = read_live(
            self._by_id(records, account),
            api,
            unwanted=self._by_id(left, account),
            concurrency=self.options.concurrency,
            stopping=Flag(),
            now=self.clock.now,
        )
        for key, reason in _silent(records, live):
            self.log.warning("settings_unreadable", key=key, reason=reason)
        lineage = self.store.lineage
        events = [
            SettingsConfirmed(entry.key, records[entry.key].id_instance, settled)
            for entry in self.entries
            if entry.key in records
            and (settled := confirmed(entry, records[entry.key], lineage, live))
        ]
        if events:
            self.store.record(*events)

    def _by_id(
        self, records: Mapping[str, Recorded], account: Account | None
    ) -> dict[int, InstanceAccess | NoWay]:
        ways = self.ways(records, account)
        return {recorded.id_instance: ways[key] for key, recorded in records.items()}

    def update(
        self,
        updates: Sequence[Update],
        account: Account | None,
        api: PartnerApi,
        stop: Stop,
        send: Send,
    ) -> list[Result]:
        """Set what *updates* ask for, and look at what earlier runs could not confirm."""
        asked = {each.key for each in updates}
        records = {
            key: each
            for key, each in self.store.state().instances.items()
            if key in asked or (each.update is not None and not each.update.confirmed)
        }
        if not records:
            return []
        ways = self.ways(records, account)
        updater = Updater(self.store, api, self.options, self.clock, self.log, stop, ways, send)
        return updater.run(updates)


def _silent(records: Mapping[str, Recorded], live: LiveSettings) -> Sequence[tuple[str, str]]:
    return [
        (key, live.silent[recorded.id_instance])
        for key, recorded in records.items()
        if recorded.id_instance in live.silent
    ]
