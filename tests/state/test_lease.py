"""The lease beside a state in a bucket: who is told to wait, for how long, and by whom."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import enumerate as enumerate_threads
from typing import Any, Final

import pytest

from reconciler.errors import StateError, StateLocked
from reconciler.state.backend import Version
from reconciler.state.bucket import StoredObject
from reconciler.state.lease import LASTS, Lease, Tenant
from tests.exactly_once.world import Time
from tests.state.paper_bucket import (
    CONFLICT,
    DONE,
    LOST_AFTER,
    LOST_BEFORE,
    PUT_FATES,
    REPEATED,
    PaperBucket,
    Shelf,
)
from tests.state.parts import NOW, until

KEY: Final = "prod/state.json.lock"
OURS: Final = Tenant("1f", "ours", 1, "2026-11-22T10:06:00Z")
THEIRS: Final = Tenant("2e", "theirs", 2, "2026-11-22T10:00:00Z")
SELDOM: Final = 3600.0  # seconds: never, in a test


def lease(
    shelf: Shelf,
    time: Time,
    *,
    tenant: Tenant = OURS,
    step: Callable[[str], str] = lambda call: DONE,
    every: float = SELDOM,
) -> Lease:
    def sleep(seconds: float) -> None:
        time.passed += seconds

    return Lease(
        PaperBucket(shelf, step),
        KEY,
        tenant,
        now=lambda: NOW + timedelta(seconds=time.passed),
        sleep=sleep,
        monotonic=time.monotonic,
        every=every,
    )


def said(shelf: Shelf) -> dict[str, Any]:
    row = json.loads(shelf.objects[KEY].data)
    assert isinstance(row, dict)
    return row


def expiry(shelf: Shelf) -> datetime:
    return datetime.fromisoformat(said(shelf)["expires"]).astimezone(UTC)


def only_first(fate: str, verb: str) -> Callable[[str], str]:
    """Give the first put that *verb* names its *fate*."""
    seen = 0

    def step(call: str) -> str:
        nonlocal seen
        seen += call.startswith(verb)
        return fate if call.startswith(verb) and seen == 1 else DONE

    return step


def test_a_lease_says_who_has_it_and_until_when_and_goes_at_the_end() -> None:
    shelf = Shelf()
    ours = lease(shelf, Time())

    ours.acquire(0)
    row = said(shelf)
    ours.release()

    assert (row["run"], row["host"], row["pid"], row["since"]) == ("1f", "ours", 1, OURS.since)
    assert datetime.fromisoformat(row["expires"]) == NOW + timedelta(seconds=LASTS)
    assert shelf.objects == {}


def test_whoever_has_let_go_leaves_the_next_alone() -> None:
    shelf, time = Shelf(), Time()
    ours, theirs = lease(shelf, time), lease(shelf, time, tenant=THEIRS)
    ours.acquire(0)
    ours.release()
    theirs.acquire(0)

    ours.release()

    assert said(shelf)["run"] == "2e"
    theirs.release()


def test_no_two_runs_are_the_same_tenant() -> None:
    one, other = Tenant.this(NOW), Tenant.this(NOW)

    assert one.run != other.run
    assert len(one.run) == 16
    assert (one.since, f"{OURS}") == (OURS.since, "pid 1 on ours, since 2026-11-22T10:06:00Z")


def test_another_run_is_waited_for_as_long_as_a_person_said() -> None:
    shelf, time = Shelf(), Time()
    theirs = lease(shelf, time, tenant=THEIRS)
    theirs.acquire(0)

    with pytest.raises(StateLocked, match=r"state \(pid 2 on theirs, since 2026"):
        lease(shelf, time).acquire(2.5)

    assert time.passed == 2.5
    assert said(shelf)["run"] == "2e"
    theirs.release()


def test_a_run_that_lets_go_in_time_is_followed() -> None:
    shelf, time = Shelf(), Time()
    theirs = lease(shelf, time, tenant=THEIRS)
    theirs.acquire(0)

    def step(call: str) -> str:
        if time.passed >= 2:
            theirs.release()
        return DONE

    ours = lease(shelf, time, step=step)
    ours.acquire(10)

    assert (said(shelf)["run"], time.passed) == ("1f", 2)
    ours.release()


@pytest.mark.parametrize(("passed", "taken"), [(19.5, False), (20.5, True)])
def test_a_lease_that_has_expired_is_free(passed: float, taken: bool) -> None:
    shelf, time = Shelf(), Time()
    lease(shelf, time, tenant=THEIRS).acquire(0)  # and is frozen
    time.passed = passed
    ours = lease(shelf, time)

    if taken:
        ours.acquire(0)
    else:
        with pytest.raises(StateLocked):
            ours.acquire(0)

    assert said(shelf)["run"] == ("1f" if taken else "2e")
    ours.release()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"run": 1}', b"\xff"])
def test_a_lease_that_nobody_can_read_is_free(data: bytes) -> None:
    shelf = Shelf(objects={KEY: StoredObject(data, Version("odd"), {})})
    ours = lease(shelf, Time())

    ours.acquire(0)

    assert said(shelf)["run"] == "1f"
    ours.release()


@pytest.mark.parametrize("fate", [LOST_AFTER, REPEATED])
def test_a_put_that_was_done_and_not_answered_is_ours(fate: str) -> None:
    shelf = Shelf()
    ours = lease(shelf, Time(), step=only_first(fate, "create"))

    ours.acquire(0)

    assert said(shelf)["run"] == "1f"
    ours.release()
    assert shelf.objects == {}


def test_a_put_that_another_run_was_in_the_way_of_leaves_it_to_that_run() -> None:
    shelf = Shelf()

    with pytest.raises(StateLocked, match="it has just begun"):
        lease(shelf, Time(), step=only_first(CONFLICT, "create")).acquire(0)

    assert shelf.objects == {}


def test_a_put_that_nobody_was_in_the_way_of_is_not_taken_for_another_runs() -> None:
    shelf = Shelf()

    with pytest.raises(StateError, match="s3://paper: no answer") as stopped:
        lease(shelf, Time(), step=only_first(LOST_BEFORE, "create")).acquire(0)

    assert stopped.value.exit_code == 8
    assert shelf.objects == {}


def test_a_lease_that_is_free_takes_one_call() -> None:
    bucket = PaperBucket(Shelf())
    ours = Lease(bucket, KEY, OURS, now=lambda: NOW, every=SELDOM)

    ours.acquire(0)

    assert bucket.calls == [f"create {KEY}"]
    ours.release()


@pytest.mark.parametrize(("lost", "left"), [(False, set()), (True, {KEY})])
def test_what_goes_with_a_lease_goes_even_if_the_lease_is_another_runs_by_now(
    lost: bool, left: set[str]
) -> None:
    shelf, before = Shelf(), {*enumerate_threads()}
    ours = lease(shelf, Time(), every=0.001 if lost else SELDOM)
    ours.acquire(0)
    [renewing] = {*enumerate_threads()} - before
    shelf.objects["old"] = StoredObject(b"", Version("1"), {})
    if lost:
        by_them = json.dumps({**said(shelf), "run": "2e"}).encode()
        shelf.objects[KEY] = StoredObject(by_them, Version("theirs"), {})
        renewing.join(10)

    ours.release(["old"])

    assert {*shelf.objects} == left


def test_whoever_was_faster_is_named() -> None:
    shelf, time = Shelf(), Time()
    theirs = lease(shelf, time, tenant=THEIRS)

    def step(call: str) -> str:
        if call.startswith("create"):
            theirs.acquire(0)
        return DONE

    with pytest.raises(StateLocked, match="pid 2 on theirs"):
        lease(shelf, time, step=step).acquire(0)
    theirs.release()


@pytest.mark.parametrize("fate", [DONE, *PUT_FATES])
def test_a_lease_is_renewed_whatever_becomes_of_one_put(fate: str) -> None:
    shelf, time = Shelf(), Time()
    ours = lease(shelf, time, step=only_first(fate, "replace"), every=0.001)
    ours.acquire(0)

    time.passed = 15
    until(lambda: expiry(shelf) == NOW + timedelta(seconds=15 + LASTS))
    time.passed = 30
    until(lambda: expiry(shelf) == NOW + timedelta(seconds=30 + LASTS))
    ours.release()

    assert shelf.objects == {}


def test_a_lease_that_another_run_has_taken_is_left_to_it() -> None:
    shelf, before = Shelf(), {*enumerate_threads()}
    ours = lease(shelf, Time(), every=0.001)
    ours.acquire(0)
    [renewing] = {*enumerate_threads()} - before

    by_them = json.dumps({**said(shelf), "run": "2e", "host": "theirs"}).encode()
    shelf.objects[KEY] = theirs = StoredObject(by_them, Version("theirs"), {})
    renewing.join(10)

    assert not renewing.is_alive()
    ours.release()
    assert shelf.objects == {KEY: theirs}
