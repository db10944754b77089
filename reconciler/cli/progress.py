"""Shows that a run goes on: live on a terminal, a line every ten seconds elsewhere.

The home of rich, which also keeps rate and remaining time. `Progress.handle` listens to the log;
everything is shown from another thread, so that the run never waits for a terminal.
"""

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from io import TextIOBase
from threading import Event, Thread
from typing import Final, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Display
from rich.text import Text

from reconciler.cli.streams import Narration
from reconciler.report.words import lasted

BEAT: Final = 10.0  # seconds between two lines where nothing can be redrawn
_REDRAWS: Final = 0.125  # seconds between two pictures on a terminal
_WINDOW: Final = 15.0  # seconds over which the rate is measured
_BAR: Final = 16  # columns
_ROOM_FOR_A_BAR: Final = 60
Monotonic = Callable[[], float]

_ENDS: Final = {
    "instance_created": "created",
    "instance_recovered": "created",
    "create_rejected": "failed",
    "create_not_sent": "failed",
    "create_unknown": "unknown",
}

_PHASES: Final = {
    "settling_started": "asking the account",
    "update_announced": "setting settings and reading them back",
    "delete_announced": "deleting",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run is. *rate* is in entries a second; *remaining* is None while unknown."""

    total: int
    created: int
    failed: int
    unknown: int
    in_flight: int
    retries: int
    rate: float
    elapsed: float
    remaining: float | None
    phase: str

    @property
    def done(self) -> int:
        """Entries that need no more requests in this phase."""
        return self.created + self.failed + self.unknown

    def text(self, width: int = 0) -> str:
        """Return one line; the least telling is left out where *width* (0: any) is too small."""
        line = f"{self.done} of {self.total}"
        for detail in self._details():
            longer = f"{line}, {detail}"
            if 0 < width < len(longer):
                break
            line = longer
        return line

    def fields(self) -> dict[str, object]:
        """Return what the log says of it."""
        return {
            "total": self.total,
            "created": self.created,
            "failed": self.failed,
            "unknown": self.unknown,
            "in_flight": self.in_flight,
            "retries": self.retries,
            "rate": round(self.rate, 1),
            "seconds": round(self.elapsed, 1),
            "remaining": None if self.remaining is None else round(self.remaining),
        }

    def _details(self) -> list[str]:
        parts = [self.phase] if self.phase else []
        parts += [f"{self.failed} failed"] if self.failed else []
        parts += [f"{self.unknown} unknown"] if self.unknown else []
        parts += [f"{self.in_flight} in flight"] if self.in_flight else []
        if self.remaining is not None and self.remaining >= 1:
            parts.append(f"{lasted(self.remaining)} left")
        parts += [f"{self.rate:.1f}/s"] if self.rate else []
        parts += [f"{self.retries} retried"] if self.retries else []
        return parts


class Progress:
    """Counts creates by the log's events. As a context, it calls *show* every so many seconds.

    Workers count while another thread shows. Each count is one step of a set, a dict or a list, so
    a picture is at most an event behind, and nobody waits for it.
    """

    def __init__(
        self, total: int, display: Display, *, show: Callable[[Standing], None], every: float
    ) -> None:
        self._display, self._show, self._every = display, show, every
        display.add_task("", total=total)
        (self._task,) = display.tasks
        self._started = display.get_time()
        self._flying: set[str] = set()
        self._ended: dict[str, str] = {}
        self._retried: list[str] = []
        self._phase = ""
        self._over = Event()
        self._thread = Thread(target=self._run, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def handle(self, event: Mapping[str, object]) -> None:
        """Take notice of a log event; one that says nothing about progress is ignored."""
        name, key = str(event["event"]), str(event.get("key", ""))
        if name == "create_announced":
            if key in self._flying:
                self._retried.append(key)
            self._flying.add(key)
        elif name in _ENDS:
            self._flying.discard(key)
            self._ended[key] = _ENDS[name]  # an unknown one may be found later
            self._display.update(self._task.id, completed=len(self._ended))
        elif name in _PHASES:
            self._phase = _PHASES[name]

    def stopping(self) -> None:
        """Show that nothing more is launched."""
        self._phase = "stopping"

    def standing(self) -> Standing:
        """Return where the run is."""
        ended, total = [*self._ended.values()], int(self._task.total or 0)
        return Standing(
            total=max(total, len(ended)),
            created=ended.count("created"),
            failed=ended.count("failed"),
            unknown=ended.count("unknown"),
            in_flight=len(self._flying),
            retries=len(self._retried),
            rate=self._task.speed or 0.0,
            elapsed=self._display.get_time() - self._started,
            remaining=None if self._phase else self._task.time_remaining,
            phase=self._phase,
        )

    def leave(self) -> None:
        """Take away what is shown, from any thread and waiting for none: the process ends."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.wait(self._every):
            try:
                self._show(self.standing())
            except (OSError, ValueError):
                return  # nobody reads stderr any more; the run goes on without a display


class _Live(Progress):
    """Redraws a bar and a line of text below the narration, and leaves nothing behind."""

    def __init__(self, total: int, display: Display, *, narration: Narration) -> None:
        super().__init__(total, display, show=self._draw, every=_REDRAWS)
        self._narration = narration
        self._shown = ExitStack()

    def __enter__(self) -> Self:
        self._draw(self.standing())
        self._display.start()
        self._display.console.show_cursor(True)  # a kill must not leave a terminal without one
        self._shown.callback(self._display.stop)
        self._shown.enter_context(self._narration.above(partial(_print, self._display.console)))
        return super().__enter__()

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self._shown.close()

    def leave(self) -> None:
        super().leave()
        self._display.stop()

    def _draw(self, standing: Standing) -> None:
        width = self._display.console.width
        with_bar = width >= _ROOM_FOR_A_BAR
        text = TextColumn(
            standing.text(width - _BAR - 2 if with_bar else width - 1), style="none", markup=False
        )
        self._display.columns = (BarColumn(bar_width=_BAR), text) if with_bar else (text,)
        self._display.update(self._task.id, total=standing.total, refresh=True)


def can_redraw(stream: TextIO | TextIOBase, env: Mapping[str, str]) -> bool:
    """Whether *stream* is a terminal that can move its cursor."""
    try:
        return stream.isatty() and env.get("TERM", "") not in ("dumb", "unknown")
    except (AttributeError, ValueError):  # closed, or replaced by something simpler
        return False


def live(total: int, *, narration: Narration, color: bool, monotonic: Monotonic) -> Progress:
    """Return a display for *total* creates on the terminal that takes the *narration*."""
    console = Console(
        file=narration.unfolded,  # type: ignore[arg-type]  # all of a text stream that rich uses
        force_terminal=True,
        color_system="auto" if color else None,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
    )
    return _Live(total, _display(console, monotonic), narration=narration)


def beats(
    total: int, *, say: Callable[[Standing], None], monotonic: Monotonic, every: float = BEAT
) -> Progress:
    """Return a heartbeat for *total* creates: *say* is called *every* so many seconds.

    A run that is over sooner says nothing.
    """
    return Progress(total, _display(Console(file=sys.stderr), monotonic), show=say, every=every)


def _display(console: Console, monotonic: Monotonic) -> Display:
    return Display(
        console=console,
        transient=True,
        auto_refresh=False,  # our thread counts and draws
        redirect_stdout=False,  # stdout is the answer
        redirect_stderr=False,  # the narration appears above by itself
        get_time=monotonic,
        speed_estimate_period=_WINDOW,
    )


def _print(console: Console, line: str) -> None:
    console.print(Text.from_ansi(line), soft_wrap=True)
