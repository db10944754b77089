"""Whether a create is a renamed entry: whoever renames a key would buy its instance again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from reconciler.evidence.names import folded
from reconciler.model import Desired, Kept, Recorded

SIMILAR: Final = 0.7  # of difflib's ratio


@dataclass(frozen=True, slots=True)
class Likeness:
    """*key*, recorded and no longer wanted, is *why* like the entry that would be created."""

    key: str
    recorded: Recorded
    why: str


class Orphans:
    """The records that are no longer wanted, to hold creates against.

    One that an earlier apply has *reported* is left out: somebody saw it and let it be, so a new
    entry beside it is everyday work. So is one that was deleted.
    """

    def __init__(self, orphans: Iterable[tuple[str, Recorded]]) -> None:
        fresh = [(key, each) for key, each in orphans if not each.deleted and not each.reported]
        self._by_own_name = {each.name: (key, each) for key, each in fresh}
        self._by_key = {folded(key): (key, each) for key, each in fresh}
        self._by_name = {folded(each.name): (key, each) for key, each in fresh}
        self._by_parameters: dict[frozenset[tuple[str, Kept]], list[tuple[str, Recorded]]] = {}
        for key, each in fresh:
            self._by_parameters.setdefault(_hashable(each.parameters), []).append((key, each))

    def __bool__(self) -> bool:
        return bool(self._by_key)

    def like(self, entry: Desired, parameters: Mapping[str, Kept] | None) -> Likeness | None:
        """Return the orphan that *entry* may be. *parameters* are its own as the state keeps them;
        None where some are not known here, and so equal to nothing."""
        if found := self._by_own_name.get(entry.name):
            return Likeness(*found, "has the very name")
        if found := self._by_key.get(folded(entry.key)):
            return Likeness(*found, "has the same key but for case or blanks")
        if found := self._by_name.get(folded(entry.name)):
            return Likeness(*found, "has the same name but for case or blanks")
        alike = [] if parameters is None else self._by_parameters.get(_hashable(parameters), [])
        for key, each in alike:
            if similar(entry.key, key):
                return Likeness(key, each, "has equal parameters and a similar key")
        return None


def similar(one: str, other: str) -> bool:
    """Whether two keys look like one that was renamed: `shop-1` and `shop-2` do not."""
    if _without_digits(one) == _without_digits(other):
        return False
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return (
        matcher.real_quick_ratio() >= SIMILAR  # two cheap upper bounds first
        and matcher.quick_ratio() >= SIMILAR
        and matcher.ratio() >= SIMILAR
    )


def _without_digits(key: str) -> str:
    return "".join(letter for letter in key if not letter.isdigit())


def _hashable(parameters: Mapping[str, Kept]) -> frozenset[tuple[str, Kept]]:
    return frozenset(parameters.items())
