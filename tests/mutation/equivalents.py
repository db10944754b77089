"""Mistakes that no test can notice, by module, each with the reason why it makes no difference."""

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
        "Launcher._round: True -> False": "the command leaves without waiting for any thread",
    },
    "apply/watch.py": {
        "module: 30.0 -> 31.0": _ABOUT,
        "AccountWatch.taken: self._settler.clock.monotonic() - self._read_at >= self._interval ->"
        " self._settler.clock.monotonic() - self._read_at > self._interval": _ON_THE_DOT,
        "AccountWatch.prove: 3 -> 4": _ABOUT,
    },
}
