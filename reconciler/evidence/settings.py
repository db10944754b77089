"""What the settings that an instance told prove about those that are wanted. Pure.

An answer proves little: a key that it lacks is unknown and not "no", and what was set a moment ago
may not show yet. So only what it says otherwise counts as a difference.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from reconciler.differences import Difference, differences
from reconciler.model import Desired, Digest, Kept, Recorded, Scalar
from reconciler.schemas import annotations
from reconciler.secrets import MASK, Secret, Unset
from reconciler.state.digest import digest, kept

STALE: Final = timedelta(minutes=5)  # after a setSettings an answer may still be the old one

Wanted = Mapping[str, Kept | Secret | None]  # None: to be set back
Told = Mapping[str, Scalar | Secret]


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """What instances told of their settings, by their ids, *at* a time in UTC.

    *silent* says in words why the others told nothing: that proves neither drift nor none.
    *states* are the states of those that no entry wants any more.
    """

    at: datetime
    told: Mapping[int, Told] = field(default_factory=dict, repr=False)
    silent: Mapping[int, str] = field(default_factory=dict)
    states: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where what was told is not what is wanted, and of which parameters nothing is known."""

    differences: tuple[Difference, ...]
    unknown: frozenset[str]

    @property
    def open(self) -> frozenset[str]:
        """The parameters of which it is not shown that they are as wanted."""
        return self.unknown.union(each.parameter for each in self.differences)

    @property
    def agrees(self) -> bool:
        return not self.open


def compare(
    wanted: Wanted, told: Told, lineage: str, *, doubted: Collection[str] = ()
) -> Comparison:
    """Compare *wanted* with *told*; what is *doubted* may be an old value, unless it agrees."""
    differences: list[Difference] = []
    unknown: set[str] = set()
    for name, value in wanted.items():
        live = told.get(name, "" if reset_value(name) == "" else None)
        if isinstance(value, Unset) or live is None:
            unknown.add(name)
        elif not _same(name, value, live, lineage):
            if name in doubted:
                unknown.add(name)
            else:
                differences.append(_difference(name, live, value))
    return Comparison(tuple(differences), frozenset(unknown))


def doubted(recorded: Recorded, at: datetime) -> frozenset[str]:
    """Return the parameters that we set so shortly before *at* that an old value may be shown."""
    update = recorded.update
    if update is None or update.since < f"{at - STALE:%Y-%m-%dT%H:%M:%SZ}":
        return frozenset()
    return frozenset(update.parameters)


def differing(
    entry: Desired, recorded: Recorded, lineage: str, live: LiveSettings | None
) -> tuple[Difference, ...]:
    """Return what is to be said of an entry whose instance is recorded: what the instance itself
    tells counts, and for what it does not tell, the record."""
    by_record = differences(entry, recorded, lineage)
    told = None if live is None else live.told.get(recorded.id_instance)
    if live is None or told is None:
        return by_record
    gone = {each.parameter: None for each in by_record if each.wanted is None}
    wanted: Wanted = {**entry.parameters, **(gone if entry.lifecycle.reset else {})}
    seen = compare(wanted, told, lineage, doubted=doubted(recorded, live.at))
    known = wanted.keys() - seen.unknown
    return (*seen.differences, *(each for each in by_record if each.parameter not in known))


def records_of(
    entries: Iterable[Desired], instances: Mapping[str, Recorded]
) -> dict[str, Recorded]:
    """Return what is recorded of *entries* and not known to be deleted, by the keys of the records:
    that of a renamed entry is still under its old one."""
    found: dict[str, Recorded] = {}
    for entry in entries:
        for key in (entry.key, entry.lifecycle.previously):
            if key is not None and key in instances and not instances[key].deleted:
                found[key] = instances[key]
    return found


def unwanted(entries: Iterable[Desired], instances: Mapping[str, Recorded]) -> dict[str, Recorded]:
    """Return what is recorded, of no entry, and not known to be deleted."""
    wanted = records_of(entries, instances)
    return {k: each for k, each in instances.items() if k not in wanted and not each.deleted}


def settable(entry: Desired, found: Iterable[Difference]) -> tuple[Difference, ...]:
    """Return the differences that an update sets: a parameter that left the manifest stays as it
    is, unless its entry says that it is to be set back, and something is known to do that."""
    return tuple(
        each
        for each in found
        if each.wanted is not None
        or (entry.lifecycle.reset and reset_value(each.parameter) is not None)
    )


def confirmed(
    entry: Desired, recorded: Recorded, lineage: str, live: LiveSettings
) -> dict[str, Kept | None]:
    """Return what the record does not know, and the instance has already: somebody set it."""
    told = live.told.get(recorded.id_instance)
    if told is None or (recorded.update is not None and not recorded.update.confirmed):
        return {}
    found = settable(entry, differences(entry, recorded, lineage))
    wanted = {each.parameter: entry.parameters.get(each.parameter) for each in found}
    seen = compare(wanted, told, lineage)
    stays = kept(entry, lineage)
    return {name: stays.get(name) for name in wanted if name not in seen.open}


def for_creation(desired: Desired) -> Desired:
    """Return *desired* with the parameters alone that a create takes; an update sets the others."""
    later = annotations("afterCreation")
    parameters = {name: each for name, each in desired.parameters.items() if name not in later}
    return (
        desired
        if len(parameters) == len(desired.parameters)
        else desired._replace(parameters=parameters)
    )


def sent_as(wanted: Wanted) -> dict[str, Scalar | Secret]:
    """Return what sets *wanted*: what is to be set back has a value for that."""
    sent: dict[str, Scalar | Secret] = {}
    for name, value in wanted.items():
        back = reset_value(name) if value is None else value
        if back is not None and not isinstance(back, Digest):
            sent[name] = back
    return sent


def reset_value(name: str) -> Scalar | None:
    """Return what sets the parameter *name* back, None where nothing is known to."""
    value: Scalar | None = annotations("reset").get(name)
    return value


def _same(name: str, wanted: Kept | Secret | None, live: Scalar | Secret, lineage: str) -> bool:
    if isinstance(wanted, Digest):
        return any(digest(lineage, name, form) == wanted for form in _forms(live))
    plain = reset_value(name) if wanted is None else _plain(wanted)
    return plain in _forms(live)


_YES_NO: Final = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}


def _forms(live: Scalar | Secret) -> list[Scalar]:
    """Return what a manifest may say for the value *live*: servers write it in several ways."""
    value = live.reveal_typed() if isinstance(live, Secret) else live
    text = str(value)
    forms: list[Scalar] = [text]
    if text.lower() in _YES_NO:
        forms.append(_YES_NO[text.lower()])
    if text.isascii() and text.isdecimal() and text == str(int(text)):
        forms.append(int(text))
    return forms


def _plain(value: Scalar | Secret) -> Scalar:
    plain = value.reveal_typed() if isinstance(value, Secret) else value
    return ("yes" if plain else "no") if isinstance(plain, bool) else plain


def _difference(name: str, live: Scalar | Secret, wanted: Kept | Secret | None) -> Difference:
    if isinstance(wanted, Secret | Digest) or isinstance(live, Secret):
        held = None if live == "" else MASK
        return Difference(name, held, None if wanted is None else MASK, secret=True)
    shown = _URL_SECRETS.sub(MASK, live) if isinstance(live, str) else live
    return Difference(name, shown, wanted, secret=False)


# Somebody else wrote the live URL, and may have put a password or a token into it.
_URL_SECRETS: Final = re.compile(r"(?<=[?#]).+|(?<=://)[^/@]*(?=@)")
