"""Turns every way to fail into words on stderr and an exit code; no traceback, no secret."""

import re
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from reconciler.cli.invocation import Invocation
from reconciler.cli.pages import long_name
from reconciler.errors import ReconcilerError, UsageError

_OURS: Final = str(Path(__file__).parents[1]) + "/"


def fail(invocation: Invocation, message: str, hint: str | None, code: int) -> int:
    """Say on stderr what went wrong and what to do; return *code*."""
    click.echo(invocation.sieve.clean(f"error: {message}"), err=True)
    if hint:
        click.echo(invocation.sieve.clean(f"hint: {hint}"), err=True)
    return code


def answer(invocation: Invocation, error: ReconcilerError) -> None:
    """Answer on stdout and in the report, too, that the command failed, where `-o json` or a file
    for it asked for a document."""
    if invocation.output != "json" and invocation.report is None:
        return
    from reconciler.report.failure import Failure
    from reconciler.report.json import failure_json

    failure = Failure.of(error, seconds=time.monotonic() - invocation.started)
    if not failure.documented:
        return
    text = failure_json(failure, command=invocation.command, run_id=invocation.run_id)
    text = invocation.sieve.clean(text)
    if invocation.output == "json":
        click.echo(text, nl=False)
    if invocation.report is not None:
        _write(invocation.report, text)


def _write(report: Path, text: str) -> None:
    from reconciler.cli.outfile import write_atomically

    try:
        write_atomically(report, text)
    except OSError as error:  # the failure itself is what the exit code tells
        reason = error.strerror or type(error).__name__
        click.echo(f"warning: --report {report}: can't be written: {reason.lower()}", err=True)


def usage(invocation: Invocation, error: click.ClickException) -> int:
    """Say what is wrong with the call, in our words' form."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return 2
    if isinstance(error, click.NoSuchOption) and "token" in error.option_name:
        return fail(
            invocation,
            f"there is no option {error.option_name}: arguments are visible to every process",
            "set GREEN_API_PARTNER_TOKEN, or GREEN_API_PARTNER_TOKEN_FILE to a file's path",
            2,
        )
    if isinstance(error, click.NoSuchOption):  # click's own words differ from version to version
        near = f"did you mean {error.possibilities[0]}?" if error.possibilities else None
        said, meant = f"no such option {error.option_name!r}", _meant(error) or near
        return fail(invocation, said, meant or _see_help(error), 2)
    if (meant := _meant(error)) is not None:
        return fail(invocation, _lower(error.format_message()), meant, 2)
    said = _out_of_range(error, invocation) or error.format_message()
    return fail(invocation, _lower(said), _see_help(error), 2)


def _see_help(error: click.ClickException) -> str | None:
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else None
    return f"see `{where} --help`" if where else None


def _out_of_range(error: click.ClickException, invocation: Invocation) -> str | None:
    """Return which numbers an option takes that was given something else; None for other errors."""
    if not isinstance(error, click.BadParameter) or not isinstance(error.param, click.Option):
        return None
    kind = error.param.type
    if not isinstance(kind, click.IntRange | click.FloatRange):
        return None
    number = "a whole number" if isinstance(kind, click.IntRange) else "a number"
    above = "above" if kind.min_open else "of at least" if kind.max is None else "from"
    bounds = [] if kind.min is None else [f"{above} {kind.min}"]
    bounds += [] if kind.max is None else [f"to {kind.max}" if bounds else f"up to {kind.max}"]
    names = error.param.envvar or ()
    source = error.ctx.get_parameter_source(error.param.name or "") if error.ctx else None
    name = long_name(error.param)
    if source is ParameterSource.ENVIRONMENT:
        known = [names] if isinstance(names, str) else names
        name = next((each for each in known if each in invocation.env), name)
    return f"invalid value for {name}: {number} {' '.join(bounds)} is expected"


def unknown_command(word: str, commands: Mapping[str, str]) -> UsageError:
    """Return the error that says which command was meant by *word*."""
    from difflib import get_close_matches

    from reconciler.cli import synonyms

    near = get_close_matches(word, commands, n=1)
    hint = f"did you mean {near[0]}?" if near else "see `reconciler --help`"
    return UsageError(f"there is no command {word!r}", hint=synonyms.COMMANDS.get(word, hint))


def _meant(error: click.ClickException) -> str | None:
    """Return what somebody means who types what another tool takes."""
    match error:
        case click.NoSuchOption(option_name=name):
            from reconciler.cli import synonyms

            return synonyms.OPTIONS.get(name)
        case click.UsageError(message=message) if re.search(r"argument.*\.ya?ml\b", message):
            return "name a manifest with -f, as in -f instances.yaml"
        case _:
            return None


def crash(error: BaseException) -> ReconcilerError:
    """Say where the program broke, not with which values."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(_OURS)] or frames
    where = f" at {ours[-1].filename}:{ours[-1].lineno}" if ours else ""
    return ReconcilerError(
        f"the program itself failed: {type(error).__name__}{where}",
        hint="nothing recorded is lost, and the next run goes on from it; please report this line",
    )


def hush(invocation: Invocation) -> None:
    """Keep Python from printing exceptions with their messages, wherever they end: in a thread,
    in a destructor, or beyond the command line."""

    def last_words(error: BaseException | None) -> None:
        if error is not None and not isinstance(error, SystemExit):
            said = crash(error)
            fail(invocation, said.message, said.hint, said.exit_code)

    sys.excepthook = lambda kind, error, trace: last_words(error)
    sys.unraisablehook = lambda raised: last_words(raised.exc_value)
    threading.excepthook = lambda raised: last_words(raised.exc_value)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")
