"""Whatever befalls the runs that delete: nothing outside the plan is touched, all in it is gone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.apply.ports import PartnerApi
from reconciler.model import Account, Desired, Instance, Lifecycle
from reconciler.partner.instances import Done, StateTold
from reconciler.partner.methods import GET_STATE_INSTANCE, LOGOUT
from reconciler.state.changes import DeleteAnnounced
from reconciler.state.model import State
from tests.exactly_once.mutants import Around, WithoutIntents
from tests.exactly_once.runs import KILLED, Ended, Site
from tests.exactly_once.schedules import DiskFailure
from tests.exactly_once.test_crash_sweep import A_DAY
from tests.exactly_once.world import LISTINGS, ORDERS
from tests.nightly import BY_NIGHT, STRIDE
from tests.state.paper_disk import LOSSES
from tests.values import desired

KEPT: Final = tuple(f"kept-{number}" for number in range(12))
DOOMED: Final = ("gone-1", "gone-2", "linked")  # no entry wants them any more
PROTECTED: Final = "protected"  # nor this one, but its entry said that it is protected
WANTED: Final = tuple(desired(key) for key in KEPT)
MANY: Final = 1000 if BY_NIGHT else 40
ROUGH: Final = ("usual", "lost after", "lost before", "not sent", "lost after")


def born(site: Site) -> None:
    """Let a run create all of them, and link a phone to one."""
    protected = desired(PROTECTED)._replace(lifecycle=Lifecycle(protected=True))
    entries = (*WANTED, *(desired(key) for key in DOOMED), protected)
    assert site.apply(entries).code == 0
    site.world.row(site.state.instances["linked"].id_instance).linked = True
    site.world.row(site.state.instances["kept-0"].id_instance).linked = True


def prune(site: Site, entries: Sequence[Desired] = WANTED, **how: Any) -> Ended:
    options = replace(site.options, prune=True, even_linked=True)
    return site.apply(entries, options=options, **how)


def assert_only_the_doomed_are_touched(site: Site) -> None:
    """Nothing is deleted but what no entry wants and nobody protects, and no phone is left behind;
    what the state has given up is deleted."""
    touched = {row.name for row in site.world.rows if row.logouts} | {
        row.name for row in site.world.deleted
    }
    assert touched <= set(DOOMED)
    assert site.world.dead_links == 0
    assert all(site.world.row(known).deleted for known in site.state.tombstones)
    assert {*KEPT, PROTECTED} <= set(site.state.instances)


def assert_all_the_doomed_are_gone(site: Site) -> None:
    assert_only_the_doomed_are_touched(site)
    assert {row.name for row in site.world.deleted} == set(DOOMED)
    assert set(site.state.instances) == {*KEPT, PROTECTED}
    gone = {stone.name for stone in site.state.tombstones.values() if stone.deleted}
    assert gone == set(DOOMED)


def test_what_no_entry_wants_is_logged_out_deleted_and_buried(tmp_path: Path) -> None:
    site = Site(tmp_path)
    born(site)

    ended = prune(site)

    assert ended.code == 0
    assert_all_the_doomed_are_gone(site)
    sent = [step.removeprefix("send ") for step in ended.steps if step.startswith("send")]
    verbs = ("logout", "deleteInstanceAccount")
    assert sent == [f"{verb} {name}" for name in DOOMED for verb in verbs]


def test_a_linked_one_is_kept_unless_somebody_insists(tmp_path: Path) -> None:
    site = Site(tmp_path)
    born(site)

    ended = site.apply(WANTED, options=replace(site.options, prune=True))

    assert ended.code == 5
    assert {row.name for row in site.world.deleted} == {"gone-1", "gone-2"}
    assert site.state.instances["linked"].deletion is None


def test_a_delete_that_is_not_shown_is_looked_up_and_not_believed(tmp_path: Path) -> None:
    site = Site(tmp_path)
    born(site)

    sent = prune(site, orders=["usual", "lost before"] * 3)
    later = prune(site, listings=["partial"] * 9)
    looked = site.apply(WANTED)
    done = prune(site)

    assert (sent.code, later.code, looked.code, done.code) == (11, 11, 11, 0)
    assert_all_the_doomed_are_gone(site)


def test_a_deletion_that_did_not_come_to_pass_is_given_up_after_a_while(tmp_path: Path) -> None:
    site = Site(tmp_path)
    born(site)
    assert prune(site, orders=["usual", "lost before"] * 3).code == 11
    site.time.passed += A_DAY

    later = site.apply(WANTED)

    assert later.code == 0
    assert {each.deletion for each in site.state.instances.values()} == {None}


def test_a_tombstone_stays_as_long_as_the_row_is_listed(tmp_path: Path) -> None:
    site = Site(tmp_path)
    born(site)
    assert prune(site).code == 0
    site.time.passed += A_DAY
    assert site.apply([*WANTED, desired("later")]).code == 0
    listed = len(site.state.tombstones)
    for row in site.world.deleted:
        row.unlisted = True

    partial = site.apply([*WANTED, desired("then")], listings=["partial"] * 9)
    kept = len(site.state.tombstones)
    whole = site.apply([*WANTED, desired("last")])

    assert (partial.code, whole.code) == (0, 0)
    assert (listed, kept) == (len(DOOMED), len(DOOMED))
    assert site.state.tombstones == {}


def sweep(folder: Path, loss: str, *, stride: int = 1, **parts: Any) -> Iterator[str]:
    """Stop a run at each step in its turn, or each *stride*th; the next ones go on from there."""
    ended, stop = Ended(KILLED), 0
    while ended.code == KILLED:
        stop += stride
        site = Site(folder / f"{stop}", **parts)
        site.folder.mkdir(parents=True)
        born(site)
        ended = prune(site, orders=ROUGH, kill_at=stop, loss=loss)
        assert_only_the_doomed_are_touched(site)
        prune(site)
        site.time.passed += A_DAY
        assert prune(site).code == 0
        assert_all_the_doomed_are_gone(site)
        yield " ".join(ended.steps[-1:])


@pytest.mark.parametrize("loss", LOSSES)
def test_a_crash_before_any_step_of_a_delete_touches_nothing_else(
    tmp_path: Path, loss: str
) -> None:
    assert sum(1 for _ in sweep(tmp_path, loss, stride=STRIDE)) > 20 / STRIDE


class WithoutDeleteIntents(WithoutIntents):
    """A store that is not told of a delete before it is sent."""

    forgotten = DeleteAnnounced


class Unprotected(Around):
    """A store whose records say nothing of protection."""

    def state(self) -> State:
        state = super().state()
        bare = {key: each._replace(protected=False) for key, each in state.instances.items()}
        return replace(state, instances=bare)


class WithoutLogout:
    """A client that reads what it likes, and logs nobody out."""

    def __init__(self, partner: PartnerApi) -> None:
        self._partner = partner
        self.url = partner.url

    def send(self, method: Any, asked: Any) -> Any:
        return Done() if method is LOGOUT else self._partner.send(method, asked)

    def read(self, method: Any, asked: Any, **how: Any) -> Any:
        told = self._partner.read(method, asked, **how)
        return StateTold("notAuthorized") if method is GET_STATE_INSTANCE else told

    def account(self, **how: Any) -> Account:
        return self._partner.account(**how)


class Credulous(WithoutLogout):
    """A client that takes what a listing lacks for something that is there, as who asks for no
    proof does."""

    def __init__(self, partner: PartnerApi) -> None:
        super().__init__(partner)
        self._rows: dict[int, Instance] = {}

    send = lambda self, method, asked: self._partner.send(method, asked)  # noqa: E731
    read = lambda self, method, asked, **how: self._partner.read(method, asked, **how)  # noqa: E731

    def account(self, **how: Any) -> Account:
        seen = self._partner.account(**how)
        self._rows |= {row.id_instance: row for row in seen.instances}
        return replace(seen, instances=tuple(self._rows.values()))


def on_a_partial_list(folder: Path, **parts: Any) -> Iterator[str]:
    site = Site(folder, **parts)
    site.folder.mkdir(parents=True)
    born(site)
    prune(site, listings=["usual", *["partial"] * 50])
    assert site.world.deleted == []
    yield "on a partial list"


MUTANTS: Final[Mapping[str, tuple[Callable[..., Iterator[str]], dict[str, Any]]]] = {
    "deletes without an intent": (sweep, {"wrap_store": WithoutDeleteIntents}),
    "deletes without a logout": (sweep, {"wrap_partner": WithoutLogout}),
    "ignores protection": (sweep, {"wrap_store": Unprotected}),
    "deletes on a partial list": (on_a_partial_list, {"wrap_partner": Credulous}),
}


@pytest.mark.parametrize(("scenario", "parts"), MUTANTS.values(), ids=MUTANTS)
def test_the_sweep_catches(
    tmp_path: Path, scenario: Callable[..., Iterator[str]], parts: dict[str, Any]
) -> None:
    loss = {} if scenario is on_a_partial_list else {"loss": next(iter(LOSSES))}

    with pytest.raises(AssertionError):
        list(scenario(tmp_path / "it", **loss, **parts))


def test_a_partial_list_deletes_nothing(tmp_path: Path) -> None:
    assert list(on_a_partial_list(tmp_path / "it"))


@st.composite
def troubles(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what befalls one run."""
    failing = draw(st.none() | st.integers(1, 12))
    failure = DiskFailure("write", failing, 1000, 28) if failing else None
    return {
        "orders": draw(st.lists(st.sampled_from(ORDERS), max_size=9)),
        "listings": draw(st.lists(st.sampled_from((*LISTINGS, "partial")), max_size=6)),
        "kill_at": draw(st.none() | st.integers(1, 60)),
        "loss": draw(st.sampled_from(tuple(LOSSES))),
        **({"refuse": failure.refuse()} if failure else {}),
    }


@settings(max_examples=MANY)
@given(
    runs=st.lists(troubles(), min_size=1, max_size=4),
    concurrency=st.integers(1, 4),
    pauses=st.lists(st.sampled_from((0.0, 20.0, 601.0)), min_size=4, max_size=4),
)
def test_whatever_befalls_the_runs_only_what_no_entry_wants_is_deleted(
    runs: list[dict[str, Any]], concurrency: int, pauses: list[float]
) -> None:
    with TemporaryDirectory() as folder:
        site = Site(Path(folder), concurrency=concurrency)
        born(site)
        for run, pause in zip(runs, pauses, strict=False):
            prune(site, **run)
            assert_only_the_doomed_are_touched(site)
            site.time.passed += pause

        prune(site)
        site.time.passed += A_DAY

        assert prune(site).code == 0
        assert_all_the_doomed_are_gone(site)
