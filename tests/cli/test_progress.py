import io
import re
from collections.abc import Mapping
from threading import Event

import pytest

from reconciler.cli.progress import Progress, Standing, beats, can_redraw
from tests.cli.terminal import left_on_screen, on_terminal

PROGRAM = """
import sys, time, threading
import click
from reconciler.cli.progress import live
from reconciler.cli.streams import Narration

drawn = threading.Event()
class Terminal:
    def __init__(self, inner): self.inner = inner
    def __getattr__(self, name): return getattr(self.inner, name)
    def write(self, text):
        if "12 of 200" in text: drawn.set()
        return self.inner.write(text)
sys.stderr = Narration(Terminal(sys.stderr))

with live(200, narration=sys.stderr, color={color}, monotonic=time.monotonic) as progress:
    for number in range(20):
        progress.handle({{"event": "create_announced", "key": str(number)}})
    for number in range(12):
        event = "instance_created" if number else "create_rejected"
        progress.handle({{"event": event, "key": str(number)}})
    assert drawn.wait(20)
    sys.stderr.write("a line of the log, " * 5 + "\\n")
    click.echo("from click", err=True)
    sys.stderr.write("unfinished")
print("SUMMARY")
"""
LINE = (
    "a line of the log, a line of the log, a line of the log, a line of the log, a line of the log,"
)


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("color", [True, False], ids=["color", "no color"])
def test_a_display_shows_how_far_it_is_and_disappears(columns: int, color: bool) -> None:
    written = on_terminal(PROGRAM.format(color=color), columns=columns)

    assert "12 of 200, 1 failed, 8 in flight" in written
    *log, click, unfinished, summary = left_on_screen(written)
    assert " ".join(log) == LINE
    assert max(map(len, log)) <= columns
    assert [click, unfinished, summary] == [
        "from click",
        "unfinished",
        "SUMMARY",
    ]


def test_no_line_of_the_display_is_longer_than_the_terminal() -> None:
    written = on_terminal(PROGRAM.format(color=True), columns=40)

    pictures = [re.sub(r"\x1b\[[^A-Za-z]*[A-Za-z]", "", part) for part in written.split("\x1b[2K")]
    drawn = [line for part in pictures for line in part.split("\n") if " of 200" in line]
    assert drawn
    assert max(map(len, drawn)) <= 40


def test_without_color_nothing_is_colored() -> None:
    written = on_terminal(PROGRAM.format(color=False), columns=80)

    assert re.findall(r"\x1b\[[0-9;]*m", written) == []


def test_the_cursor_is_visible_while_it_runs() -> None:
    """So that a kill leaves a usable terminal."""
    written = on_terminal(PROGRAM.format(color=True), columns=80)

    last_hidden, shown = written.rindex("\x1b[?25l"), written.index("\x1b[?25h")
    assert last_hidden < shown < written.index("12 of 200")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("env", "redraws"),
    [
        ({"TERM": "xterm"}, True),
        ({}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "unknown"}, False),
    ],
)
def test_a_dumb_terminal_is_not_redrawn(env: Mapping[str, str], redraws: bool) -> None:
    assert can_redraw(Terminal(), env) is redraws


def test_a_file_is_not_redrawn() -> None:
    closed = io.StringIO()
    closed.close()

    assert not can_redraw(io.StringIO(), {"TERM": "xterm"})
    assert not can_redraw(closed, {"TERM": "xterm"})


def unexpected(standing: Standing) -> None:
    pytest.fail(standing.text())


class Clock:
    """Moves on by a second each time somebody asks."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def after(*events: tuple[str, str], total: int = 100) -> Progress:
    progress = beats(total, say=unexpected, monotonic=Clock())
    for event, key in events:
        progress.handle({"event": event, "key": key})
    return progress


def test_what_is_announced_is_in_flight_until_it_ends() -> None:
    standing = after(
        ("create_announced", "a"),
        ("create_announced", "b"),
        ("create_announced", "c"),
        ("instance_created", "a"),
        ("create_rejected", "b"),
    ).standing()

    assert (standing.in_flight, standing.created, standing.failed) == (1, 1, 1)


def test_what_is_announced_again_was_retried() -> None:
    standing = after(
        ("create_announced", "a"), ("create_retried", "a"), ("create_announced", "a")
    ).standing()

    assert (standing.in_flight, standing.retries) == (1, 1)


def test_an_unknown_one_that_is_found_counts_once() -> None:
    standing = after(
        ("create_announced", "a"), ("create_unknown", "a"), ("instance_recovered", "a")
    ).standing()

    assert (standing.done, standing.created, standing.unknown) == (1, 1, 0)


def test_a_recovered_one_of_an_earlier_run_never_makes_more_done_than_total() -> None:
    standing = after(("instance_recovered", "old"), ("instance_created", "a"), total=1).standing()

    assert (standing.done, standing.total) == (2, 2)


def test_rate_and_time_left_are_estimated_from_what_ended() -> None:
    standing = after(*(("instance_created", str(n)) for n in range(40))).standing()

    assert 0.3 < standing.rate < 1.1
    assert standing.remaining is not None
    assert 50 < standing.remaining < 200


@pytest.mark.parametrize(
    ("event", "phase"),
    [("settling_started", "asking the account"), ("run_started", "")],
)
def test_a_phase_is_said_and_ends_the_guess_of_the_time_left(event: str, phase: str) -> None:
    standing = after(("instance_created", "a"), ("instance_created", "b"), (event, "")).standing()

    assert standing.phase == phase
    assert (standing.remaining is None) is bool(phase)


FULL = Standing(
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


def test_a_heartbeat_says_how_far_it_is_again_and_again() -> None:
    said: list[Standing] = []
    twice = Event()

    def say(standing: Standing) -> None:
        if standing.done:  # one said before the event arrives is right, too
            said.append(standing)
        if len(said) == 2:
            twice.set()

    with beats(10, say=say, monotonic=lambda: 20.0, every=0.001) as progress:
        progress.handle({"event": "create_announced", "key": "a"})
        progress.handle({"event": "instance_created", "key": "a"})
        assert twice.wait(20)

    assert said[-1].text() == "1 of 10"


def test_a_short_run_has_no_heartbeat() -> None:
    with beats(10, say=unexpected, monotonic=lambda: 0.0) as progress:
        progress.handle({"event": "instance_created", "key": "a"})

    assert progress.standing().done == 1


def test_a_heartbeat_that_nobody_can_hear_does_not_stop_the_run() -> None:
    called = Event()

    def broken(standing: Standing) -> None:
        called.set()
        raise BrokenPipeError

    with beats(10, say=broken, monotonic=lambda: 0.0, every=0.001) as progress:
        assert called.wait(20)
        progress.handle({"event": "instance_created", "key": "a"})

    assert progress.standing().done == 1


def test_a_stop_is_shown() -> None:
    with beats(10, say=unexpected, monotonic=lambda: 0.0) as progress:
        progress.stopping()

    assert progress.standing().phase == "stopping"
