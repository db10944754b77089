"""The fault script at work: which of its rules a request meets, and how often each was met."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reconciler.sandbox.rules import UNTOUCHED, Match, On, Rule


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
        """Return the counts, in the order of the rules."""
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
