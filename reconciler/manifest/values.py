"""The parameters of entries: references resolved, booleans spelt out, defaults merged.

A *layer* is one mapping of the manifest: `defaults`, or what stands below an entry's key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.manifest.credentials import PartnerTokens
from reconciler.manifest.findings import Findings
from reconciler.manifest.references import (
    Resolved,
    Resolver,
    Unresolved,
    has_reference,
    is_whole,
)
from reconciler.manifest.rules import Parameter, Rules
from reconciler.manifest.scalars import resolve
from reconciler.secrets import Secret

Values = dict[str, Any]
_NOTHING: Final[Mapping[str, str]] = {}


@dataclass(slots=True)
class Layer:
    """The settled values of one mapping. *typed* is the text that held the references.

    *broken* are the parameters of which a problem was told already.
    """

    values: Values
    typed: Mapping[str, str] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()


@dataclass(slots=True)
class Settler:
    """Turns mappings of one file into layers."""

    rules: Rules
    resolver: Resolver
    tokens: PartnerTokens
    findings: Findings
    secrets: dict[Secret, None] = field(default_factory=dict)

    def settle(self, mapping: Values, subject: str) -> Layer:
        """Return the layer of *mapping*; what goes wrong is told at its place."""
        values: Values = {}
        typed: dict[str, str] = {}
        broken: set[str] = set()
        for name, value in mapping.items():
            parameter = self.rules.parameters.get(name)
            settled = value
            if parameter is None:
                if value is None:  # it is about to go, and would go unnoticed
                    self.unknown(mapping, name, subject)
                    broken.add(name)
            elif value.__class__ is str:
                if "$" in value:
                    problem, settled = self._resolved(parameter, value)
                    if has_reference(value):
                        typed[name] = value
                    if problem is not None:
                        self._tell(mapping, name, subject, problem)
                        broken.add(name)
            else:
                settled = _normal(parameter, value)
            values[name] = settled
        return Layer(values, typed, frozenset(broken))

    def unknown(
        self,
        mapping: Values,
        name: str,
        subject: str,
        entry: str | None = None,
        *,
        shared: bool = False,
    ) -> None:
        """Tell of a parameter that the API does not know."""
        from reconciler.manifest.explain import nearest

        why = self.rules.unaccepted.get(name)
        rule, message = "unknown-parameter", "unknown parameter"
        if why is not None:
            rule, message = "unaccepted-parameter", "this parameter is not accepted"
        mark = self.findings.document.key_mark(mapping, name)
        if self.findings.again(mark, rule, message, entry):
            return
        if why is None:
            meant = nearest(name, self.rules.parameters)
            why = f"did you mean {meant}?" if meant else "'reconciler schema' lists the parameters"
        self.findings.say(mark, f"{subject}.{name}", rule, message, why, entry=entry, shared=shared)

    def _resolved(self, parameter: Parameter, text: str) -> tuple[Unresolved | None, Any]:
        if parameter.name == "name" and has_reference(text):
            return Unresolved(
                0, "reference-in-name", "a name can't hold a reference: it is shown everywhere",
                "write the name itself, or leave it out",
            ), text  # fmt: skip
        resolved = self.resolver.resolve(text)
        if isinstance(resolved, Unresolved):
            return resolved, text
        if resolved.parts and not parameter.is_text and not is_whole(text):
            return Unresolved(
                0, "partial-reference", "a reference must be the whole value of this parameter",
                "write ${env:NAME} alone",
            ), text  # fmt: skip
        if self.tokens.found_in(resolved.text):
            return Unresolved(0, *self.tokens.words), text
        if resolved.parts and parameter.is_text:
            self.learn((*resolved.parts, Secret(resolved.text)))
        return None, _converted(parameter, resolved)

    def learn(self, secrets: Iterable[Secret]) -> None:
        for secret in secrets:
            self.secrets[secret] = None

    def _tell(self, mapping: Values, name: str, subject: str, problem: Unresolved) -> None:
        document = self.findings.document
        mark = document.value_mark(mapping, name)
        # The offset is exact where the string is typed as it is read, without escapes before.
        if document.source.text.startswith(mapping[name][: problem.offset + 1], mark):
            mark += problem.offset
        elif document.source.text.startswith(mapping[name][: problem.offset + 1], mark + 1):
            mark += 1 + problem.offset
        self.findings.say(mark, f"{subject}.{name}", problem.rule, problem.message, problem.hint)


def merge(defaults: Layer, own: Layer) -> Values:
    """Return what an entry sets: its own over the defaults, without what null takes away."""
    merged = {**defaults.values, **own.values}
    if None in merged.values():
        return {name: value for name, value in merged.items() if value is not None}
    return merged


def from_references(defaults: Layer, own: Layer) -> Mapping[str, str]:
    """Return the typed text of the parameters that references brought to an entry."""
    if not defaults.typed and not own.typed:
        return _NOTHING
    kept = {name: text for name, text in defaults.typed.items() if name not in own.values}
    return kept | dict(own.typed)


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
