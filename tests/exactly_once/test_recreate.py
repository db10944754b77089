"""What was deleted in the console is bought again only where that was asked for, and only once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from reconciler.model import Account
from tests.apply.parts import House, MemoryStore, ScriptedPartner, fates
from tests.exactly_once.runs import KILLED, Ended, Site, assert_no_token_is_lost
from tests.exactly_once.test_crash_sweep import A_DAY, LATE
from tests.exactly_once.world import LOST, USUAL, Reply
from tests.nightly import STRIDE
from tests.state.paper_disk import LOSSES
from tests.values import account, desired, listed, recorded, state

ENTRIES: Final = tuple(desired(key) for key in ("a", "b", "c"))
REPLIES: Final = (LOST["closed, made"], USUAL)


def anew(site: Site, **how: Any) -> Ended:
    return site.apply(ENTRIES, options=replace(site.options, recreate=True), **how)


def emptied(folder: Path) -> Site:
    """A state of three instances, of which a person deletes two in the console."""
    site = Site(folder)
    site.folder.mkdir(parents=True)
    assert site.apply(ENTRIES).code == 0
    for key in ("a", "b"):
        site.world.row(site.state.instances[key].id_instance).deleted = True
    return site


def assert_bought_once_more(site: Site) -> None:
    bill = site.world.bill
    assert (bill["a"], bill["b"], bill["c"]) == (2, 2, 1)
    assert not any(site.world.row(known).deleted for known in site.recorded_ids)
    assert {stone.key for stone in site.state.tombstones.values()} == {"a", "b"}


def test_without_being_asked_nothing_is_bought_again(tmp_path: Path) -> None:
    site = emptied(tmp_path / "it")

    assert site.apply(ENTRIES).code == 0
    assert site.world.bill.total() == len(ENTRIES)


def sweep(folder: Path, loss: str, replies: tuple[Reply, ...]) -> Iterator[str]:
    ended, stop = Ended(KILLED), 0
    while ended.code == KILLED:
        stop += STRIDE
        site = emptied(folder / f"{stop}")
        ended = anew(site, replies=replies, kill_at=stop, loss=loss)
        assert_no_token_is_lost(site, ended)
        anew(site)
        site.time.passed += A_DAY
        assert anew(site).code == 0
        assert_bought_once_more(site)
        yield " ".join(ended.steps[-1:])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("replies", [REPLIES, (LATE,)], ids=["lost", "listed late"])
def test_a_crash_before_any_step_buys_nothing_twice(
    tmp_path: Path, loss: str, replies: tuple[Reply, ...]
) -> None:
    assert sum(1 for _ in sweep(tmp_path, loss, replies)) > 10 / STRIDE


GONE: Final = account(listed(1, "a", deleted=True))
SECOND_LOOKS: Final = {
    "it is there": account(listed(1, "a")),
    "a listing that is old": replace(account(), doubts=("comes from a cache",)),
}


@pytest.mark.parametrize("second", SECOND_LOOKS.values(), ids=SECOND_LOOKS)
def test_one_listing_is_not_believed(second: Account) -> None:
    partner = ScriptedPartner(accounts=(GONE, second))
    store = MemoryStore(state({"a": recorded(1, "a")}))
    of = House(partner, store)
    of.options = replace(of.options, recreate=True)

    report = of.apply(desired("a"))

    assert fates(report) == {"a": "NotSent"}
    assert (report.exit_code, partner.sent) == (5, [])
    assert of.time.passed >= 10


def test_two_listings_are() -> None:
    of = House(ScriptedPartner(accounts=(GONE,)), MemoryStore(state({"a": recorded(1, "a")})))
    of.options = replace(of.options, recreate=True)

    report = of.apply(desired("a"))

    assert fates(report) == {"a": "Created"}
    assert of.store.state().tombstones[1].deleted
    assert of.time.passed >= 10
