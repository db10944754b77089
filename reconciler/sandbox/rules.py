"""A rule of the fault script: which requests, what the account makes of them, what goes out.

The choices are independent: the requests that a rule applies to (`Match`), what happens to the
account (`Rule.before`, `Twist`, `Aftermath`, `ByHand`), what a listing shows of it (`View`), and
what the client gets to see (an `Answer`, its headers).
"""

import html
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from reconciler.sandbox.answers import Answer, Usual
from reconciler.sandbox.hands import ByHand


class On(StrEnum):
    """The methods, by the words that a script uses for them."""

    CREATE = "create"
    LIST = "list"
    DELETE = "delete"
    STATE = "state"
    SETTINGS = "settings"
    SET_SETTINGS = "set-settings"
    ACCOUNT = "account"
    HISTORY = "history"
    REBOOT = "reboot"
    LOGOUT = "logout"
    QR = "qr"
    CODE = "code"
    PASSWORD = "password"  # noqa: S105 - a word of the fault script
    ROTATE = "rotate"
    ANY = "any"


READING: Final = frozenset({On.LIST, On.STATE, On.SETTINGS, On.ACCOUNT, On.HISTORY, On.QR})


@dataclass(frozen=True, slots=True)
class Match:
    """The requests that a rule applies to.

    Requests that fit *on* and *name* are counted from 1, for each name on its own if *per_name*.
    Of those, the *nth* only, or *every* so many, or each with *probability*; *times* bounds how
    often the rule is applied (None: always).
    """

    on: On
    name: str = "*"
    nth: int | None = None
    every: int | None = None
    probability: float | None = None
    times: int | None = 1
    per_name: bool = False


@dataclass(frozen=True, slots=True)
class Twist:
    """How the instance that a create makes differs from what was asked for.

    It is left out of the next *lag* listings and for *lag_seconds*. Its name is replaced by
    *new_name*, trimmed, put into *case*, into a Unicode *form*, escaped for HTML, and cut to
    *cut_name* characters, in this order. A *twin* of the same name appears with it.
    """

    lag: int = 0
    lag_seconds: float = 0.0
    new_name: str | None = None
    trim_name: bool = False
    case: Literal["lower", "upper"] | None = None
    form: Literal["NFC", "NFD", "NFKC", "NFKD"] | None = None
    escape_name: bool = False
    cut_name: int | None = None
    twin: bool = False

    def name(self, sent: str) -> str:
        """Return the name under which the instance is stored that was sent as *sent*."""
        name = sent if self.new_name is None else self.new_name
        name = name.strip() if self.trim_name else name
        name = _CASES[self.case](name) if self.case else name
        name = unicodedata.normalize(self.form, name) if self.form else name
        name = html.escape(name) if self.escape_name else name
        return name if self.cut_name is None else name[: self.cut_name]


_CASES: Final[Mapping[str, Callable[[str], str]]] = {"lower": str.lower, "upper": str.upper}
PLAIN: Final = Twist()


@dataclass(frozen=True, slots=True)
class View:
    """What a listing shows: the account as it was *stale_seconds* ago, as a cache remembers it.

    Instances whose names fit the glob *lacks* are left out, and of the others only the *first*
    so many are shown, as a first page would.
    """

    stale_seconds: float = 0.0
    lacks: str | None = None
    first: int | None = None


WHOLE: Final = View()


@dataclass(frozen=True, slots=True)
class Aftermath:
    """How a setSettings, or a reboot, ends otherwise than it should.

    Parameters that fit the glob *drops* are not kept, what is kept is shown after *shown_seconds*,
    the restart takes *restart_seconds*, and *unlinks*: the instance comes back without its phone.
    """

    drops: str | None = None
    shown_seconds: float = 0.0
    restart_seconds: float | None = None
    unlinks: bool = False


CLEAN: Final = Aftermath()


@dataclass(frozen=True, slots=True)
class Rule:
    """What becomes of the requests that *match*.

    *before*: the fault strikes before the method has done anything. *delay* is in seconds. What
    somebody else does to the account at that moment comes before the method (*hands_before*) or
    right after it (*hands_after*: a listing doesn't show it any more). *date_seconds* is how far
    the answer's Date is from now. *said* is the rule as its author wrote it.
    """

    match: Match
    answer: Answer
    before: bool = False
    delay: float = 0.0
    twist: Twist = PLAIN
    aftermath: Aftermath = CLEAN
    view: View = WHOLE
    hands_before: tuple[ByHand, ...] = ()
    hands_after: tuple[ByHand, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    date_seconds: float | None = None
    said: Mapping[str, object] = field(default_factory=dict, compare=False)


UNTOUCHED: Final = Rule(Match(On.ANY), Usual())
