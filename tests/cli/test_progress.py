import io
import re
import sys
from collections.abc import Mapping
from threading import Event

import pytest

from reconciler.cli.figures import Figures
from reconciler.cli.narration import Narration
from reconciler.cli.progress import beats, can_redraw
from tests.cli.terminal import left_on_screen, on_terminal

PROGRAM = """
import sys, time, threading
import click
from reconciler.cli.narration import Narration
from reconciler.cli.progress import live

drawn = threading.Event()
class Terminal:
    def __init__(self, inner): self.inner = inner
    def __getattr__(self, name): return getattr(self.inner, name)
    def write(self, text):
        if "12 of 200" in text: drawn.set()
        return self.inner.write(text)
sys.stderr = Terminal(sys.stderr)

with live(200, stream=sys.stderr, color={color}, monotonic=time.monotonic) as progress:
    for number in range(20):
        progress.handle({{"event": "create_announced", "key": str(number)}})
    for number in range(12):
        event = "instance_created" if number else "create_rejected"
        progress.handle({{"event": event, "key": str(number)}})
    assert drawn.wait(20)
    Narration().write("a line of the log, " * 5 + "\\n")
    click.echo("from click", err=True)
    sys.stderr.write("unfinished")
print("SUMMARY")
"""


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("color", [True, False], ids=["color", "no color"])
def test_a_display_shows_how_far_it_is_and_disappears(columns: int, color: bool) -> None:
    written = on_terminal(PROGRAM.format(color=color), columns=columns)

    assert "12 of 200, 1 failed, 8 in flight" in written
    assert ("left" in written) is (columns == 80)
    assert left_on_screen(written) == [
        ("a line of the log, " * 5).rstrip(),
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


def test_a_heartbeat_says_how_far_it_is_again_and_again() -> None:
    said: list[Figures] = []
    twice = Event()

    def say(figures: Figures) -> None:
        if figures.done:  # one said before the event arrives is right, too
            said.append(figures)
        if len(said) == 2:
            twice.set()

    with beats(10, say=say, monotonic=lambda: 20.0, every=0.001) as progress:
        progress.handle({"event": "create_announced", "key": "a"})
        progress.handle({"event": "instance_created", "key": "a"})
        assert twice.wait(20)

    assert said[-1].text() == "1 of 10, 9.0 s left, 1.0/s"
    assert said[-1].text().isprintable()


def unexpected(figures: Figures) -> None:
    pytest.fail(figures.text())


def test_a_short_run_has_no_heartbeat() -> None:
    with beats(10, say=unexpected, monotonic=lambda: 0.0) as progress:
        progress.handle({"event": "instance_created", "key": "a"})

    assert progress.figures().done == 1


def test_a_heartbeat_that_nobody_can_hear_does_not_stop_the_run() -> None:
    called = Event()

    def broken(figures: Figures) -> None:
        called.set()
        raise BrokenPipeError

    with beats(10, say=broken, monotonic=lambda: 0.0, every=0.001) as progress:
        assert called.wait(20)
        progress.handle({"event": "instance_created", "key": "a"})

    assert progress.figures().done == 1


def test_a_stop_is_shown() -> None:
    with beats(10, say=unexpected, monotonic=lambda: 0.0) as progress:
        progress.stopping()

    assert progress.figures().phase == "stopping"


def test_a_narration_goes_to_stderr_as_it_is_at_each_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    narration, later = Narration(), Terminal()

    monkeypatch.setattr(sys, "stderr", later)
    narration.write("text")

    assert later.getvalue() == "text"
    assert narration.isatty()
