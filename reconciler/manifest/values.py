"""The parameters of entries: references resolved, booleans spelt out, defaults merged.

A *layer* is one mapping of the manifest: `defaults`, or what stands below an entry's key.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from reconciler.manifest.characters import look_alike, strange_blank
from reconciler.manifest.credentials import PartnerTokens
from reconciler.manifest.document import PlacedDict
from reconciler.manifest.findings import Findings
from reconciler.manifest.problems import Severity
from reconciler.manifest.quoting import is_short, sized
from reconciler.manifest.references import (
    Dangling,
    Resolved,
    Resolver,
    has_reference,
    is_whole,
)
from reconciler.manifest.rules import Parameter, Rules
from reconciler.manifest.scalars import resolve
from reconciler.manifest.texts import Remark, remarks
from reconciler.secrets import Secret, Unset

T = TypeVar("T")
Values = dict[str, Any]
_ASSIGNED: Final = re.compile(r"[:=]")
_UNKNOWN_HERE: Final = "its value is not known here; apply needs it, and validate --resolve"


@dataclass(slots=True)
class Layer:
    """The settled values of one mapping. *typed* is the text that held the references.

    *broken* are the parameters of which a problem was told already, *unset* those among them whose
    reference is right and brings nothing on this machine.
    """

    values: Values
    typed: Mapping[str, str] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    unset: Mapping[str, Unset] = field(default_factory=dict)


@dataclass(slots=True)
class ValueReader:
    """Turns mappings of one file into layers.

    Where *absent_is_wrong* is false, a reference to what is not there is only noted.
    """

    rules: Rules
    resolver: Resolver
    tokens: PartnerTokens
    findings: Findings
    absent_is_wrong: bool = True
    secrets: dict[Secret, None] = field(default_factory=dict)

    def settle(self, mapping: PlacedDict, owner: str) -> Layer:
        """Return the layer of *mapping*; what goes wrong is told at its place."""
        values: Values = {}
        typed: dict[str, str] = {}
        broken: set[str] = set()
        unset: dict[str, Unset] = {}
        for name, value in mapping.items():
            parameter = self.rules.parameters.get(name)
            settled = value
            if parameter is None:
                if value is None:  # it is about to go, and would go unnoticed
                    self.unknown(mapping, name, owner)
                    broken.add(name)
            elif value.__class__ is str:
                fine, settled = self._text(mapping, parameter, owner)
                if not fine:
                    broken.add(name)
                if isinstance(settled, Unset):
                    unset[name] = settled
                    settled = value  # the schema's judge takes plain values only
                if "$" in value and has_reference(value):
                    typed[name] = value
            else:
                settled = _normal(parameter, value)
            values[name] = settled
        return Layer(values, typed, frozenset(broken), unset)

    def unknown(
        self,
        mapping: PlacedDict,
        name: str,
        owner: str,
        entry: str | None = None,
        *,
        shared: bool = False,
    ) -> None:
        """Tell of a parameter that the API does not know."""
        why = self.rules.unaccepted.get(name)
        meant = None if why is not None else self.rules.nearest(name)
        rule, message = "unknown-parameter", "unknown parameter"
        if why is not None:
            rule, message = "unaccepted-parameter", "this parameter is not accepted"
        elif not meant and not is_short(name):
            message = sized("unknown parameter: a name", name)
        mark = mapping.key_mark(name)
        if self.findings.again(mark, rule, message, entry):
            return
        if why is None:
            why = self._why_unknown(name, meant)
        subject = self.rules.subject(owner, name)
        if (meant or is_short(name)) and subject:
            subject = f"{self.rules.subject(owner)}.{name}"
        self.findings.say(mark, subject, rule, message, why, entry=entry, shared=shared)

    def learn(self, secrets: Iterable[Secret]) -> None:
        for secret in secrets:
            self.secrets[secret] = None

    def _why_unknown(self, name: str, meant: str | None) -> str:
        if (latin := look_alike(name)) is not None and latin[0] in self.rules.parameters:
            return f"the letter {latin[1]} in it only looks like a Latin one; write {latin[0]}"
        if meant:
            return f"did you mean {meant}?"
        if _ASSIGNED.split(name)[0] in self.rules.parameters:
            return "write name: value, with a space after the colon"
        if (blank := strange_blank(name)) is not None:
            return f"the character {blank} stands in it; type a space after the colon"
        return "'reconciler schema' lists the parameters"

    def _text(self, mapping: PlacedDict, parameter: Parameter, owner: str) -> tuple[bool, Any]:
        """Return whether the text of *parameter* may stand, and what it means."""
        text: str = mapping[parameter.name]
        resolved = Resolved(text, ())
        if "$" in text:
            found = self._resolved(parameter, text)
            if isinstance(found, Dangling):
                noted = found.absent and not self.absent_is_wrong
                self._tell(mapping, parameter.name, owner, found, noted=noted)
                return False, Unset(found.message) if noted else text
            resolved = found
        fine = True
        if parameter.is_text:
            for remark in remarks(parameter, text, resolved):
                self._remark(mapping, parameter.name, owner, remark)
                fine = fine and remark.severity is not Severity.ERROR
        return fine, _converted(parameter, resolved)

    def _resolved(self, parameter: Parameter, text: str) -> Resolved | Dangling:
        if parameter.name == "name" and has_reference(text):
            return Dangling(
                0, "reference-in-name", "a name can't hold a reference: it is shown everywhere",
                "write the name itself, or leave it out",
            )  # fmt: skip
        resolved = self.resolver.resolve(text)
        if isinstance(resolved, Dangling):
            return resolved
        if resolved.parts and not parameter.is_text and not is_whole(text):
            return Dangling(
                0, "partial-reference", "a reference must be the whole value of this parameter",
                "write ${env:NAME} alone",
            )  # fmt: skip
        if self.tokens.found_in(resolved.text):
            return Dangling(0, *self.tokens.words)
        if resolved.parts and parameter.is_text:
            self.learn((*resolved.parts, Secret(resolved.text)))
        return resolved

    def _tell(
        self, mapping: PlacedDict, name: str, owner: str, problem: Dangling, *, noted: bool
    ) -> None:
        text, mark = self.findings.document.source.text, mapping.value_mark(name)
        # The offset is exact where the string is typed as it is read, without escapes before.
        if text.startswith(mapping[name][: problem.offset + 1], mark):
            mark += problem.offset
        elif text.startswith(mapping[name][: problem.offset + 1], mark + 1):
            mark += 1 + problem.offset
        self.findings.say(
            mark, self.rules.subject(owner, name), problem.rule, problem.message,
            _UNKNOWN_HERE if noted else problem.hint,
            severity=Severity.NOTE if noted else Severity.ERROR,
        )  # fmt: skip

    def _remark(self, mapping: PlacedDict, name: str, owner: str, remark: Remark) -> None:
        self.findings.say(
            mapping.value_mark(name), self.rules.subject(owner, name),
            remark.rule, remark.message, remark.hint, severity=remark.severity,
        )  # fmt: skip


def merge(defaults: Layer, own: Layer) -> Values:
    """Return what an entry sets: its own over the defaults, without what null takes away."""
    merged = {**defaults.values, **own.values}
    if None in merged.values():
        return {name: value for name, value in merged.items() if value is not None}
    return merged


def without_use(defaults: Layer, own: Values) -> Iterator[str]:
    """Yield the parameters of which the null takes nothing away."""
    for name, value in own.items():
        if value is None and defaults.values.get(name) is None:
            yield name


def layered(defaults: Mapping[str, T], own: Mapping[str, T], values: Values) -> Mapping[str, T]:
    """Return what is known of an entry's parameters: its own, and of the *defaults* what none of
    its own *values* replaces or takes away."""
    if not defaults:
        return own
    return {name: known for name, known in defaults.items() if name not in values} | dict(own)


def _converted(parameter: Parameter, resolved: Resolved) -> Any:
    """Return the value that a resolved string means for *parameter*: YAML's rules for numbers."""
    if parameter.is_text or not resolved.parts:
        return resolved.text
    value = resolve(resolved.text.strip()) if resolved.text.strip() else ""
    return _normal(parameter, value) if isinstance(value, int | float) else resolved.text


def _normal(parameter: Parameter, value: Any) -> Any:
    if isinstance(value, bool):
        return parameter.booleans.get(value, value)
    if isinstance(value, float) and parameter.is_number and value.is_integer():
        return int(value)
    return value
