"""The entries of one file: defaults merged under them, references resolved."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.manifest.document import Document
from reconciler.manifest.findings import Findings
from reconciler.manifest.shape import Top
from reconciler.manifest.values import Layer, Settler, from_references, merge
from reconciler.model import Desired
from reconciler.secrets import Secret

Values = dict[str, Any]
_NONE: Final[frozenset[str]] = frozenset()
_NOTHING: Final[Mapping[str, str]] = {}
_NO_SPACE: Final = r"\w+:\S"  # compiled where something is wrong
_EMPTY: Final = Layer({})


@dataclass(slots=True)
class Entries:
    """What the entries of one file set, by key. *typed* holds what came from references."""

    document: Document
    instances: Values
    raw_defaults: Values
    defaults: Layer
    values: dict[str, Values] = field(default_factory=dict)
    typed: dict[str, Mapping[str, str]] = field(default_factory=dict)
    broken: dict[str, frozenset[str]] = field(default_factory=dict)

    def name_mark(self, key: str) -> int:
        """Return where the name of entry *key* stands: its `name`, or the key itself."""
        own = self.instances[key]
        if isinstance(own, dict) and own.get("name") is not None:
            return self.document.value_mark(own, "name")
        return self.document.key_mark(self.instances, key)


def gather(document: Document, top: Top, settler: Settler) -> Entries:
    """Merge and resolve the entries of a file."""
    raw_defaults = top.defaults
    if "name" in raw_defaults:
        _name_in_defaults(raw_defaults, settler.findings)
        raw_defaults = {name: value for name, value in raw_defaults.items() if name != "name"}
        document.marks[id(raw_defaults)] = _marks_without_name(document, top.defaults)
    defaults = settler.settle(raw_defaults, "defaults")
    entries = Entries(document, top.instances, raw_defaults, defaults)
    as_typed = _as_typed(document, top.instances) and not defaults.broken
    for key, own in top.instances.items():
        if own.__class__ is dict:
            if as_typed:
                entries.values[key] = {**defaults.values, **own} if defaults.values else own
                if defaults.typed:
                    entries.typed[key] = _typed(defaults, own)
            else:
                _settled(entries, key, settler.settle(own, key))
        elif own is None:
            _settled(entries, key, _EMPTY)
        else:
            _not_a_mapping(entries, key, settler.findings)
    return entries


def learn_secrets(entries: Entries, settler: Settler) -> None:
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
    document = entries.document
    marks = document.marks[id(entries.instances)] if entries.instances else []
    places = document.source.places(marks[::2])
    result = list[Desired]()
    for (key, values), place in zip(entries.values.items(), places, strict=True):
        hidden = secret | entries.typed.get(key, _NOTHING).keys()
        parameters = {
            parameter: Secret(value) if parameter in hidden else value
            for parameter, value in values.items()
            if parameter != "name"
        }
        result.append(Desired(key, values.get("name", key), parameters, place))
    return result


def _as_typed(document: Document, instances: Values) -> bool:
    """Whether no entry needs a closer look: nothing to resolve, to spell out or to take away."""
    if not document.plain or not instances:
        return False
    text, first = document.source.text, document.marks[id(instances)][0]
    # An alias could bring what stands before the entries.
    return text.find("$", first) < 0 and text.find("*", first) < 0


def _typed(defaults: Layer, own: Values) -> Mapping[str, str]:
    if defaults.typed.keys().isdisjoint(own):
        return defaults.typed
    return from_references(defaults, Layer(own))


def _settled(entries: Entries, key: str, own: Layer) -> None:
    entries.values[key] = merge(entries.defaults, own)
    typed = from_references(entries.defaults, own)
    if typed:
        entries.typed[key] = typed
    if own.broken or entries.defaults.broken:
        entries.broken[key] = own.broken | (entries.defaults.broken - own.values.keys())


def _name_in_defaults(defaults: Values, findings: Findings) -> None:
    findings.say(
        findings.document.key_mark(defaults, "name"),
        "defaults.name",
        "name-in-defaults",
        "a name can't be a default: every instance has its own",
        "write it below the entry, or leave it out to use the entry's key",
    )


def _marks_without_name(document: Document, defaults: Values) -> list[int]:
    marks = document.marks[id(defaults)]
    position = 2 * list(defaults).index("name")
    return marks[:position] + marks[position + 2 :]


def _not_a_mapping(entries: Entries, key: str, findings: Findings) -> None:
    value = entries.instances[key]
    kind = "a list" if isinstance(value, list) else "a single value"
    hint = "write them below the key, each as name: value"
    if isinstance(value, str) and re.match(_NO_SPACE, value):
        hint = "put a space after the colon"
    findings.say(
        entries.document.value_mark(entries.instances, key),
        key,
        "type",
        f"expected the parameters of the entry, not {kind}",
        hint,
    )
