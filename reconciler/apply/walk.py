"""Links phones to many instances, one after the other, with the person who holds the phones."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from threading import Event as Flag
from typing import Final, Protocol

from reconciler.apply.link import Linked, NotLinked
from reconciler.apply.ports import PartnerApi
from reconciler.apply.states import ask_states
from reconciler.evidence.states import Goal, Hopeless, NotYet, Reached, judge_state
from reconciler.partner.answer import Unreadable
from reconciler.partner.instances import InstanceAccess, StateTold

_PHONE_WANTED: Final = frozenset({"notAuthorized", "pendingPassword"})


class Step(StrEnum):
    """What the person wants of the instance whose turn it would be."""

    LINK = "link"
    SKIP = "skip"
    STOP = "stop"  # neither this one nor those behind it


class Guide(Protocol):
    """Leads the person from one instance to the next, by their keys."""

    def propose(self, key: str, patience: float) -> Step:
        """Ask what is to be done with *key*; STOP if nobody said so in *patience* seconds."""

    def begin(self, key: str) -> None:
        """Say that it is the turn of *key*: from now on codes are of that instance."""

    def end(self, key: str, ended: Linked | NotLinked) -> None:
        """Say how it *ended* for *key*."""


def walk(
    keys: Iterable[str],
    link: Callable[[str], Linked | NotLinked],
    guide: Guide,
    *,
    patience: float,
) -> dict[str, Linked | NotLinked]:
    """Let *guide* lead through *keys* while each is linked; return how it ended for all of them.

    No code of the next instance is shown before the person wants it: the phone that was scanned
    with last is still at hand, and would be linked to the wrong one.
    """
    keys, ended = tuple(keys), dict[str, Linked | NotLinked]()
    for key in keys:
        match guide.propose(key, patience) if ended else Step.LINK:
            case Step.LINK:
                guide.begin(key)
                ended[key] = link(key)
            case Step.SKIP:
                ended[key] = NotLinked("skipped", late=True)
            case Step.STOP:
                break
        guide.end(key, ended[key])
    return {key: ended.get(key, NotLinked("its turn did not come", late=True)) for key in keys}


def look_around(
    instances: Mapping[str, InstanceAccess],
    *,
    api: PartnerApi,
    concurrency: int,
    stopping: Flag,
) -> dict[str, Linked | NotLinked]:
    """Return how *instances* stand, but for those that wait for a phone."""
    told = ask_states(instances, api, concurrency=concurrency, stopping=stopping)
    stand = ((key, _standing(each)) for key, each in told)
    return {key: each for key, each in stand if each is not None}


def _standing(told: StateTold | Unreadable) -> Linked | NotLinked | None:
    """Return what *told* means; None where a phone is waited for."""
    match judge_state(told, Goal.LINKED):
        case Reached():
            return Linked(None)
        case Hopeless(word):
            return NotLinked(f"the instance is {word}")
        case NotYet(word) if word in _PHONE_WANTED:
            return None
        case NotYet(_, reason):
            return NotLinked(f"not ready for a phone: {reason}", late=True)
