"""What the account has against what is wanted, and what it costs. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from reconciler.evidence.settings import LiveSettings
from reconciler.evidence.states import BLOCKED, SUSPENDED, LiveStates, Sighting
from reconciler.manifest.account import Price
from reconciler.model import Account, Desired, Instance, Recorded
from reconciler.report.status import SettingsSaid, settings_said
from reconciler.schemas import annotations
from reconciler.secrets import Secret
from reconciler.state.model import State

MONTH: Final = 30  # days, by which a month's costs are told


class Group(StrEnum):
    """How an instance stands to manifest and state; each has exactly one."""

    MANAGED = "managed"
    ORPHAN = "orphan"  # recorded, no longer wanted
    TWIN = "twin"  # unrecorded, and another live one has its name, or its webhook
    UNMANAGED = "unmanaged"
    TOMBSTONE = "tombstone"  # forgotten by the state, and alive
    GONE = "gone"  # recorded, and deleted in the account
    MISSING = "missing"  # recorded, and not listed at all
    OTHER_PLAN = "otherPlan"


class Trouble(StrEnum):
    """What else is wrong with an instance; all but drift keeps it from serving anybody."""

    EXPIRED = "expired"
    UNLINKED = "unlinked"
    SUSPENDED = "suspended"
    BLOCKED = "blocked"
    DRIFTED = "drifted"


@dataclass(frozen=True, slots=True)
class Item:
    """One instance. *created* and *ended* are days (ISO 8601), empty where they are not known.

    *live*: the account has it, and it costs. *unlinked_days*: for how long no phone is linked.
    *settings* is None where the instance was not asked for its own.
    """

    id_instance: int
    key: str | None
    name: str
    type_instance: str | None
    group: Group
    live: bool
    created: str = ""
    ended: str = ""
    troubles: tuple[Trouble, ...] = ()
    state: str | None = None
    unlinked_days: int | None = None
    settings: SettingsSaid | None = None

    @property
    def costs(self) -> bool:
        return self.live and self.group is not Group.OTHER_PLAN

    @property
    def useless(self) -> bool:
        """Whether it costs and serves nobody, as far as anybody can tell from here."""
        idle = any(trouble is not Trouble.DRIFTED for trouble in self.troubles)
        return self.costs and (idle or self.group in _USELESS)


_UNLINKED: Final = "notAuthorized"  # the API's word for one that waits for a phone
_USELESS: Final = (Group.ORPHAN, Group.TWIN, Group.TOMBSTONE)


@dataclass(frozen=True, slots=True)
class Former:
    """An instance that cost from the day *created* to the day *ended*, and is recorded no more."""

    created: str
    ended: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """All instances, by group and key. *states*: they were asked for their states, too; *live*:
    for their settings.

    *doubts* say why the listing may be old or partial: nothing is concluded from what it lacks.
    *former* are those that the state has buried, as long as the account lists them.
    """

    items: tuple[Item, ...]
    at: datetime
    price: Price | None
    states: bool
    unlinked_days: int
    doubts: tuple[str, ...] = ()
    live: bool = False
    former: tuple[Former, ...] = ()
    groups: Mapping[Group, tuple[Item, ...]] = field(init=False)
    troubles: Mapping[Trouble, tuple[Item, ...]] = field(init=False)

    def __post_init__(self) -> None:
        groups = {group: tuple(i for i in self.items if i.group is group) for group in Group}
        troubles = {each: tuple(i for i in self.items if each in i.troubles) for each in Trouble}
        object.__setattr__(self, "groups", groups)
        object.__setattr__(self, "troubles", troubles)

    @property
    def costing(self) -> int:
        return sum(item.costs for item in self.items)

    @property
    def useless(self) -> int:
        return sum(item.useless for item in self.items)

    @property
    def unread(self) -> int:
        """How many were asked for their settings, and did not tell them."""
        return sum(bool(item.settings and item.settings.reason) for item in self.items)

    def cost(self, instances: int, *, days: int = 1) -> Decimal | None:
        """Return what so many *instances* cost, None where nobody said the price."""
        if self.price is None:
            return None
        return Decimal(str(self.price.amount)) * instances * days


def inventory_of(
    state: State,
    account: Account,
    *,
    wanted: Mapping[str, Desired] | None,
    states: LiveStates | None = None,
    live: LiveSettings | None = None,
    price: Price | None = None,
    now: datetime,
    unlinked_days: int,
) -> Inventory:
    """Put every instance of *state* and *account* into its group.

    *wanted* are the entries of the manifest by their keys, None where there is none: then all that
    is recorded is. *states* and *live* are what the instances told, where they were asked.
    """
    read = _Reading(state, account, wanted, states or LiveStates(), live, now, unlinked_days)
    order = {group: number for number, group in enumerate(Group)}
    items = sorted(
        read.items(), key=lambda item: (order[item.group], item.key or item.name, item.id_instance)
    )
    return Inventory(
        tuple(items),
        now,
        price,
        states=states is not None and states.whole,
        unlinked_days=unlinked_days,
        doubts=account.doubts,
        live=live is not None,
        former=tuple(_former(state, account)),
    )


def _former(state: State, account: Account) -> Iterator[Former]:
    """Yield what was recorded once, and is deleted: the listing knows for a while when it began."""
    for row in account.instances:
        stone = state.tombstones.get(row.id_instance)
        if stone is not None and row.deleted:
            yield Former(row.time_created[:10], (row.time_deleted or stone.at)[:10])


def alike(state: State, account: Account, live: LiveSettings) -> frozenset[int]:
    """Return the unrecorded instances that tell the webhook of a recorded or an older one.

    Many may share one on purpose: it makes a twin only of one that no phone is linked to.
    """
    recorded = {each.id_instance for each in state.instances.values()}
    partners = [row for row in account.live if not row.of_other_plan]
    hooks = {row.id_instance: _webhook(live, row) for row in partners}
    seen = {hooks[row.id_instance] for row in partners if row.id_instance in recorded}
    found = set()
    for row in _by_age(row for row in partners if row.id_instance not in recorded):
        if (hook := hooks[row.id_instance]) and hook in seen:
            found.add(row.id_instance)
        seen.add(hook)
    return frozenset(found)


def _webhook(live: LiveSettings, row: Instance) -> str:
    """Return the URL that the instance sends to, as it told, or nothing."""
    told = live.told.get(row.id_instance, {})
    values = (told.get(name, "") for name in annotations("url"))
    plain = (each.reveal_typed() if isinstance(each, Secret) else each for each in values)
    return " ".join(map(str, plain)).strip()


def _by_age(rows: Iterable[Instance]) -> list[Instance]:
    return sorted(rows, key=lambda row: (row.time_created, row.id_instance))


@dataclass(frozen=True, slots=True)
class _Reading:
    state: State
    account: Account
    wanted: Mapping[str, Desired] | None
    states: LiveStates
    live: LiveSettings | None
    now: datetime
    unlinked_days: int

    def items(self) -> Iterator[Item]:
        listed = {row.id_instance: row for row in self.account.instances}
        recorded = {each.id_instance for each in self.state.instances.values()}
        for key, record in self.state.instances.items():
            yield self._recorded(key, record, listed.get(record.id_instance))
        twins = set(self._twins(recorded))
        for row in self.account.live:
            if row.id_instance not in recorded:
                yield self._unrecorded(row, twin=row.id_instance in twins)

    def _recorded(self, key: str, record: Recorded, row: Instance | None) -> Item:
        if row is not None and not row.deleted:
            wanted = self.wanted is None or key in self.wanted
            return self._live(row, Group.MANAGED if wanted else Group.ORPHAN, key, record)
        gone = record.deleted or row is not None
        # What a doubtful listing lacks counts for nothing: it is as it was recorded.
        unseen = Group.MANAGED if self.account.doubts else Group.MISSING
        return Item(
            record.id_instance,
            key,
            record.name,
            record.type_instance,
            Group.GONE if gone else unseen,
            live=not gone and unseen is Group.MANAGED,
            created=record.created_at[:10],
            ended="" if row is None else row.time_deleted[:10],
        )

    def _unrecorded(self, row: Instance, *, twin: bool) -> Item:
        if row.id_instance in self.state.tombstones:
            return self._live(row, Group.TOMBSTONE, self.state.tombstones[row.id_instance].key)
        return self._live(row, Group.TWIN if twin else Group.UNMANAGED)

    def _twins(self, recorded: Collection[int]) -> Iterator[int]:
        """Yield the unrecorded instances whose name another one has, recorded or older; or whose
        webhook, if no phone is linked to them."""
        partners = [row for row in self.account.live if not row.of_other_plan and row.name]
        count = Counter(row.name for row in partners)
        seen = {row.name for row in partners if row.id_instance in recorded}
        for row in _by_age(partners):
            if count[row.name] > 1 and row.id_instance not in recorded:
                if row.name in seen:
                    yield row.id_instance
                seen.add(row.name)
        for number in alike(self.state, self.account, self.live) if self.live else ():
            sighting = self.states.told.get(number)
            if sighting is not None and sighting.word == _UNLINKED:
                yield number

    def _live(
        self, row: Instance, group: Group, key: str | None = None, record: Recorded | None = None
    ) -> Item:
        # A record of what existed before tells when it was adopted.
        created = (row.time_created or (record.created_at if record else ""))[:10]
        sighting = self.states.told.get(row.id_instance)
        settings = None if row.of_other_plan else self._settings(row, key, record)
        days = self._unlinked(sighting, created)
        return Item(
            row.id_instance,
            key,
            row.name,
            row.type_instance,
            Group.OTHER_PLAN if row.of_other_plan else group,
            live=True,
            created=created,
            troubles=tuple(self._troubles(row, sighting, days, settings)),
            state=sighting.word if sighting else None,
            unlinked_days=days,
            settings=settings,
        )

    def _settings(
        self, row: Instance, key: str | None, record: Recorded | None
    ) -> SettingsSaid | None:
        """Compare what the instance told with what its entry wants, else with its record; of one
        that has neither there is nothing to compare."""
        if self.live is None:
            return None
        if record is None:
            reason = self.live.silent.get(row.id_instance)
            return SettingsSaid(reason=reason) if reason else None
        entry = (self.wanted or {}).get(key or "")
        wanted = entry.parameters if entry else None
        return settings_said(record, self.state.lineage, self.live, wanted)

    def _unlinked(self, sighting: Sighting | None, created: str) -> int | None:
        if sighting is None or sighting.word != _UNLINKED:
            return None
        since = sighting.since or _day(created)
        return None if since is None else max((self.now - since) // timedelta(days=1), 0)

    def _troubles(
        self,
        row: Instance,
        sighting: Sighting | None,
        days: int | None,
        settings: SettingsSaid | None,
    ) -> Iterator[Trouble]:
        word = sighting.word if sighting else ""
        if row.is_expired:
            yield Trouble.EXPIRED
        if days is not None and days >= self.unlinked_days:
            yield Trouble.UNLINKED
        if word in SUSPENDED:
            yield Trouble.SUSPENDED
        if word in BLOCKED:
            yield Trouble.BLOCKED
        if settings is not None and settings.differences:
            yield Trouble.DRIFTED


def _day(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
