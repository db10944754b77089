"""When two names may be one. Servers trim, rewrite and cut what they are sent; people rename."""

from collections.abc import Iterable
from html import unescape
from typing import Final
from unicodedata import normalize

from reconciler.model import Account, Instance

SHORTEST_CUT: Final = 10  # characters; of shorter names too many others begin alike


def folded(name: str) -> str:
    """Return what stays of *name* whatever a server does about blanks, case, normal form, HTML."""
    if name.isascii():  # nearly all are, and of thousands each is folded
        plain = unescape(name) if "&" in name else name
        return "".join(plain.casefold().split())
    plain = normalize("NFC", unescape(name)).casefold()
    return "".join(normalize("NFC", plain).split())


class ListedNames:
    """Instances by what their names may have been before a server rewrote or cut them.

    *longest* is the length of the longest live name. Where a server cuts, it cuts all at one
    length: so a name that is shorter than another one was not cut.
    """

    def __init__(self, rows: Iterable[Instance], *, longest: int) -> None:
        self._by_name: dict[str, tuple[Instance, ...]] = {}
        self._cut: list[Instance] = []
        self._longest = longest
        for row in rows:
            name = folded(row.name)
            self._by_name[name] = (*self._by_name.get(name, ()), row)
            if len(row.name) == longest >= SHORTEST_CUT:
                self._cut.append(row)

    def like(self, wanted: str) -> tuple[Instance, ...]:
        """Return those whose name may have been *wanted*."""
        name = folded(wanted)
        if same := self._by_name.get(name, ()):
            return same
        if len(wanted) <= self._longest:
            return ()
        return tuple(row for row in self._cut if name.startswith(folded(row.name)))


def longest_name(account: Account) -> int:
    """Return how long the longest name of a live instance is."""
    return max((len(row.name) for row in account.live), default=0)
