"""Why a value is refused, and what to type instead: from the error that jsonschema gives."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.manifest.quoting import show
from reconciler.manifest.rules import Parameter
from reconciler.manifest.scalars import resolve
from reconciler.schemas import Schema

HUSHED: Final = "the value"  # what a value is called that must not be shown
_WORDS: Final = {
    "integer": "an integer",
    "number": "a number",
    "string": "a string",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}
_EMPTY: Final = "write a value, or leave it out; where defaults set it, null takes that away"


@dataclass(frozen=True, slots=True)
class Reason:
    """A refusal in words. *rule* is the schema's keyword."""

    rule: str
    message: str
    hint: str | None


def explain(error: Any, shown: str | None = None, parameter: Parameter | None = None) -> Reason:
    """Put *error* into words.

    It is jsonschema's `ValidationError`. *shown* is what to call the value: as it stands in the
    manifest, or `HUSHED`.
    """
    keyword, schema, value = str(error.validator), error.schema, error.instance
    called = shown if shown is not None else show(value)
    match keyword:
        case "type":
            said, hint = _type(schema, value, called)
        case "enum":
            said, hint = _enum(schema, value, parameter)
            if shown is None and parameter and str(value).casefold() in parameter.synonyms:
                called = f'"{value}"'  # the schema's own word
        case "minimum" | "maximum":
            relation = "less" if keyword == "minimum" else "more"
            said = f"{relation} than the {keyword} of {error.validator_value}"
            hint = _range(schema)
        case "pattern":
            said = schema["patternErrorMessage"]
            hint = _EMPTY if value == "" and parameter else None
        case _:
            said, hint = f"against the rule {keyword}: {error.validator_value}", None
    hint = schema.get("x-reconciler-hint") or hint or (parameter.hint if parameter else None)
    return Reason(keyword, f"{called} is {said}", hint)


def _type(schema: Schema, value: Any, called: str) -> tuple[str, str | None]:
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    wanted = next(name for name in types if name != "null")
    return f"not {_WORDS[wanted]}", _type_hint(schema, wanted, value, called)


def _type_hint(schema: Schema, wanted: str, value: Any, called: str) -> str | None:
    if wanted in ("integer", "number"):
        number = _number(value)
        fits = number is not None and _within(schema, number)
        return f"write {number}, without quotes" if fits else _range(schema)
    if wanted == "string" and isinstance(value, bool | int | float):
        return "put it in quotes" if called == HUSHED else f'quote it: "{called}"'
    return None


def _number(value: Any) -> int | None:
    """Return the number that a quoted one, or one with separators, was meant to be."""
    if not isinstance(value, str):
        return None
    number = resolve(re.sub(r"(?<=\d)[_, '](?=\d{3}\b)", "", value.strip()))
    return number if type(number) is int else None


def _within(schema: Schema, number: int) -> bool:
    return bool(schema.get("minimum", number) <= number <= schema.get("maximum", number))


def _range(schema: Schema) -> str | None:
    if "minimum" in schema and "maximum" in schema:
        return f"write a number from {schema['minimum']} to {schema['maximum']}"
    return None


def _enum(schema: Schema, value: Any, parameter: Parameter | None) -> tuple[str, str | None]:
    booleans = parameter.booleans if parameter else {}
    allowed = [item for item in schema["enum"] if item is not None]
    if booleans:  # true and false are accepted, but not advertised
        allowed = [item for item in allowed if not isinstance(item, bool)]
    listed = ", ".join(map(show, allowed))
    words = [str(item) for item in allowed]
    synonyms: Mapping[str, str] = parameter.synonyms if parameter else {}
    word = str(value).strip().casefold()
    meant = next((item for item in words if item.casefold() == word), synonyms.get(word))
    hint = f"write {meant}" if meant else f"write {' or '.join(words)}"
    one_of = "one of " if len(allowed) > 1 else ""
    return schema.get("x-reconciler-say", f"not {one_of}{listed}"), hint
