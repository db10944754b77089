"""What is wrong with a state or a journal's line, by the schema that ships: the place and the
reason, never the value that stands there, which may be a token."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from reconciler.errors import StateError
from reconciler.schemas import Validator, shipped_schema
from reconciler.state.strictjson import RESTORE, shown

if TYPE_CHECKING:
    from reconciler.schemas import Reason

Where = tuple[str, ...]  # the file, then the keys that lead to a value


def check(document: object, definition: str | None, where: Where) -> None:
    """Raise StateError unless *document* is a state, or what the schema defines as *definition*."""
    judge = _judge(definition)
    if not judge.is_valid(document):
        raise _refused(next(judge.errors(document)), where)


def wrong(where: Where, problem: str, hint: str = RESTORE) -> StateError:
    """Return the error that names the place."""
    source, *path = where
    place = f"{source}: {'.'.join(map(shown, path))}" if path else source
    return StateError(f"{place}: {problem}", hint=hint)


def kind(value: object) -> str:
    """Return what a message calls a value of this kind."""
    return _KINDS.get(type(value), "something else")


_KINDS: Final[Mapping[type, str]] = {
    str: "a text",
    int: "a number",
    float: "a fraction",
    bool: "true or false",
    type(None): "null",
    list: "a list",
    dict: "an object",
}
_TYPES: Final[Mapping[str, str]] = {
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
    "array": "a list",
    "object": "an object",
}


@cache
def _judge(definition: str | None) -> Validator:
    schema = shipped_schema("state")
    if definition is None:
        return Validator(schema)
    return Validator({"$ref": f"#/definitions/{definition}", "definitions": schema["definitions"]})


def _refused(error: "Reason", where: Where) -> StateError:
    """Put jsonschema's *error* in our words: its own would repeat the value."""
    telling: Any = _most_telling(error)
    place = (*where, *map(str, telling.absolute_path))
    value, rule = telling.instance, telling.validator_value
    match telling.validator:
        case "required":
            return wrong((*place, next(name for name in rule if name not in value)), "missing")
        case "additionalProperties":
            unknown = next(name for name in value if name not in telling.schema["properties"])
            hint = "remove it, or mend its name"
            return wrong((*place, unknown), "not a name that this file has", hint)
    return wrong(place, _problem(telling.validator, rule, value, telling.schema))


def _problem(keyword: str, rule: Any, value: object, schema: Mapping[str, Any]) -> str:
    """Say how *value* breaks the *rule* that *schema* has under *keyword*."""
    match keyword:
        case "type":
            problem = f"expected {_either(_listed(rule))}, not {kind(value)}"
        case "anyOf":
            types = [name for branch in rule for name in _listed(branch["type"])]
            problem = f"expected {_either(types)}, not {kind(value)}"
        case "enum":
            problem = f"none of {', '.join(rule)}"
        case "pattern":
            problem = f"expected something such as {schema['examples'][0]}"
        case "minimum":
            problem = f"less than {rule}"
        case "minLength":
            problem = "empty"
        case _:
            problem = f"breaks the schema's rule {keyword!r}"
    return problem


def _most_telling(error: "Reason") -> "Reason":
    """Of alternatives, return what is wrong with the one that is of the right kind, if one is."""
    branches: dict[Any, list[Reason]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    for errors in branches.values():
        if not any(inner.validator == "type" and not inner.path for inner in errors):
            return _most_telling(errors[0])
    return error


def _listed(types: str | list[str]) -> list[str]:
    return [types] if isinstance(types, str) else types


def _either(types: list[str]) -> str:
    *most, last = [_TYPES[name] for name in types]
    return f"{', '.join(most)} or {last}" if most else last
