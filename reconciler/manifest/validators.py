"""A schema made ready to judge: the home of jsonschema-rs, and of jsonschema for machines that
have no wheel of it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any, Final, Protocol

_MAIL: Final = "email.utils"


class Validator(Protocol):
    def is_valid(self, instance: Any) -> bool: ...
    def iter_errors(self, instance: Any) -> Iterator[Any]: ...


def compiled(schema: dict[str, Any]) -> Validator:
    """Return what judges by *schema*, which is draft-07."""
    try:
        with _mail_later():
            from jsonschema_rs import Draft7Validator
    except ImportError:  # no wheel for this machine: the same verdicts, fifty times slower
        from jsonschema import Draft7Validator  # type: ignore[assignment]  # alike where it counts
    return Draft7Validator(schema)


@contextmanager
def _mail_later() -> Iterator[None]:
    """Let jsonschema-rs do without the standard library's mail while it is imported.

    It reads with it, each time, the date on which it was built, and nobody asks for that. What
    comes along, sockets among it, is half of the import.
    """
    if _MAIL in sys.modules:
        yield
        return
    sys.modules[_MAIL] = _Mail(_MAIL)
    try:
        yield
    finally:
        _step_aside()


def _step_aside() -> None:
    if isinstance(sys.modules.get(_MAIL), _Mail):
        del sys.modules[_MAIL]


class _Mail(ModuleType):
    """Leaves the date a text, as long as it stands in; for anything else it makes way."""

    @staticmethod
    def parsedate_to_datetime(data: str) -> Any:
        if isinstance(sys.modules.get(_MAIL), _Mail):
            return data
        return import_module(_MAIL).parsedate_to_datetime(data)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import system asks whether this is a package
            raise AttributeError(name)
        _step_aside()
        return getattr(import_module(_MAIL), name)
