"""What the state of an instance says about being ready and linked. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from reconciler.model import LINKED
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import Profile, StateChange, StateTold


class Goal(StrEnum):
    """What is waited for."""

    READY = "ready"  # a phone can be linked, or is
    LINKED = "linked"


_REACHED: Final = {
    Goal.READY: frozenset({"notAuthorized", LINKED}),
    Goal.LINKED: frozenset({LINKED}),
}
SUSPENDED: Final = frozenset({"suspended", "yellowCard"})  # the second is its older name
BLOCKED: Final = frozenset({"blocked"})


@dataclass(frozen=True, slots=True)
class Reached:
    """The instance is as it was waited for."""

    word: str


@dataclass(frozen=True, slots=True)
class Hopeless:
    """It will not come to that by waiting."""

    word: str


@dataclass(frozen=True, slots=True)
class NotYet:
    """It may still come to that. *word* is None where no state could be read; *reason* says why.

    So is a state of which nobody knows what it means.
    """

    word: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """What an instance said of its state: the API's *word*, and since when, where that is known."""

    word: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class LiveStates:
    """What instances said of their states, by their ids; *silent* says in words why the others said
    nothing. Not *whole*: only some were asked."""

    told: Mapping[int, Sighting] = field(default_factory=dict)
    silent: Mapping[int, str] = field(default_factory=dict)
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Portrait:
    """What one instance tells of itself: its *past* states, the newest first, and the messenger's
    account that it is linked to; nothing where it does not tell."""

    past: tuple[StateChange, ...] = ()
    profile: Profile | None = None


def judge_state(told: StateTold | Unreadable, goal: Goal) -> Reached | Hopeless | NotYet:
    """Return what *told* means for who waits for *goal*.

    Whatever can't be read counts as not yet: a newborn answers 401, 404 or null for a while, and
    only the account's listing tells it from one that was deleted.
    """
    if isinstance(told, Unreadable):
        return NotYet(None, told.reason)
    if told.word in _REACHED[goal]:
        return Reached(told.word)
    if told.word in SUSPENDED | BLOCKED:
        return Hopeless(told.word)
    return NotYet(told.word, f"it is {told.word}")


def since(word: str, history: Iterable[StateChange]) -> datetime | None:
    """Return since when an instance has been in the state *word*; *history* has the newest first.

    None where the history does not tell, because it ends with another state for example.
    """
    began: int | None = None
    for change in history:
        if change.word != word:
            break
        began = change.timestamp
    return None if began is None else datetime.fromtimestamp(began, UTC)
