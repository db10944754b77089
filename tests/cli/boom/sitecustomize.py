"""Makes one function of a library fail, with secrets in its message.

Python imports a module of this name when it starts, if its folder is on PYTHONPATH. BOOM names
the function as `module:attribute` and the error; BOOM_TEXT is what the error says; the file
BOOM_MARK is made when it has struck. It also makes every logger as loud as it can be, and
asks rich to show all variables of a traceback.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

WHERE, KIND = os.environ["BOOM"].split()
MODULE, ATTRIBUTE = WHERE.split(":")
TEXT = os.environ["BOOM_TEXT"]
MARK = Path(os.environ["BOOM_MARK"])


def error() -> BaseException:
    """Return the error that is asked for; each kind shows *TEXT* in another way."""
    kinds: dict[str, Callable[[], BaseException]] = {
        "OSError": lambda: OSError(5, os.strerror(5), TEXT),
        "KeyError": lambda: KeyError(TEXT),
        "ValueError": lambda: ValueError(TEXT),
        "UnicodeDecodeError": lambda: UnicodeDecodeError("utf-8", TEXT.encode(), 0, 1, TEXT),
        "JSONDecodeError": lambda: json.JSONDecodeError(TEXT, TEXT, 0),
        "ExceptionGroup": lambda: ExceptionGroup(TEXT, [ValueError(TEXT)]),
        "RuntimeError": lambda: RuntimeError(TEXT),
        "MemoryError": lambda: MemoryError(TEXT),
        "SystemError": lambda: SystemError(TEXT),
    }
    return kinds[KIND]()


def boom(*args: Any, **kwargs: Any) -> NoReturn:
    MARK.touch()
    raise error() from ValueError(TEXT)


def arm(module: ModuleType) -> None:
    *path, name = ATTRIBUTE.split(".")
    owner = reduce(getattr, path, module)
    is_class = isinstance(getattr(owner, name), type)  # others inherit from it
    setattr(owner, name, type(name, (), {"__init__": boom}) if is_class else boom)


class Finder(importlib.abc.MetaPathFinder):
    """Arms the module right after its import."""

    asking = False

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != MODULE or self.asking:
            return None
        self.asking = True
        spec = importlib.util.find_spec(name)
        self.asking = False
        assert spec is not None and spec.loader is not None
        execute = spec.loader.exec_module

        def armed(module: ModuleType) -> None:
            execute(module)
            arm(module)

        spec.loader.exec_module = armed  # type: ignore[method-assign]
        return spec


if MODULE in sys.modules:
    arm(sys.modules[MODULE])
else:
    sys.meta_path.insert(0, Finder())
logging.basicConfig(level=0)
if os.environ.get("BOOM_RICH"):
    import rich.traceback

    rich.traceback.install(show_locals=True)
