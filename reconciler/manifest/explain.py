"""Why a parameter's value is refused, in words, and what to type instead."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.manifest.rules import Parameter, Rules
from reconciler.manifest.scalars import resolve
from reconciler.schemas import Schema

HUSHED: Final = "the value"  # what a value is called that must not be shown
_LONGEST: Final = 60
_KINDS: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (dict, "object"),
    (list, "array"),
)
_WORDS: Final = {
    "integer": "an integer",
    "number": "a number",
    "string": "a string",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Reason:
    rule: str
    message: str
    hint: str | None


def explain(rules: Rules, parameter: Parameter, value: Any, typed: str | None) -> Reason | None:
    """Return why *value* is refused, or None.

    *typed* is what stands in the manifest, or what to call a value that must not be shown.
    """
    alternatives = parameter.alternatives
    if any(rules.validator(schema).is_valid(value) for schema in alternatives):
        return None
    return explain_value(rules, alternatives, value, typed, parameter)


def explain_value(
    rules: Rules,
    alternatives: Iterable[Schema],
    value: Any,
    typed: str | None,
    parameter: Parameter | None = None,
) -> Reason:
    """Return why *value* matches none of *alternatives*: the one meant for its type counts."""
    candidates = list(alternatives)
    fitting = [schema for schema in candidates if _fits(schema, value)]
    schema = (fitting or candidates)[0]
    error = next(rules.validator(schema).errors(value))
    keyword = str(error.validator)
    shown = typed if typed is not None else show(value)
    words = {
        "type": _type,
        "enum": _enum,
        "minimum": _bound,
        "maximum": _bound,
        "pattern": _pattern,
    }.get(keyword, _other)
    reason = words(schema, keyword, value, shown, parameter)
    hint = parameter.hint if parameter else None
    return Reason(keyword, reason.message, schema.get("x-reconciler-hint") or reason.hint or hint)


def show(value: Any) -> str:
    """Return *value* as it may stand in a message: short, on one line, strings quoted."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 2] + '…"'


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the name that *word* was probably meant to be."""
    from difflib import get_close_matches

    by_core = {_core(name): name for name in known}
    core = _core(word)
    if core in by_core:
        return by_core[core]
    found = get_close_matches(core, by_core, n=1, cutoff=0.75)
    return by_core[found[0]] if found else None


def _core(word: str) -> str:
    return re.sub(r"[\W_]", "", word).casefold()


def _fits(schema: Schema, value: Any) -> bool:
    if "type" not in schema:
        return isinstance(value, str | bool | int)
    types = schema["type"]
    names = {types} if isinstance(types, str) else set(types)
    kind = next((name for python, name in _KINDS if isinstance(value, python)), "null")
    return kind in names or (kind in ("integer", "number") and bool(names & {"integer", "number"}))


def _type(
    schema: Schema, keyword: str, value: Any, shown: str, parameter: Parameter | None
) -> Reason:
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    wanted = next(name for name in types if name != "null")
    return Reason(
        keyword, f"{shown} is not {_WORDS[wanted]}", _type_hint(schema, wanted, value, shown)
    )


def _type_hint(schema: Schema, wanted: str, value: Any, shown: str) -> str | None:
    if wanted in ("integer", "number"):
        number = _number(value)
        fits = number is not None and _within(schema, number)
        return f"write {number}, without quotes" if fits else _range(schema)
    if wanted == "string" and isinstance(value, bool | int | float):
        return "put it in quotes" if shown == HUSHED else f'quote it: "{shown}"'
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


def _enum(
    schema: Schema, keyword: str, value: Any, shown: str, parameter: Parameter | None
) -> Reason:
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
    said = schema.get("x-reconciler-say", f"not {one_of}{listed}")
    return Reason(keyword, f"{shown} is {said}", hint)


def _bound(
    schema: Schema, keyword: str, value: Any, shown: str, parameter: Parameter | None
) -> Reason:
    relation = "less" if keyword == "minimum" else "more"
    return Reason(
        keyword, f"{shown} is {relation} than the {keyword} of {schema[keyword]}", _range(schema)
    )


def _pattern(
    schema: Schema, keyword: str, value: Any, shown: str, parameter: Parameter | None
) -> Reason:
    hint = "null takes a default away" if shown == '""' and parameter else None
    return Reason(keyword, f"{shown} is {schema['patternErrorMessage']}", hint)


def _other(
    schema: Schema, keyword: str, value: Any, shown: str, parameter: Parameter | None
) -> Reason:
    return Reason(keyword, f"{shown} is against the rule {keyword}: {schema[keyword]}", None)
