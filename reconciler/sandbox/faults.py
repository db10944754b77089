"""Faults: which requests go wrong, what the account makes of them, and what the client sees.

A rule is three independent choices: the requests it applies to (`Match`), what happens to the
account (`Rule.before`, `Twist`), and what goes out on the wire (an `Answer`).
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final


class On(StrEnum):
    """The methods, by the words that a script uses for them."""

    CREATE = "create"
    LIST = "list"
    DELETE = "delete"
    STATE = "state"
    SETTINGS = "settings"
    SET_SETTINGS = "set-settings"
    ANY = "any"


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


# --- what the client sees --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Usual:
    """The answer that would have been given anyway."""


@dataclass(frozen=True, slots=True)
class Close:
    """The connection is closed without an answer."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset (TCP RST) without an answer."""


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer; after *seconds*, if the client is still there, the connection is closed."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class Reply:
    """A fixed answer. *retry_after_date* is given in seconds from the moment of the answer."""

    status: int
    body: bytes
    retry_after: str | None = None
    retry_after_date: float | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect; *location* None means to the very address that was asked."""

    status: int
    location: str | None


@dataclass(frozen=True, slots=True)
class Refuse:
    """What a wrong token is answered."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Half of the usual body under a Content-Length that promises all of it."""


@dataclass(frozen=True, slots=True)
class Huge:
    """The usual answer behind so many MiB of blanks: valid JSON, for whoever reads it all."""

    mebibytes: int


class Shape(StrEnum):
    NO_TOKEN = "no-token"  # noqa: S105 - a word of the fault script
    STRING_ID = "string-id"
    EXTRA_FIELDS = "extra-fields"


@dataclass(frozen=True, slots=True)
class Reshaped:
    """The usual answer with other or more fields in it."""

    shape: Shape


Answer = Usual | Close | Reset | Hang | Reply | Redirect | Refuse | Cut | Huge | Reshaped


# --- what the account makes of it ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Twist:
    """How the instance that a create makes differs from what was asked for.

    It is left out of the next *lag* listings and for *lag_seconds*; its name is replaced by
    *new_name*, trimmed, cut to *cut_name* characters; a *twin* of the same name appears with it.
    """

    lag: int = 0
    lag_seconds: float = 0.0
    new_name: str | None = None
    trim_name: bool = False
    cut_name: int | None = None
    twin: bool = False

    def name(self, sent: str) -> str:
        name = sent if self.new_name is None else self.new_name
        name = name.strip() if self.trim_name else name
        return name if self.cut_name is None else name[: self.cut_name]


PLAIN: Final = Twist()


@dataclass(frozen=True, slots=True)
class Rule:
    """*before*: the fault strikes before the method has done anything. *delay* is in seconds.

    *said* is the rule as its author wrote it.
    """

    match: Match
    answer: Answer
    before: bool = False
    delay: float = 0.0
    twist: Twist = PLAIN
    said: Mapping[str, object] = field(default_factory=dict, compare=False)


UNTOUCHED: Final = Rule(Match(On.ANY), Usual())


@dataclass(frozen=True, slots=True)
class Use:
    """How often a rule's requests were seen and how often it was applied."""

    seen: int
    applied: int


class Script:
    """The rules in order, with their counts; the first one that applies decides."""

    def __init__(self, rules: Sequence[Rule], *, seed: str) -> None:
        self.rules = tuple(rules)
        self._seed = seed
        self._seen: Counter[tuple[int, str]] = Counter()
        self._applied: Counter[tuple[int, str]] = Counter()

    def take(self, on: On, name: str) -> Rule:
        """Return the rule for this request and count it; `UNTOUCHED` when none applies.

        Every rule counts the requests that fit it, those included that an earlier rule took.
        """
        chosen = UNTOUCHED
        for number, rule in enumerate(self.rules):
            match = rule.match
            if match.on not in (on, On.ANY) or not fnmatchcase(name, match.name):
                continue
            key = (number, name if match.per_name else "")
            self._seen[key] += 1
            if chosen is UNTOUCHED and self._applies(key, match):
                self._applied[key] += 1
                chosen = rule
        return chosen

    def uses(self) -> tuple[Use, ...]:
        seen, applied = _by_rule(self._seen), _by_rule(self._applied)
        return tuple(Use(seen[number], applied[number]) for number in range(len(self.rules)))

    def _applies(self, key: tuple[int, str], match: Match) -> bool:
        count = self._seen[key]
        if match.times is not None and self._applied[key] >= match.times:
            return False
        if match.nth is not None and count != match.nth:
            return False
        if match.every is not None and count % match.every != 0:
            return False
        return match.probability is None or self._roll(key, count) < match.probability

    def _roll(self, key: tuple[int, str], count: int) -> float:
        """A number that depends on nothing but the seed, the rule and the request's number."""
        return random.Random(f"{self._seed}/{key}/{count}").random()  # noqa: S311 - a rehearsal's dice


def _by_rule(counts: Counter[tuple[int, str]]) -> Counter[int]:
    total: Counter[int] = Counter()
    for (number, _), count in counts.items():
        total[number] += count
    return total
