"""The JSON Schemas that ship with the program, and what judges by them.

jsonschema-rs says whether a value is right: it takes 20 ms for what takes jsonschema over a second.
jsonschema says why not, and is imported for what was refused.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

    Reason = ValidationError  # for rooms that put it in their own words

_PACKAGE: Final = Path(__file__).parent
Schema = dict[str, Any]


def schema_text(name: str = "manifest") -> str:
    """Return the text of `schema/<name>.schema.json`."""
    return shipped_text(f"{name}.schema.json")


def shipped_text(file: str) -> str:
    """Return the text of *file* in the folder of the schemas."""
    # By hand: importlib.resources would open zip files, too, and imports what that needs (6 ms).
    shipped = _PACKAGE / "schema"
    if not shipped.is_dir():
        shipped = _PACKAGE.parent / "schema"  # a checkout: the folder beside the package
    return (shipped / file).read_text(encoding="utf-8")


@cache
def shipped_schema(name: str) -> Schema:
    """Return `schema/<name>.schema.json`; not to be changed."""
    import json

    schema: Schema = json.loads(schema_text(name))
    return schema


@cache
def annotations(word: str) -> Mapping[str, Any]:
    """Return what the manifest's schema says with x-reconciler-*word*, by parameter."""
    definitions, word = shipped_schema("manifest")["definitions"], f"x-reconciler-{word}"
    kinds = {
        name: {**definitions.get(each.get("x-reconciler-kind"), {}), **each}
        for name, each in definitions["parameters"]["properties"].items()
    }
    return {name: each[word] for name, each in kinds.items() if word in each}


class Validator:
    """A schema (draft-07), made ready to judge."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._verdict = _verdict(schema)

    def is_valid(self, value: Any) -> bool:
        """Tell whether *value* fits the schema."""
        try:
            return bool(self._verdict.is_valid(value))
        except UnicodeEncodeError:  # half a surrogate pair: Rust has no text that holds it
            return bool(self._reasons.is_valid(value))

    def errors(self, value: Any) -> "Iterator[ValidationError]":
        """Yield jsonschema's reasons why *value* does not fit the schema."""
        yield from self._reasons.iter_errors(value)

    @cached_property
    def _reasons(self) -> Any:
        return _reasoner()(self._schema)


@cache
def shipped_validator(name: str) -> Validator:
    """Return what judges by `schema/<name>.schema.json`."""
    return Validator(shipped_schema(name))


def _verdict(schema: Schema) -> Any:
    try:
        from jsonschema_rs import Draft7Validator
    except ImportError:  # no wheel for this machine: the same verdicts, fifty times slower
        return _reasoner()(schema)
    return Draft7Validator(schema)


@cache
def _reasoner() -> Any:
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import extend

    def pattern(validator: Any, pattern: str, value: Any, schema: Schema) -> "Iterator[Any]":
        """Judge by ECMAScript's `$`: Python's fits before a last newline, too."""
        del schema
        if validator.is_type(value, "string") and not re.search(_ending(pattern), value):
            yield ValidationError(f"{value!r} does not match {pattern!r}")

    return extend(Draft7Validator, {"pattern": pattern})  # type: ignore[no-untyped-call]


_ESCAPE_CLASS_OR_END: Final = r"\\.|\[(?:\\.|[^\]\\])*\]|\$"


def _ending(pattern: str) -> str:
    """Return *pattern* with `\\Z` for every `$` that is an anchor."""
    ends = {"$": r"\Z"}
    return re.sub(
        _ESCAPE_CLASS_OR_END, lambda found: ends.get(found.group(), found.group()), pattern
    )
