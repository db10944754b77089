"""What the API takes for its parameters: the manifest's schema, made as strict as the wire.

A person may write more in a manifest than a request may hold: here yes/no values are the strings
"yes" and "no" and nothing else, and null takes nothing away.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.model import Scalar
from reconciler.schemas import Schema, Validator

_YES_NO: Final[Schema] = {
    "enum": ["yes", "no"],
    "default": "no",
    "title": 'the string "yes" or "no"',
}
_TEXT: Final[Schema] = {"type": "string", "default": "", "title": "a string"}


@dataclass(frozen=True, slots=True)
class BadBody:
    """Why a request's body is not taken; *reason* quotes names, never values."""

    reason: str


class Parameters:
    """The parameters of a method, each with the JSON Schema of its values on the wire."""

    def __init__(self, properties: Mapping[str, Schema]) -> None:
        self._properties = dict(properties)
        self._validator = Validator({"properties": self._properties})

    def without(self, *names: str) -> "Parameters":
        """Return the others."""
        others = {key: said for key, said in self._properties.items() if key not in names}
        return Parameters(others)

    def defaults(self) -> dict[str, Scalar]:
        """Return what getSettings shows for parameters that were never set."""
        return {name: said["default"] for name, said in self._properties.items()}

    def check(self, body: object, *, tolerant: bool) -> dict[str, Scalar] | BadBody:
        """Return the parameters that *body* sets, or what is wrong with it.

        A *tolerant* check drops parameters that it doesn't know instead of refusing them.
        """
        if not isinstance(body, dict):
            return BadBody("the body must be a JSON object")
        unknown = [name for name in body if name not in self._properties]
        if unknown and not tolerant:
            return BadBody(f"unknown parameter {unknown[0][:80]!r}")
        known = {name: value for name, value in body.items() if name in self._properties}
        if not known:
            return BadBody("at least one parameter must be given")
        if not self._validator.is_valid(known):
            name = str(next(self._validator.errors(known)).path[0])
            return BadBody(f"{name} must be {self._properties[name]['title']}")
        return known


def read_parameters(manifest: Schema) -> Parameters:
    """Return the parameters of the API, by the *manifest*'s schema."""
    parameters = manifest["definitions"]["parameters"]["properties"]
    return Parameters(
        {
            name: _on_the_wire(list(_closure(manifest, fragment)))
            for name, fragment in parameters.items()
        }
    )


def _on_the_wire(nodes: list[Schema]) -> Schema:
    if any("yes" in (*node.get("enum", ()), *node.get("examples", ())) for node in nodes):
        return _YES_NO
    for node in nodes:
        if "integer" in node.get("type", ()):
            return _integer(node.get("minimum"), node.get("maximum"))
    return _TEXT


def _integer(low: int | None, high: int | None) -> Schema:
    said = [
        *([] if low is None else [f"at least {low}"]),
        *([] if high is None else [f"at most {high}"]),
    ]
    bounds = {"minimum": low, "maximum": high}
    return {
        "type": "integer",
        **{word: bound for word, bound in bounds.items() if bound is not None},
        "default": low or 0,
        "title": ", ".join(["an integer", *said]),
    }


def _closure(schema: Schema, node: object) -> Iterator[Schema]:
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
