"""The entries of one file: defaults merged under them, references resolved."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.manifest.characters import strange_blank
from reconciler.manifest.document import Document, PlacedDict
from reconciler.manifest.findings import Findings
from reconciler.manifest.head import Head
from reconciler.manifest.lifecycle import read_lifecycle
from reconciler.manifest.problems import Severity
from reconciler.manifest.rules import LIFECYCLE
from reconciler.manifest.values import Layer, ValueReader, layered, merge, without_use
from reconciler.model import Desired, Lifecycle
from reconciler.secrets import Secret, Unset

Values = dict[str, Any]
_NONE: Final[frozenset[str]] = frozenset()
_NOTHING: Final[Mapping[str, Any]] = {}
_NO_SPACE: Final = re.compile(r"[\w-]+:\S")
_EMPTY: Final = Layer({})
_UNSAID: Final = Lifecycle()  # one for all


@dataclass(slots=True)
class Entries:
    """What the entries of one file set, by key. *typed* holds what came from references.

    *broken* are the parameters of an entry of which a problem was told already, *unset* those
    whose values this machine does not have.
    """

    document: Document
    instances: PlacedDict
    raw_defaults: PlacedDict
    defaults: Layer
    values: dict[str, Values] = field(default_factory=dict)
    typed: dict[str, Mapping[str, str]] = field(default_factory=dict)
    broken: dict[str, frozenset[str]] = field(default_factory=dict)
    unset: dict[str, Mapping[str, Unset]] = field(default_factory=dict)
    lifecycles: dict[str, Lifecycle] = field(default_factory=dict)

    def name_mark(self, key: str) -> int:
        """Return where the name of entry *key* stands: its `name`, or the key itself."""
        own = self.instances[key]
        if isinstance(own, PlacedDict) and own.get("name") is not None:
            return own.value_mark("name")
        return self.instances.key_mark(key)


def gather(document: Document, head: Head, settler: ValueReader) -> Entries:
    """Merge and resolve the entries of a file."""
    raw_defaults = _shared(head.defaults, settler.findings)
    defaults = settler.settle(raw_defaults, "defaults")
    _tell_of_nulls(raw_defaults, _EMPTY, "defaults", settler)
    entries = Entries(document, head.instances, raw_defaults, defaults)
    for key, own in head.instances.items():
        if isinstance(own, PlacedDict):
            if LIFECYCLE in own:
                said = read_lifecycle(own, key, settler.rules, settler.findings)
                entries.lifecycles[key] = said
                own = _without(LIFECYCLE, own)  # noqa: PLW2901 - what is left are parameters
            _settled(entries, key, settler.settle(own, key))
            _tell_of_nulls(own, defaults, key, settler)
        elif own is None:
            _settled(entries, key, _EMPTY)
        else:
            _not_a_mapping(entries, key, settler)
    return entries


def learn_secrets(entries: Entries, settler: ValueReader) -> None:
    """Remember the values that the schema marks as secret, right or wrong."""
    for name in settler.rules.secret:
        found = (
            values[name]
            for key, values in entries.values.items()
            if name in values and name not in entries.broken.get(key, _NONE)
        )
        settler.learn(map(Secret, {value for value in found if isinstance(value, str)}))


def desired(entries: Entries, secret: frozenset[str]) -> list[Desired]:
    """Return the entries as values; only for a file without errors."""
    place, result = entries.document.source.place, list[Desired]()
    marks = entries.instances.marks[::2]
    for (key, values), mark in zip(entries.values.items(), marks, strict=True):
        hidden = secret | entries.typed.get(key, _NOTHING).keys()
        parameters = {
            parameter: Secret(value) if parameter in hidden else value
            for parameter, value in values.items()
            if parameter != "name"
        }
        parameters |= entries.unset.get(key, _NOTHING)
        lifecycle = entries.lifecycles.get(key, _UNSAID)
        result.append(Desired(key, values.get("name", key), parameters, place(mark), lifecycle))
    return result


def _settled(entries: Entries, key: str, own: Layer) -> None:
    entries.values[key] = merge(entries.defaults, own)
    if typed := layered(entries.defaults.typed, own.typed, own.values):
        entries.typed[key] = typed
    if unset := layered(entries.defaults.unset, own.unset, own.values):
        entries.unset[key] = unset
    if own.broken or entries.defaults.broken:
        entries.broken[key] = own.broken | (entries.defaults.broken - own.values.keys())


def _tell_of_nulls(own: PlacedDict, defaults: Layer, owner: str, settler: ValueReader) -> None:
    """Tell of nulls that take nothing away: a value was forgotten, or YAML took it for no text."""
    if None not in own.values():
        return
    for name in without_use(defaults, own):
        parameter = settler.rules.parameters.get(name)
        mark = own.value_mark(name)
        deliberate = owner == "defaults" and settler.findings.document.source.token(mark) == "null"
        if parameter is None or deliberate:
            continue
        behind = settler.findings.document.source.text[mark : mark + 100].lstrip(" \t")
        hint = "write a value, or take the line out"
        if behind.startswith("#"):
            hint = "quote a text that begins with #, or take the line out"
        settler.findings.say(
            mark,
            settler.rules.subject(owner, name),
            "nothing-to-take-away",
            "nothing stands here, and there is no default to take away",
            hint,
            severity=Severity.ERROR if parameter.secret else Severity.WARNING,
        )


def _shared(defaults: PlacedDict, findings: Findings) -> PlacedDict:
    """Return what of *defaults* many entries can have; tell of what only one can."""
    if "name" in defaults:
        findings.say(
            defaults.key_mark("name"),
            "defaults.name",
            "name-in-defaults",
            "a name can't be a default: every instance has its own",
            "write it below the entry, or leave it out to use the entry's key",
        )
        defaults = _without("name", defaults)
    if LIFECYCLE in defaults:
        findings.say(
            defaults.key_mark(LIFECYCLE),
            "defaults.lifecycle",
            "lifecycle-in-defaults",
            "lifecycle can't be a default: it stands below the entry that it is about",
            "write it below the entry; an anchor (&name, <<: *name) saves typing",
        )
        defaults = _without(LIFECYCLE, defaults)
    return defaults


def _without(name: str, mapping: PlacedDict) -> PlacedDict:
    rest = PlacedDict()
    rest.refill(row for row in mapping.rows() if row[0] != name)
    return rest


def _not_a_mapping(entries: Entries, key: str, settler: ValueReader) -> None:
    value = entries.instances[key]
    kind = "a list" if isinstance(value, list) else "a single value"
    hint = "write them below the key, each as name: value"
    if isinstance(value, str) and _NO_SPACE.match(value):
        hint = "put a space after the colon"
    if isinstance(value, str) and (blank := strange_blank(value)) is not None:
        hint = f"the character {blank} stands behind the colon; type a space"
    settler.findings.say(
        entries.instances.value_mark(key),
        settler.rules.subject(key) or "instances",
        "type",
        f"expected the parameters of the entry, not {kind}",
        hint,
    )
