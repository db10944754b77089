"""Shows that a run goes on: live on a terminal, a line every ten seconds elsewhere.

The home of rich. `handle` listens to the log; everything is drawn from another thread, so that
the run never waits for a terminal.
"""

import io
import sys
from collections.abc import Callable, Mapping
from threading import Event, Lock, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from reconciler.cli.figures import Figures, Tally

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress
    from rich.progress import ProgressColumn

BEAT: Final = 10.0  # seconds between two lines where nothing can be redrawn
_REDRAWS: Final = 0.125  # seconds between two pictures on a terminal
_BAR: Final = 16  # columns
_ROOM_FOR_A_BAR: Final = 60
Monotonic = Callable[[], float]


class Progress(Protocol):
    """A context: what it shows is gone when it ends."""

    def __enter__(self) -> "Progress": ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def handle(self, event: Mapping[str, object]) -> None:
        """Listen to the log."""

    def stopping(self) -> None:
        """Show that nothing more is launched."""

    def figures(self) -> Figures:
        """Return where the run is."""

    def leave(self) -> None:
        """Take away what is shown, from any thread and waiting for none: the process ends."""


def can_redraw(stream: TextIO, env: Mapping[str, str]) -> bool:
    """Whether *stream* is a terminal that can move its cursor."""
    try:
        return stream.isatty() and env.get("TERM", "") not in ("dumb", "unknown")
    except (AttributeError, ValueError):  # closed, or replaced by something simpler
        return False


def live(total: int, *, stream: TextIO, color: bool, monotonic: Monotonic) -> Progress:
    """Return a display on the terminal *stream* for *total* creates."""
    return _Live(total, stream=stream, color=color, monotonic=monotonic)


def beats(
    total: int, *, say: Callable[[Figures], None], monotonic: Monotonic, every: float = BEAT
) -> Progress:
    """Return a heartbeat for *total* creates: *say* is called *every* so many seconds.

    A run that is over sooner says nothing.
    """
    return _Beats(total, say=say, monotonic=monotonic, every=every)


class _Ticking:
    """Counts, and calls `_tick` from a thread of its own every so many seconds."""

    def __init__(self, total: int, *, monotonic: Monotonic, every: float) -> None:
        self._monotonic = monotonic
        self._tally = Tally(total, started=monotonic())
        self._lock = Lock()
        self._over = Event()
        self._every = every
        self._thread = Thread(target=self._run, name="progress", daemon=True)

    def handle(self, event: Mapping[str, object]) -> None:
        with self._lock:
            self._tally.count(event, now=self._monotonic())

    def stopping(self) -> None:
        with self._lock:
            self._tally.stopping()

    def figures(self) -> Figures:
        with self._lock:
            return self._tally.figures(now=self._monotonic())

    def leave(self) -> None:
        self._over.set()

    def _start(self) -> None:
        self._thread.start()

    def _end(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._every):
            try:
                self._tick()
            except (OSError, ValueError):
                return  # nobody reads stderr any more; the run goes on without a display

    def _tick(self) -> None:
        raise NotImplementedError


class _Beats(_Ticking):
    def __init__(
        self, total: int, *, say: Callable[[Figures], None], monotonic: Monotonic, every: float
    ) -> None:
        super().__init__(total, monotonic=monotonic, every=every)
        self._say = say

    def __enter__(self) -> "_Beats":
        self._start()
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def _tick(self) -> None:
        self._say(self.figures())


class _Live(_Ticking):
    def __init__(self, total: int, *, stream: TextIO, color: bool, monotonic: Monotonic) -> None:
        super().__init__(total, monotonic=monotonic, every=_REDRAWS)
        self._display = _display(stream, color=color)
        self._task = self._display.add_task("", total=total, text="")
        self._stream = stream
        self._covered: TextIO | None = None

    def __enter__(self) -> "_Live":
        self._tick()
        self._display.start()
        self._display.console.show_cursor(True)  # a kill must not leave a terminal without one
        if sys.stderr is self._stream:
            self._covered = sys.stderr
            sys.stderr = _Above(self._display.console, self._stream)
        self._start()
        return self

    def __exit__(self, *error: object) -> None:
        self._end()
        self._display.stop()
        if self._covered is not None:
            sys.stderr.flush()
            sys.stderr = self._covered

    def leave(self) -> None:
        super().leave()
        self._display.stop()

    def _tick(self) -> None:
        figures, width = self.figures(), self._display.console.width
        room = width - _BAR - 2 if width >= _ROOM_FOR_A_BAR else width - 1
        self._display.columns = _columns(bar=width >= _ROOM_FOR_A_BAR)
        text = figures.text(room)
        self._display.update(
            self._task, completed=figures.done, total=figures.total, text=text, refresh=True
        )


class _Above(io.TextIOBase):
    """Stands in for `sys.stderr`: whole lines appear above the display.

    Rich has a proxy of its own, but click takes that for a binary stream and breaks on it.
    """

    def __init__(self, console: "Console", stream: TextIO) -> None:
        self._console = console
        self._stream = stream
        self._begun = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]  # typeshed has an attribute here
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]  # as above
        return self._stream.errors

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._print(line)
        return len(text)

    def flush(self) -> None:
        if self._begun:
            self._print(self._begun)
            self._begun = ""

    def _print(self, line: str) -> None:
        from rich.text import Text

        self._console.print(Text.from_ansi(line), soft_wrap=True)


def _display(stream: TextIO, *, color: bool) -> "RichProgress":
    from rich.console import Console
    from rich.progress import Progress

    console = Console(
        file=stream,
        force_terminal=True,
        color_system="auto" if color else None,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
    )
    return Progress(
        console=console,
        transient=True,
        auto_refresh=False,  # our thread counts and draws
        redirect_stdout=False,  # stdout is the answer
        redirect_stderr=False,  # see _Above
    )


def _columns(*, bar: bool) -> "tuple[ProgressColumn, ...]":
    from rich.progress import BarColumn, TextColumn

    text = TextColumn("{task.fields[text]}", style="none", markup=False)
    return (BarColumn(bar_width=_BAR), text) if bar else (text,)
