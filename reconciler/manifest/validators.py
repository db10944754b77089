"""A schema made ready to judge: the home of jsonschema-rs, and of jsonschema for machines that
have no wheel of it."""

from collections.abc import Iterator
from typing import Any, Protocol


class Validator(Protocol):
    def is_valid(self, instance: Any) -> bool: ...
    def iter_errors(self, instance: Any) -> Iterator[Any]: ...


def compiled(schema: dict[str, Any]) -> Validator:
    """Return what judges by *schema*, which is draft-07."""
    try:
        from jsonschema_rs import Draft7Validator
    except ImportError:  # no wheel for this machine: the same verdicts, fifty times slower
        from jsonschema import Draft7Validator  # type: ignore[assignment]  # alike where it counts
    return Draft7Validator(schema)
