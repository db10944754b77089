"""Modules of the standard library that a library imports, and that a run hardly ever needs."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import Any, Final

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@contextmanager
def spared(
    name: str, *, meanwhile: Mapping[str, Any] = _NOTHING, always: Mapping[str, Any] = _NOTHING
) -> Iterator[None]:
    """Let what is imported in the block have the module *name* only once it uses it.

    What it asks that module for as it is imported is *meanwhile*, and what it asks for in every
    run, *always*. Anything else imports the module.
    """
    if name in sys.modules:
        yield
        return
    stand_in = sys.modules[name] = _StandIn(name)
    vars(stand_in).update({**meanwhile, **always})
    try:
        yield
    finally:
        for each in meanwhile:
            delattr(stand_in, each)
        stand_in.step_aside()


class _StandIn(ModuleType):
    def step_aside(self) -> None:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # the import system asks whether this is a package
            raise AttributeError(name)
        self.step_aside()
        return getattr(import_module(self.__name__), name)
