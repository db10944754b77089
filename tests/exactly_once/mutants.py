"""Programs that are wrong in one way each: what shows that the sweep would notice."""

from collections.abc import Mapping
from threading import Event as Flag
from typing import Any, Final

from reconciler.apply.ports import HeldState, PartnerApi
from reconciler.model import Account, Unknown
from reconciler.partner.methods import Method
from reconciler.state.model import Event, Intent, Record, State
from tests.exactly_once.runs import FusedDisk


class Around:
    """A store around another one, for what it does differently."""

    def __init__(self, store: HeldState) -> None:
        self._store = store

    @property
    def lineage(self) -> str:
        return self._store.lineage

    @property
    def far(self) -> bool:
        return self._store.far

    def state(self) -> State:
        return self._store.state()

    def record(self, *events: Event) -> None:
        self._store.record(*events)

    def note(self, *events: Event) -> None:
        self._store.note(*events)

    def expect(self) -> None:
        self._store.expect()

    def fold(self) -> None:
        self._store.fold()


class WithoutIntents(Around):
    """A store that is not told of a create before it is sent."""

    forgotten: type[Event] = Intent

    def record(self, *events: Event) -> None:
        super().record(*(event for event in events if not isinstance(event, self.forgotten)))


class WithoutRecords(WithoutIntents):
    """A store that forgets what was created."""

    forgotten = Record


class SendsTwice:
    """A client that repeats a create whose answer was lost, as retry adapters do."""

    def __init__(self, partner: PartnerApi) -> None:
        self._partner = partner
        self.url = partner.url

    def send(self, method: Method[Any, Any], asked: Any) -> Any:
        outcome = self._partner.send(method, asked)
        return self._partner.send(method, asked) if isinstance(outcome, Unknown) else outcome

    def read(self, method: Method[Any, Any], asked: Any, **how: Any) -> Any:
        return self._partner.read(method, asked, **how)

    def account(self, *, tries: int = 5, stopping: Flag | None = None) -> Account:
        return self._partner.account(tries=tries, stopping=stopping)


class WithoutSyncData(FusedDisk):
    """A disk that is never told to keep the journal's lines."""

    def sync_data(self, fd: int) -> None:
        self._step("no sync_data")


class WithoutSync(FusedDisk):
    """A disk that is never told to keep the new state file before it is renamed."""

    def sync(self, fd: int) -> None:
        self._step("no sync")


class WithoutSyncFolder(FusedDisk):
    """A disk that is never told to keep the names of new files."""

    def sync_folder(self, path: object) -> None:
        self._step("no sync_folder")


_KILLED: Final = "nothing, the process was killed"
_SYNCED_NAMES: Final = "contents, not names"

# How each is wrong, and what a stop has to take from the disk to show it.
MUTANTS: Final[Mapping[str, tuple[dict[str, Any], str]]] = {
    "sends without an intent": ({"wrap_store": WithoutIntents}, _KILLED),
    "does not record": ({"wrap_store": WithoutRecords}, _KILLED),
    "sends an unknown again": ({"wrap_partner": SendsTwice}, _KILLED),
    "does not sync the journal": ({"make_disk": WithoutSyncData}, _SYNCED_NAMES),
    "does not sync the state file": ({"make_disk": WithoutSync}, _SYNCED_NAMES),
    "does not sync the folder": ({"make_disk": WithoutSyncFolder}, "all that was not synced"),
}
