import pytest

from reconciler.cli.figures import Figures, Tally


def tally(*events: tuple[str, str], total: int = 100) -> Tally:
    counted = Tally(total, started=0)
    for moment, (event, key) in enumerate(events, 1):
        counted.count({"event": event, "key": key}, now=moment)
    return counted


def test_what_is_announced_is_in_flight_until_it_ends() -> None:
    figures = tally(
        ("create_announced", "a"),
        ("create_announced", "b"),
        ("create_announced", "c"),
        ("instance_created", "a"),
        ("create_rejected", "b"),
    ).figures(now=6)

    assert (figures.in_flight, figures.created, figures.failed) == (1, 1, 1)


def test_what_is_announced_again_was_retried() -> None:
    figures = tally(
        ("create_announced", "a"), ("create_retried", "a"), ("create_announced", "a")
    ).figures(now=4)

    assert (figures.in_flight, figures.retries) == (1, 1)


def test_an_unknown_one_that_is_found_counts_once() -> None:
    figures = tally(
        ("create_announced", "a"), ("create_unknown", "a"), ("instance_recovered", "a")
    ).figures(now=4)

    assert (figures.done, figures.created, figures.unknown) == (1, 1, 0)


def test_a_recovered_one_of_an_earlier_run_never_makes_more_done_than_total() -> None:
    figures = tally(("instance_recovered", "old"), ("instance_created", "a"), total=1).figures(
        now=3
    )

    assert (figures.done, figures.total) == (2, 2)


def test_the_rate_is_that_of_the_last_seconds() -> None:
    counted = tally(*(("instance_created", str(n)) for n in range(40)), total=100)

    assert counted.figures(now=40).rate == pytest.approx(1, abs=0.1)
    assert counted.figures(now=40).remaining == pytest.approx(60, abs=5)
    assert counted.figures(now=100).rate == 0
    assert counted.figures(now=100).remaining is None


@pytest.mark.parametrize(
    ("event", "phase"),
    [("settling_started", "asking the account"), ("stop_requested", "stopping")],
)
def test_a_phase_is_said_and_ends_the_guess_of_the_time_left(event: str, phase: str) -> None:
    figures = tally(("instance_created", "a"), (event, "")).figures(now=3)

    assert figures.phase == phase
    assert figures.remaining is None


def test_events_about_something_else_are_ignored() -> None:
    assert tally(("run_started", ""), ("manifest_loaded", "")).figures(now=9).done == 0


FULL = Figures(
    total=1000,
    created=110,
    failed=6,
    unknown=4,
    in_flight=8,
    retries=3,
    rate=10.04,
    elapsed=12.34,
    remaining=88.4,
    phase="stopping",
)


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (0, "120 of 1000, stopping, 6 failed, 4 unknown, 8 in flight, 1 min 28 s left, 10.0/s,"
         " 3 retried"),
        (80, "120 of 1000, stopping, 6 failed, 4 unknown, 8 in flight, 1 min 28 s left, 10.0/s"),
        (40, "120 of 1000, stopping, 6 failed"),
        (5, "120 of 1000"),
    ],
)  # fmt: skip
def test_the_least_telling_is_left_out_first(width: int, line: str) -> None:
    assert FULL.text(width) == line


def test_the_fields_of_a_log_line_are_plain_numbers() -> None:
    assert FULL.fields() == {
        "total": 1000,
        "created": 110,
        "failed": 6,
        "unknown": 4,
        "in_flight": 8,
        "retries": 3,
        "rate": 10.0,
        "seconds": 12.3,
        "remaining": 88,
    }
