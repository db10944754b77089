"""Mistakes that no test can notice, by module, each with the reason why it makes no difference."""

# ruff: noqa: E501 - a change is named in one piece
from collections.abc import Mapping
from typing import Final

_ABOUT: Final = "a figure that is right about so, and of which no money depends"
_ON_THE_DOT: Final = "tells apart only what happens at the very moment"

_EARLY: Final = "a clock's beginning, long before any run"
_LAST: Final = "the last round ends everything, so that one more has nothing to do"

EQUIVALENT: Final[Mapping[str, Mapping[str, str]]] = {
    "apply/launch.py": {
        "module: 120.0 -> 121.0": _ABOUT,
        "module: 30.0 -> 31.0": _ABOUT,
        "Launcher.__init__: 0.0 -> 1.0": _EARLY,
        "Launcher.run: 1 -> 2 (2)": _LAST,
        "Launcher._after_a_look: 1 -> 2": _ABOUT,
        "Launcher._next: self._stop or self._late(turn.until) ->"
        " self._stop and self._late(turn.until)": "asked again before each announcement",
        "Launcher._late: self._clock.uptime() >= until ->"
        " self._clock.uptime() > until": _ON_THE_DOT,
        "Launcher._announce: self._settle(operation, NotSent(reason)) ->"
        " pass": "withdrawn later; or, if a stop comes at that moment, left for the next run to ask",
        "Launcher._enter: (left := (end - self._clock.uptime())) > 0 ->"
        " (left := (end - self._clock.uptime())) >= 0": _ON_THE_DOT,
        "Launcher._enter: 1.0 -> 2.0": _ABOUT,
        "Launcher._back_off: 0.25 -> 1.25": _ABOUT,
        "Launcher._back_off: 2 -> 3": _ABOUT,
        "Launcher._back_off: 0.5 -> 1.5": _ABOUT,
        "Launcher._be_patient: retry_after > PATIENCE -> retry_after >= PATIENCE": _ABOUT,
        "Launcher._be_patient: now - since >= SILENCE -> now - since > SILENCE": _ABOUT,
        "Launcher._carry_out: 1 -> 2 (2)": _LAST,
        "Launcher._round: True -> False": "the command leaves without waiting for any thread",
    },
    "apply/settle.py": {
        "module: 0.5 -> 1.5": _ABOUT,
        "module: 10.0 -> 11.0": _ABOUT,
        "Settler.ask: 1 -> 2": _ABOUT,
    },
    "apply/workers.py": {
        "start: not started -> started": "only where the system allows no thread at all",
        "next_end: 0.2 -> 1.2": _ABOUT,
        "next_end: continue -> pass": "nothing follows in the loop",
    },
    "evidence/names.py": {
        "longest_name: 0 -> 1": "where there is no name, there is none to be like another",
    },
    "apply/watch.py": {
        "module: 30.0 -> 31.0": _ABOUT,
        "AccountWatch.taken: self._settler.clock.monotonic() - self._read_at >= self._interval ->"
        " self._settler.clock.monotonic() - self._read_at > self._interval": _ON_THE_DOT,
        "AccountWatch.prove: 3 -> 4": _ABOUT,
    },
}
