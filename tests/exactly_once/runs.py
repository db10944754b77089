"""Applies, one after the other, of one state to the account in memory; each stoppable anywhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from reconciler.apply.checkpoint import Checkpoint
from reconciler.apply.ports import Clock, HeldState, Options, PartnerApi
from reconciler.apply.run import Run
from reconciler.errors import ReconcilerError
from reconciler.logs import Silence
from reconciler.model import Desired, Recorded, Unknown
from reconciler.results import Report
from reconciler.secrets import Secret
from reconciler.state.disk import Disk
from reconciler.state.file import FileBackend
from reconciler.state.model import State
from reconciler.state.store import Store, read_state
from tests.exactly_once.world import (
    Fuse,
    Reply,
    SimulatedPartner,
    SimulatedStop,
    Time,
    World,
)
from tests.state.paper_disk import Crash, PaperDisk

KILLED: Final = -1
URL: Final = "https://api.example.com"
Refuse = Callable[[str], OSError | None]


@dataclass
class FusedDisk(PaperDisk):
    """A paper disk whose steps burn the fuse of the whole run. Letting go is no step."""

    shared: Fuse = field(default_factory=Fuse)

    def _step(self, step: str) -> None:
        self.shared.step(step)
        super()._step(step)


@dataclass(frozen=True)
class Ended:
    """How a run ended: *code* is the exit code, or KILLED.

    *rescued* are its last lines on stderr, *answered* the ids and tokens that answers brought.
    """

    code: int
    rescued: Sequence[str] = ()
    answered: Mapping[int, str] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    report: Report | None = None
    error: ReconcilerError | None = None

    @property
    def unresolved(self) -> dict[str, Unknown]:
        """What the report says about creates whose fate is unknown, by key."""
        results = self.report.results if self.report else ()
        return {r.key: r.outcome for r in results if isinstance(r.outcome, Unknown)}


def _unchanged(given: Any) -> Any:
    return given


@dataclass
class Site:
    """A folder with a state, an account, and a clock: what outlives a run."""

    folder: Path
    concurrency: int = 1
    time: Time = field(default_factory=Time)
    world: World = field(init=False)
    runs: int = 0
    # Mutants come in here: each wraps one of the parts of every run.
    make_disk: Callable[..., PaperDisk] = FusedDisk
    wrap_store: Callable[[Store], HeldState] = _unchanged
    wrap_partner: Callable[[PartnerApi], PartnerApi] = _unchanged
    checkpoint: Checkpoint | None = None

    def __post_init__(self) -> None:
        self.world = World(self.time)

    @property
    def path(self) -> Path:
        return self.folder / "state.json"

    @property
    def state(self) -> State:
        return read_state(self.path) or State("none")

    @property
    def recorded_ids(self) -> frozenset[int]:
        return frozenset(known.id_instance for known in self.state.instances.values())

    def apply(
        self,
        entries: Sequence[Desired],
        *,
        options: Options | None = None,
        replies: Sequence[Reply] = (),
        listings: Sequence[str] = (),
        orders: Sequence[str] = (),
        kill_at: int | None = None,
        refuse: Refuse = lambda step: None,
        loss: str = "nothing, the process was killed",
        meanwhile: Sequence[str] = (),
        elsewhere: World | None = None,
        frozen: Mapping[int, float] | None = None,
    ) -> Ended:
        """Run one apply; a killed one leaves on the disk what *loss* says.

        *meanwhile* are the names of instances that a person makes while the run waits for an
        answer to its question. *elsewhere* is another account, at another URL, that it is pointed
        at by mistake. *frozen* says for how many seconds the process stands still before a step.
        """

        def freeze(step: int) -> None:
            self.time.passed += (frozen or {}).get(step, 0.0)

        fuse, rescued = Fuse(kill_at, freeze), list[str]()
        disk = self.make_disk(self.folder, refuse=refuse, shared=fuse)
        world, url = (self.world, URL) if elsewhere is None else (elsewhere, URL + "/other")
        partner = SimulatedPartner(
            world, fuse, url=url, replies=replies, listings=listings, orders=orders
        )
        ended = Ended(KILLED, rescued, partner.answered)
        try:
            with self.open_store(disk, rescued.append) as store:
                parts = self.wrap_store(store), self.wrap_partner(partner)
                report = self._run(entries, *parts, options or self.options, meanwhile)
            ended = replace(ended, code=report.exit_code, report=report)
        except ReconcilerError as error:
            ended = replace(ended, code=error.exit_code, error=error)
        except Crash:
            assert fuse.blown
        if fuse.blown:
            disk.lose_power(loss)
            ended = replace(ended, code=KILLED, report=None, error=None)
        return replace(ended, steps=tuple(fuse.steps))

    def open_store(
        self, disk: Disk | None = None, rescue: Callable[[str], None] = lambda line: None
    ) -> Store:
        """Take the state, as a command does."""
        return Store.hold(
            FileBackend(self.path, disk=disk or PaperDisk(self.folder)),
            now=self.time.now,
            moment=self.clock.moment,
            new_lineage=lambda: "line",
            lock_timeout=0,
            rescue=rescue,
            warn=lambda message: None,
        )

    @property
    def options(self) -> Options:
        return Options(concurrency=self.concurrency, settle=30)

    @property
    def clock(self) -> Clock:
        return Clock(
            now=self.time.now,
            monotonic=self.time.monotonic,
            jitter=lambda: 0.5,
            boot="boot",
            uptime=self.time.monotonic,
        )

    def _run(
        self,
        entries: Sequence[Desired],
        store: HeldState,
        partner: PartnerApi,
        options: Options,
        meanwhile: Sequence[str],
    ) -> Report:
        self.runs += 1
        run = Run(
            run_id=f"run-{self.runs}",
            entries=entries,
            store=store,
            url=partner.url,
            options=options,
            clock=self.clock,
            log=Silence(),
            started_at="2026-11-22T10:06:00Z",
            started=self.time.monotonic(),
            checkpoint=self.checkpoint,
        )
        plan = run.decide()
        if run.idle(plan):
            return run.stay_offline(plan)
        prepared = run.prepare(plan, partner)
        for name in meanwhile:
            self.world.by_hand(name)
        stop = SimulatedStop(self.time)
        return run.carry_out(prepared, partner, stop, asked=bool(meanwhile))


# --- what must hold -------------------------------------------------------------------------


def assert_never_billed_twice(site: Site) -> None:
    """No name was ever bought twice, and no instance is recorded for two entries."""
    twice = {name: count for name, count in site.world.bill.items() if count > 1}
    assert twice == {}
    ids = [recorded.id_instance for recorded in site.state.instances.values()]
    assert len(ids) == len(set(ids))


def assert_record_is_bill(site: Site, entries: Sequence[Desired]) -> None:
    """Every entry is recorded once, with its token, and nothing else was ever bought."""
    assert_never_billed_twice(site)
    state = site.state
    assert state.pending == {}
    assert set(site.world.bill) == {entry.name for entry in entries}
    assert {entry.key: _fact(site, state.instances.get(entry.key)) for entry in entries} == {
        entry.key: (entry.name, True) for entry in entries
    }


def assert_no_token_is_lost(site: Site, ended: Ended) -> None:
    """What an answer brought to the run that *ended* so is in the state, or on stderr.

    Of a run that was killed, each worker may have had one answer that was not on the disk yet.
    """
    said = "\n".join(ended.rescued)
    held = {recorded.token for recorded in site.state.instances.values()}
    lost = [
        token
        for token in ended.answered.values()
        if Secret(token) not in held and token not in said
    ]
    assert len(lost) <= (site.concurrency if ended.code == KILLED else 0)


def _fact(site: Site, recorded: Recorded | None) -> tuple[str | None, bool] | None:
    """Return for which name the recorded instance was bought, and whether its token is right."""
    if recorded is None:
        return None
    row = site.world.row(recorded.id_instance)
    return row.sent, recorded.token == Secret(row.token)
