"""How options are declared: each with its environment name, and a theme of them as one value."""

import os
from collections.abc import Callable, Sequence
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import Any, TypeVar

import click

from reconciler.cli.options.arguments import Amount

R = TypeVar("R")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def option(*names: str, **settings: Any) -> Decorator:
    """Declare an option whose environment name is RECONCILER_ and its long name."""
    long = next(name for name in names if name.startswith("--")).split("/")[0]
    settings.setdefault("envvar", "RECONCILER_" + long[2:].replace("-", "_").upper())
    settings.setdefault("show_envvar", True)
    if settings.get("multiple"):
        settings["help"] = settings["help"].replace(
            "may be repeated", f"may be repeated (in the environment: {_between(settings)})"
        )
    return click.option(*names, **settings)


def flag(name: str, text: str, *, to: str | None = None) -> Decorator:
    """Declare an option that is there or is not, handed on *to* another name where it says one."""
    return option(*filter(None, (name, to)), is_flag=True, help=text)


def choice(name: str, words: Sequence[str], text: str, *, to: str | None = None) -> Decorator:
    """Declare an option that is one of *words*, the first by default."""
    names, kind = filter(None, (name, to)), click.Choice(words)
    return option(*names, type=kind, default=words[0], show_default=True, help=text)


def number(name: str, default: int, least: int, text: str, *, most: int | None = None) -> Decorator:
    """Declare an option that is a whole number, from *least* to *most*."""
    kind = click.IntRange(least, most)
    return option(name, type=kind, default=default, show_default=True, metavar="N", help=text)


def seconds(name: str, default: float, text: str, **bounds: Any) -> Decorator:
    """Declare an option that is a time in seconds, 0 or more within *bounds*."""
    kind = Amount(min=0, **bounds)
    return option(name, type=kind, default=default, show_default=True, metavar="S", help=text)


def file(name: str, text: str, **settings: Any) -> Decorator:
    """Declare an option that is the path of a file."""
    kind = click.Path(path_type=Path)
    return option(name, type=kind, metavar="FILE", help=text, **settings)


def _between(settings: dict[str, Any]) -> str:
    """Return how an environment variable holds several values, by click's own rule."""
    splitter = getattr(settings.get("type"), "envvar_list_splitter", None)
    words = {None: "blanks between", os.pathsep: f"`{os.pathsep}` between"}
    return words.get(splitter, "one a line")


def theme(name: str, value: Callable[..., object], *options: Decorator) -> Decorator:
    """Return what adds *options* to a command, and hands them on as one *value* called *name*.

    The options that the value is made of are those that its parameters are called after.
    """
    parameters = signature(value).parameters

    def add(command: Callable[..., R]) -> Callable[..., R]:
        @wraps(command)
        def with_value(**given: Any) -> R:
            own = {each: given.pop(each) for each in parameters if each in given}
            return command(**{name: value(**own)}, **given)

        decorated: Callable[..., R] = with_value
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return add
