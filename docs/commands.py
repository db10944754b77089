"""The site's page of commands, made of the commands themselves: what `--help` says, on one page."""

import inspect
import re
from collections.abc import Iterator
from typing import Final

import click

from reconciler.cli import cli
from reconciler.cli.pages import EXAMPLES, MEANINGS, every_command, path_of

HEAD: Final = """\
# Commands

Each option beats its environment variable, which beats the default. stdout is the answer; logs,
progress, questions and errors go to stderr.
"""
COMMON: Final = ("manifest", "state", "log-format", "log-level", "log-file", "color")


def cli_markdown() -> str:
    """Return the page."""
    context = click.Context(cli, info_name="reconciler")
    parts = [HEAD, *_overview(context), *_common(context)]
    for command in every_command(context):
        parts += _section(command)
    parts += ["## Exit codes\n", _exit_codes()]
    return "\n".join(parts)


def _exit_codes() -> str:
    return _block("\n".join(f"{code:>3}  {meaning}" for code, meaning in MEANINGS.items()))


def _overview(context: click.Context) -> Iterator[str]:
    yield "| command | does |\n| --- | --- |"
    for command in every_command(context):
        name = command.command_path.removeprefix("reconciler ")
        does = _cell(command.command.get_short_help_str(200))
        yield f"| [`{name}`](#{_anchor(command)}) | {does} |"
    yield ""


def _common(context: click.Context) -> Iterator[str]:
    """The options that most commands share, once."""
    plan = next(inner for inner in every_command(context) if inner.info_name == "plan")
    yield "## Common options\n"
    yield "Commands that read a manifest or a state have these:\n"
    yield from _table(plan, [option for option in _options(plan) if _long(option) in COMMON])


def _section(context: click.Context) -> Iterator[str]:
    yield f"## {context.command_path}\n"
    yield _block(
        f"{context.command_path} {' '.join(context.command.collect_usage_pieces(context))}"
    )
    yield _prose(context.command.help or "")
    own = [option for option in _options(context) if _long(option) not in COMMON]
    if len(own) < len(_options(context)):
        yield "And the [common options](#common-options).\n"
    if own:
        yield from _table(context, own)
    if examples := EXAMPLES.get(path_of(context)):
        yield _block("\n".join(f"{call}  # {what}" for what, call in examples))


def _options(context: click.Context) -> list[click.Option]:
    params = context.command.get_params(context)
    options = [param for param in params if isinstance(param, click.Option) and not param.hidden]
    return [option for option in options if _long(option) != "help"]


def _long(option: click.Option) -> str:
    return next(name for name in option.opts if name.startswith("--")).removeprefix("--")


def _table(context: click.Context, options: list[click.Option]) -> Iterator[str]:
    yield "| option | environment | default | |\n| --- | --- | --- | --- |"
    for option in options:
        extra = option.get_help_extra(context)
        help_text, _, said = (option.help or "").partition("  [default: ")
        default = said.rstrip("]") or extra.get("default", "")
        limits = f" ({extra['range']})" if "range" in extra else ""
        names = ", ".join(f"`{name}`" for name in option.opts)
        value = "" if option.is_flag else f" `{option.make_metavar(context)}`"
        variables = ", ".join(f"`{name}`" for name in extra.get("envvars", ()))
        cells = (_cell(names + value), variables, _cell(default), _cell(help_text + limits))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _prose(text: str) -> str:
    """Return a help text as Markdown; its `\\b` paragraphs keep their lines."""
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return "\n".join(
        _block(paragraph.removeprefix("\b\n")) if paragraph.startswith("\b") else f"{paragraph}\n"
        for paragraph in paragraphs
    )


def _block(text: str) -> str:
    return f"```\n{text}\n```\n"


def _cell(text: str) -> str:
    return re.sub(r"([|*])", r"\\\1", re.sub(r"\s+", " ", text))


def _anchor(context: click.Context) -> str:
    return context.command_path.replace(" ", "-")
