"""Whatever befalls the runs, in whatever order: bill and record agree, once per name."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler.apply.decide import adopt_one, recover, settle_as_not_created
from reconciler.apply.guards import NameConflict
from reconciler.logs import Silence
from reconciler.model import Account, Desired
from tests.exactly_once.runs import (
    Ended,
    Site,
    assert_never_billed_twice,
    assert_no_token_is_lost,
    assert_record_is_bill,
)
from tests.exactly_once.schedules import ASKED, History, OneRun, histories
from tests.exactly_once.world import Fuse, SimulatedPartner, World
from tests.nightly import BY_NIGHT

A_DAY: Final = 86_400.0
MANY: Final = 2000 if BY_NIGHT else 40


@settings(max_examples=MANY)
@given(history=histories())
def test_the_next_run_finishes_the_work_alone(history: History) -> None:
    with TemporaryDirectory() as folder:
        site = Site(Path(folder))
        play(site, history)

        finished = finish(site, history)
        posts = site.world.posts.total()
        again = site.apply(history.entries)

        assert (finished.code, again.code) == (0, 0)
        assert_record_is_bill(site, history.entries)
        assert site.world.posts.total() == posts


@settings(max_examples=MANY)
@given(history=histories(), concurrency=st.integers(2, 8))
def test_so_does_one_that_creates_many_at_a_time(history: History, concurrency: int) -> None:
    with TemporaryDirectory() as folder:
        site = Site(Path(folder), concurrency=concurrency)
        play(site, history)

        finished = finish(site, history)

        assert finished.code == 0
        assert_record_is_bill(site, history.entries)


@settings(max_examples=MANY)
@given(history=histories(tampered=True))
@example(history=ASKED)  # too seldom drawn to be left to chance
def test_where_names_were_tampered_with_a_person_is_shown_what_there_is(history: History) -> None:
    with TemporaryDirectory() as folder:
        site = Site(Path(folder))
        play(site, history)

        shown = _decide_conflicts(site, history, finish(site, history))
        _resolve(site, shown)
        finished = _decide_conflicts(site, history, site.apply(history.entries))

        assert finished.code == 0
        assert_never_billed_twice(site)
        assert set(site.state.instances) >= {entry.key for entry in history.entries}
        assert site.state.pending == {}


@settings(max_examples=MANY)
@given(history=histories(), chosen=st.integers(0, 3))
def test_a_restored_backup_buys_nothing_again(history: History, chosen: int) -> None:
    with TemporaryDirectory() as folder:
        site = Site(Path(folder))
        backups = play(site, history)
        assert finish(site, history).code == 0
        for path in Path(folder).iterdir():
            path.unlink()
        site.path.write_bytes(backups[min(chosen, len(backups) - 1)]) if backups else None

        restored = site.apply(history.entries, options=replace(site.options, adopt=True))

        assert restored.code in (0, 6)
        assert_never_billed_twice(site)


def finish(site: Site, history: History) -> Ended:
    """Run twice, a day apart: what a run that died had on its way counts as over only from when
    the next one takes its place."""
    site.apply(history.entries)
    site.time.passed += A_DAY
    return site.apply(history.entries)


def play(site: Site, history: History) -> list[bytes]:
    """Let everything happen that *history* says; nothing may be billed twice on the way.

    Return the state file as it was after each run.
    """
    backups = []
    for name, deleted in history.before:
        site.world.by_hand(name, deleted=deleted)
    for run in history.runs:
        ended = _play_one(site, history, run)
        assert_never_billed_twice(site)
        assert_no_token_is_lost(site, ended)
        site.time.passed += run.pause
        site.time.off += run.clock
        for name in run.by_hand:
            site.world.by_hand(name)
        backups += [site.path.read_bytes()] if site.path.exists() else []
    return backups


def _play_one(site: Site, history: History, run: OneRun) -> Ended:
    """Play *run*; what a person made by hand while it asked its question, it does not create,
    where the account's readings show it."""
    entries = [entry for entry in history.entries if entry.key not in run.left_out]
    if run.renamed and all(entry.key in site.state.instances for entry in entries):
        entries = [entry._replace(key=f"{entry.key}-renamed") for entry in entries]
    swapped = run.swapped and any(entry.key in site.state.instances for entry in entries[:2])
    if swapped:
        entries = _with_names_swapped(entries)
    other = World(site.time) if run.elsewhere and site.state.api_url else None
    before = Counter(site.world.posts)
    ended = _apply(site, entries, run, other)
    shown = {*run.listings} <= {"usual", "without tokens"} and not run.blind
    made_meanwhile = dict.fromkeys(run.meanwhile, 0) if shown else {}
    assert {
        name: site.world.posts[name] - before[name] for name in made_meanwhile
    } == made_meanwhile
    assert other is None or not other.posts
    assert not swapped or not _posts_since(site, before, entries[:2])
    return ended


def _with_names_swapped(entries: list[Desired]) -> list[Desired]:
    """Give the first two each other's names: a name that has a record is not bought again."""
    match entries:
        case [one, two, *rest]:
            return [one._replace(name=two.name), two._replace(name=one.name), *rest]
        case _:
            return entries


def _posts_since(site: Site, before: Counter[str], entries: list[Desired]) -> int:
    return sum(site.world.posts[entry.name] - before[entry.name] for entry in entries)


def _apply(site: Site, entries: list[Desired], run: OneRun, other: World | None) -> Ended:
    return site.apply(
        entries,
        options=replace(site.options, remote_check=not run.blind),
        replies=run.replies,
        listings=run.listings,
        kill_at=run.kill_at,
        loss=run.loss,
        refuse=run.failure.refuse() if run.failure else lambda step: None,
        meanwhile=run.meanwhile,
        elsewhere=other,
        frozen=run.frozen,
    )


def _decide_conflicts(site: Site, history: History, ended: Ended) -> Ended:
    """Adopt what a person made by hand under an entry's name, and run again.

    What only looks like it was made for another entry, as whoever knows the service can tell.
    """
    if not isinstance(ended.error, NameConflict):
        assert ended.code in (0, 6)
        return ended
    new = set[str]()
    with site.open_store() as store:
        for conflict in ended.error.conflicts:
            assert conflict.candidates
            entry, seen = conflict.desired, _account(site)
            match [row for row in conflict.candidates if row.name == entry.name]:
                case [row, *_]:
                    adopt_one(entry, row.id_instance, store, seen, clock=site.clock, log=Silence())
                case _:
                    new.add(entry.key)
    ended = site.apply(history.entries, options=replace(site.options, new=new))
    assert ended.code in (0, 6)
    return ended


def _resolve(site: Site, shown: Ended) -> None:
    """Answer for each unresolved create as a person does who knows what the service did."""
    for key, fate in shown.unresolved.items():
        with site.open_store() as store:
            match site.world.bought(store.state().pending[key].name):
                case None:
                    settle_as_not_created(key, store, log=Silence())
                case bought:
                    assert bought in {row.id_instance for row in fate.candidates}
                    recover(key, bought, store, _account(site), clock=site.clock, log=Silence())


def _account(site: Site) -> Account:
    return SimulatedPartner(site.world, Fuse()).account()
