"""How old an unresolved create is: the smallest age that any clock tells."""

from dataclasses import replace

import pytest

from reconciler.apply.server_clock import ServerClock
from reconciler.evidence.exposure import is_over
from reconciler.model import Account, Moment, Pending
from tests.apply.parts import House
from tests.values import pending

ENDED = Moment("2026-11-22T10:00:00Z", "boot", 1000.0, "2026-11-22T10:00:00Z")
WITHOUT_A_SERVER = replace(ENDED, server=None)


def over(announced: Pending, now: Moment) -> bool:
    return is_over(announced, now, settled_after=600, timeout=180)


def ended(moment: Moment | None) -> Pending:
    return replace(pending("a"), exposed_until=moment, launch_until="2026-11-22T10:00:30Z")


TOLD: dict[str, tuple[Moment | None, Moment, bool]] = {
    "the same boot": (ENDED, Moment("2026-11-22T10:10:00Z", "boot", 1600.0), True),
    "the same boot, a second too soon": (
        ENDED,
        Moment("2026-11-22T10:10:00Z", "boot", 1599.0),
        False,
    ),
    "the same boot, a wall clock put back": (
        ENDED,
        Moment("2026-11-22T10:09:59Z", "boot", 9000.0),
        False,
    ),
    "the same boot, a wall clock put forward": (
        ENDED,
        Moment("2026-11-23T10:00:00Z", "boot", 1060.0),
        False,
    ),
    "another boot, and the server's clock": (
        ENDED,
        Moment("2026-11-22T10:10:00Z", "other", 5.0, "2026-11-22T10:10:00Z"),
        True,
    ),
    "another boot, a server's clock that says otherwise": (
        ENDED,
        Moment("2026-11-22T11:30:00Z", "other", 5.0, "2026-11-22T10:09:59Z"),
        False,
    ),
    "another boot, and the wall clock alone": (
        WITHOUT_A_SERVER,
        Moment("2026-11-22T10:59:59Z", "other", 9e9, "2026-11-22T10:59:59Z"),
        False,
    ),
    "another boot, and an hour on the wall": (
        WITHOUT_A_SERVER,
        Moment("2026-11-22T11:00:00Z", "other", 5.0),
        True,
    ),
    "boots that have no names": (
        replace(WITHOUT_A_SERVER, boot=None),
        Moment("2026-11-22T10:30:00Z", None, 9000.0),
        False,
    ),
    "a state from elsewhere, before its last request was given up for an hour": (
        None,
        Moment("2026-11-22T11:03:29Z", "boot", 9000.0, "2026-11-22T11:03:29Z"),
        False,
    ),
    "a state from elsewhere, an hour after its last request was given up": (
        None,
        Moment("2026-11-22T11:03:30Z", "boot", 9000.0),
        True,
    ),
}


@pytest.mark.parametrize(("moment", "now", "expected"), TOLD.values(), ids=TOLD)
def test_the_smallest_age_counts(moment: Moment | None, now: Moment, expected: bool) -> None:
    assert over(ended(moment), now) is expected


def test_a_create_of_an_earlier_version_counts_from_its_announcement() -> None:
    announced = replace(pending("a", since="2026-11-22T10:00:00Z"), exposed_until=None)

    assert not over(announced, Moment("2026-11-22T11:02:59Z"))
    assert over(announced, Moment("2026-11-22T11:03:00Z"))


def test_the_servers_clock_runs_on_between_two_listings() -> None:
    of = House()
    server = ServerClock(of.clock)

    before = server.moment()
    server.hear(Account((), date="2026-11-22T12:00:00Z"))
    of.time.passed += 90

    assert before.server is None
    assert server.moment().server == "2026-11-22T12:01:30Z"
