"""What one YAML text says: plain values, of which each collection knows where its parts stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from reconciler.manifest.problems import Problem
from reconciler.manifest.source import Source

Row = tuple[str, Any, int, int]  # key, value, where they stand


class PlacedDict(dict[str, Any]):
    """A mapping with its *marks*: the text index of its first key, of that key's value, of the
    next key … in the mapping's order."""

    __slots__ = ("_positions", "marks")

    def __init__(self) -> None:
        self.marks: list[int] = []
        self._positions: dict[str, int] = {}

    def key_mark(self, key: str) -> int:
        return self.marks[self._position(key)]

    def value_mark(self, key: str) -> int:
        return self.marks[self._position(key) + 1]

    def refill(self, rows: Iterable[Row]) -> None:
        """Hold *rows*, and nothing else."""
        self.clear()
        self.marks.clear()
        self._positions = {}
        for key, value, key_mark, value_mark in rows:
            self[key] = value
            self.marks += key_mark, value_mark

    def rows(self) -> list[Row]:
        """Return each key with its value and the places of both."""
        return [
            (key, value, *self.marks[2 * i : 2 * i + 2])
            for i, (key, value) in enumerate(self.items())
        ]

    def _position(self, key: str) -> int:
        if len(self._positions) < len(self):
            self._positions = {name: 2 * number for number, name in enumerate(self)}
        return self._positions[key]


class PlacedList(list[Any]):
    """A list with its *marks*: the text index of each item."""

    __slots__ = ("marks",)

    def __init__(self) -> None:
        self.marks: list[int] = []


def node_count(value: Any, known: dict[int, int]) -> int:
    """Count the nodes that *value* stands for, all aliases followed.

    *known* holds the counts of collections by their `id`, as long as all of them live.
    """
    if not isinstance(value, PlacedDict | PlacedList):
        return 1
    count = known.get(id(value))
    if count is None:
        inner = value.values() if isinstance(value, PlacedDict) else value
        count = known[id(value)] = 1 + len(value) + sum(node_count(each, known) for each in inner)
    return count


@dataclass(frozen=True, slots=True)
class Document:
    """What one file says. *root* is None, and *complete* false, when it could not be read."""

    source: Source
    root: Any
    root_mark: int
    problems: tuple[Problem, ...]
    complete: bool
