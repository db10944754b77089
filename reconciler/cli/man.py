"""Makes man pages of what the commands say of themselves."""

import inspect
import re
from collections.abc import Iterator

import click

from reconciler import __version__
from reconciler.cli.pages import EXAMPLES, EXIT_CODES, MEANINGS, grouped, path_of


def man_page(ctx: click.Context) -> str:
    """Return the page of the command of *ctx* as `man` reads it."""
    name = ctx.command_path.replace(" ", "-")
    short = ctx.command.get_short_help_str(200).rstrip(".")
    usage = " ".join(ctx.command.collect_usage_pieces(ctx))
    lines = [
        f'.TH "{name.upper()}" 1 "" "reconciler {__version__}" "User Commands"',
        ".SH NAME",
        f"{_plain(name)} \\- {_plain(short)}",
        ".SH SYNOPSIS",
        f"\\fB{_plain(ctx.command_path)}\\fR {_plain(usage)}",
        ".SH DESCRIPTION",
        *_prose(ctx.command.help or ""),
        *_commands(ctx),
        *_options(ctx),
        *_exit_codes(ctx),
        *_examples(ctx),
    ]
    return "\n".join(lines) + "\n"


def _commands(ctx: click.Context) -> Iterator[str]:
    if not isinstance(ctx.command, click.Group):
        return
    yield ".SH COMMANDS"
    for name in ctx.command.list_commands(ctx):
        if (inner := ctx.command.get_command(ctx, name)) is not None:
            yield from _item(f"{ctx.command_path} {name}", inner.get_short_help_str(200))


def _options(ctx: click.Context) -> Iterator[str]:
    yield ".SH OPTIONS"
    for section, options in grouped(ctx.command.get_params(ctx)):
        if section != "Options":
            yield f".SS {_plain(section)}"
        for option in options:
            if (record := option.get_help_record(ctx)) is not None:
                yield from _item(*record)


def _exit_codes(ctx: click.Context) -> Iterator[str]:
    codes = tuple(MEANINGS) if ctx.parent is None else EXIT_CODES.get(path_of(ctx), ())
    if codes:
        yield ".SH EXIT STATUS"
    for code in codes:
        yield from _item(str(code), MEANINGS[code])


def _examples(ctx: click.Context) -> Iterator[str]:
    examples = EXAMPLES.get(path_of(ctx), ())
    if examples:
        yield ".SH EXAMPLES"
    for what, call in examples:
        yield from (".PP", _plain(f"{what[:1].upper()}{what[1:]}:"), ".PP", ".RS 4", ".nf")
        yield from (_plain(call), ".fi", ".RE")


def _item(term: str, text: str) -> tuple[str, ...]:
    return (".TP", f"\\fB{_plain(term)}\\fR", _plain(text))


def _prose(text: str) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        yield ".PP"
        if paragraph.startswith("\b"):  # its lines are meant as they stand
            yield from (".nf", *map(_plain, paragraph.splitlines()[1:]), ".fi")
        else:
            yield _plain(" ".join(paragraph.split()))


def _plain(text: str) -> str:
    """Return *text* so that roff takes no character of it for an instruction."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    escaped = "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in escaped)
    return re.sub(r"^([.'])", r"\\&\1", escaped)
