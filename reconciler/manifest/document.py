"""What one file says, whichever way it was read."""

from dataclasses import dataclass, field
from typing import Any

from reconciler.manifest.problems import Problem
from reconciler.manifest.source import Source


@dataclass(frozen=True, slots=True)
class Document:
    """What one file says. *root* is None, and *complete* false, when it could not be read.

    *marks* holds, for the `id` of each mapping, the text index of its first key, of its value,
    of the next key … in the mapping's order; and for the `id` of each list those of its items.
    """

    source: Source
    root: Any
    marks: dict[int, list[int]]
    root_mark: int
    problems: tuple[Problem, ...]
    complete: bool
    plain: bool  # every scalar is a string or an integer
    _positions: dict[int, dict[str, int]] = field(default_factory=dict, repr=False)

    def key_mark(self, mapping: dict[str, Any], key: str) -> int:
        return self.marks[id(mapping)][self._position(mapping, key)]

    def value_mark(self, mapping: dict[str, Any], key: str) -> int:
        return self.marks[id(mapping)][self._position(mapping, key) + 1]

    def _position(self, mapping: dict[str, Any], key: str) -> int:
        known = self._positions.get(id(mapping))
        if known is None:
            known = {name: 2 * number for number, name in enumerate(mapping)}
            self._positions[id(mapping)] = known
        return known[key]
