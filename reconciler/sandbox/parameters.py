"""Which parameters the API takes and what it takes for them, as the manifest's schema says it.

The schema describes what a person may write; the wire is stricter (only the strings "yes" and
"no", never null), so the rules are read out of the schema instead of applying it as it is.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from reconciler.model import Scalar


@dataclass(frozen=True, slots=True)
class YesNo:
    """The strings "yes" and "no", nothing else."""


@dataclass(frozen=True, slots=True)
class Whole:
    """An integer from *minimum* to *maximum*, both included; None is unbounded."""

    minimum: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True)
class Text:
    """Any string."""


Rule = YesNo | Whole | Text
Parameters = Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class BadBody:
    """Why a request's body is not taken; *reason* quotes names, never values."""

    reason: str


def read_parameters(schema_text: str) -> Parameters:
    """Return the rule of every parameter that an entry of the manifest may set."""
    schema = json.loads(schema_text)
    entries = schema["properties"]["instances"]
    places = [entries.get("additionalProperties"), *entries.get("patternProperties", {}).values()]
    return {
        name: _rule(schema, fragment)
        for place in places
        for node in _closure(schema, place)
        for name, fragment in node.get("properties", {}).items()
    }


def check_body(
    body: object, parameters: Parameters, *, tolerant: bool
) -> dict[str, Scalar] | BadBody:
    """Return the parameters that *body* sets, or what is wrong with it.

    A *tolerant* check drops parameters that it doesn't know instead of refusing them.
    """
    if not isinstance(body, dict):
        return BadBody("the body must be a JSON object")
    unknown = [name for name in body if name not in parameters]
    if unknown and not tolerant:
        return BadBody(f"unknown parameter {unknown[0][:80]!r}")
    known = {name: value for name, value in body.items() if name in parameters}
    if not known:
        return BadBody("at least one parameter must be given")
    for name, value in known.items():
        if wrong := _wrong(parameters[name], value):
            return BadBody(f"{name} {wrong}")
    return known


def default_of(rule: Rule) -> Scalar:
    """Return what getSettings shows for a parameter that was never set."""
    match rule:
        case YesNo():
            return "no"
        case Whole(minimum, _):
            return minimum or 0
        case Text():
            return ""
        case _:
            assert_never(rule)


def _wrong(rule: Rule, value: object) -> str | None:
    match rule:
        case YesNo():
            return None if value in ("yes", "no") else 'must be the string "yes" or "no"'
        case Text():
            return None if isinstance(value, str) else "must be a string"
        case Whole(minimum, maximum):
            if not isinstance(value, int) or isinstance(value, bool):
                return "must be an integer"
            if minimum is not None and value < minimum:
                return f"must be at least {minimum}"
            if maximum is not None and value > maximum:
                return f"must be at most {maximum}"
            return None
        case _:
            assert_never(rule)


def _rule(schema: Mapping[str, Any], fragment: object) -> Rule:
    nodes = list(_closure(schema, fragment))
    if any("yes" in node.get("enum", ()) for node in nodes):
        return YesNo()
    for node in nodes:
        if "integer" in _types(node):
            return Whole(node.get("minimum"), node.get("maximum"))
    return Text()


def _types(node: Mapping[str, Any]) -> list[str]:
    said = node.get("type", [])
    return [said] if isinstance(said, str) else said


def _closure(schema: Mapping[str, Any], node: object) -> Iterator[Mapping[str, Any]]:
    """Yield *node* and every schema that it is put together from."""
    if not isinstance(node, dict):
        return
    yield node
    if "$ref" in node:
        target: Any = schema
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        yield from _closure(schema, target)
    for word in ("allOf", "anyOf", "oneOf"):
        for part in node.get(word, ()):
            yield from _closure(schema, part)
