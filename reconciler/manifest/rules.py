"""What the schema says, as values: the only way from the schema into the program.

The annotation keywords that the schema adds to draft-07:

- `x-reconciler-secret`: the value is never shown.
- `x-reconciler-booleans`: what `true` and `false` stand for.
- `x-reconciler-url`: the value is a URL that must be reachable.
- `x-reconciler-synonyms`: what people write for an allowed value, for the hint.
- `x-reconciler-afterCreation`: the API does not take it with a create, only for an instance.
- `x-reconciler-reset`: what the API is sent to set the parameter back.
- `x-reconciler-say`: what a refused value is, where the keyword's own words would not help.
- `x-reconciler-hint`: the hint of every problem with the value.
- `x-reconciler-advice`: combinations that are allowed and worth a warning.
- `x-reconciler-empty`: what to say of an entry that sets nothing.
- `x-reconciler-unaccepted`: names that are known, and why they are not accepted.
- `x-reconciler-reference`: the second alternative is there for references only.
- `x-reconciler-kind`: the definition that judges the value once references are resolved. No `$ref`:
  beside that a title or an example of the parameter's own would not count.

`schema/vocabulary.json` lists them for validators that want to know every keyword.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from reconciler.manifest.quoting import nearest
from reconciler.schemas import Schema, Validator, shipped_schema

_X: Final = "x-reconciler-"
LIFECYCLE: Final = "lifecycle"  # beside the parameters of an entry, and none


@dataclass(frozen=True, slots=True)
class Advice:
    """A warning: *when* the value, or the whole entry, matches."""

    rule: str
    at: str
    when: Schema
    say: str
    hint: str | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. *schema* judges its value, references resolved.

    *is_text* tells whether any string may do; numbers and choices take a reference as a whole only.
    """

    name: str
    title: str
    description: str
    schema: Schema
    secret: bool
    booleans: Mapping[bool, str]
    synonyms: Mapping[str, str]
    hint: str | None
    advice: tuple[Advice, ...]
    is_text: bool
    is_number: bool
    is_url: bool
    after_creation: bool


class Rules:
    """The schema of the manifest, taken apart once a run."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        parameters = schema["definitions"]["parameters"]
        self.parameters = {
            name: self._parameter(name, part) for name, part in parameters["properties"].items()
        }
        self.unaccepted: Mapping[str, str] = parameters.get(_X + "unaccepted", {})
        entry = schema["definitions"]["entry"]
        self.empty: Mapping[str, str] = entry[_X + "empty"]
        self.advice = tuple(Advice(**item) for item in entry.get(_X + "advice", ()))
        self.key: Schema = schema["definitions"]["key"]
        said = schema["definitions"][LIFECYCLE]["properties"]
        self.lifecycle = {name: self._parameter(name, part) for name, part in said.items()}
        self.secret = frozenset(p.name for p in self.parameters.values() if p.secret)
        self.uncreated = frozenset(p.name for p in self.parameters.values() if p.after_creation)
        self._validators: dict[int, Validator] = {}
        self._key = Validator(self.key)
        self._nearest: dict[str, str | None] = {}

    @property
    def top(self) -> Schema:
        """The schemas of the keys at the top of a manifest, by name."""
        return dict(self._schema["properties"])

    @cached_property
    def clean(self) -> Validator:
        """Accept all entries of a file at once, by key: right, and with nothing to advise."""
        nothing = {"propertyNames": {"enum": ["name", *sorted(self.uncreated)]}}  # to create with
        worth_a_warning = [item.when for item in self.advice]
        for parameter in self.parameters.values():
            worth_a_warning += [
                {"required": [item.at], "properties": {item.at: item.when}}
                for item in parameter.advice
            ]
        return Validator(
            {
                "propertyNames": self.key,
                "additionalProperties": {
                    "type": "object",
                    "properties": {name: each.schema for name, each in self.parameters.items()},
                    "additionalProperties": False,
                    "minProperties": 1,
                    "not": {"anyOf": [nothing, *worth_a_warning]},
                },
            }
        )

    @cached_property
    def head(self) -> Validator:
        """Accept what a manifest says beside parameters: those are for `clean` to judge."""
        head = {name: part for name, part in self._schema.items() if name != "definitions"}
        return Validator(head | {"properties": self.top | {"defaults": {}, "instances": {}}})

    def validator(self, schema: Schema) -> Validator:
        """Return the validator of a part of the schema that refers to no other, compiled once."""
        known = self._validators.get(id(schema))
        if known is None:
            known = self._validators[id(schema)] = Validator(schema)
        return known

    def judge(self, name: str) -> Validator:
        """Return the validator of the parameter *name*."""
        return self.validator(self.parameters[name].schema)

    def is_key(self, key: str) -> bool:
        """Whether *key* may be the key of an entry."""
        return self._key.is_valid(key)

    def shown(self, path: list[str]) -> list[str]:
        """Return the first keys of *path* that are certainly no secret: names that the schema
        knows, and keys that entries may have."""
        known = [path[0] in self.top]
        match path:
            case ["instances", key, *rest]:
                known += [self.is_key(key), *(self.knows(name) for name in rest[:1])]
                known += [name in self.lifecycle for name in rest[1:2] if rest[0] == LIFECYCLE]
            case ["defaults", name, *_]:
                known.append(self.knows(name))
            case ["state", name, *_]:
                known.append(name in self.top["state"]["properties"])
        return path[: next((i for i, fine in enumerate(known) if not fine), len(known))]

    def subject(self, owner: str, name: str = "") -> str:
        """Call the parameter *name* of an entry, or of the defaults, as far as that may be told."""
        path = [owner, name] if owner == "defaults" else ["instances", owner, name]
        shown = self.shown(path if name else path[:-1])
        return ".".join(shown[1:] if len(shown) > 1 and shown[0] == "instances" else shown)

    def nearest(self, name: str) -> str | None:
        """Return the parameter that *name* was certainly meant to be."""
        if name not in self._nearest:
            self._nearest[name] = nearest(name, [*self.parameters, LIFECYCLE])
        return self._nearest[name]

    def knows(self, name: str) -> bool:
        """Whether the schema knows a parameter of this name, or says why there is none."""
        return name in self.parameters or name in self.unaccepted or name == LIFECYCLE

    def _parameter(self, name: str, schema: Schema) -> Parameter:
        kind = self._schema["definitions"].get(schema.get(_X + "kind"), {})
        said = {k.removeprefix(_X): v for k, v in (kind | schema).items() if k.startswith(_X)}
        resolved = kind or _without_references(schema)
        booleans, types = said.get("booleans", {}), resolved.get("type", [])
        return Parameter(
            name=name,
            title=schema["title"],
            description=schema["description"],
            schema=resolved,
            secret=said.get("secret", False),
            booleans={True: booleans["true"], False: booleans["false"]} if booleans else {},
            synonyms=said.get("synonyms", {}),
            hint=said.get("hint"),
            advice=tuple(Advice(at=name, **item) for item in said.get("advice", ())),
            is_text="string" in types,
            is_url=said.get("url", False),
            is_number="integer" in types,
            after_creation=said.get("afterCreation", False),
        )


def _without_references(schema: Schema) -> Schema:
    """Return what a value must be once a reference is resolved: the first alternative."""
    first: Schema = schema["oneOf"][0] if schema.get(_X + "reference") else schema
    return first


def load_rules() -> Rules:
    """Read the schema that ships with the program."""
    return Rules(shipped_schema("manifest"))
