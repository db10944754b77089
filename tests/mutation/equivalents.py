"""Mistakes that no test can notice, by module, each with the reason why it makes no difference."""

from collections.abc import Mapping
from typing import Final

_ABOUT: Final = "a figure that is right about so, and of which no money depends"
_ON_THE_DOT: Final = "tells apart only what happens at the very moment"

EQUIVALENT: Final[Mapping[str, Mapping[str, str]]] = {
    "apply/watch.py": {
        "module: 30.0 -> 31.0": _ABOUT,
        "AccountWatch.taken: self._settler.clock.monotonic() - self._read_at >= self._interval ->"
        " self._settler.clock.monotonic() - self._read_at > self._interval": _ON_THE_DOT,
        "AccountWatch.prove: 3 -> 4": _ABOUT,
    },
}
