"""The command line: finds the command, and turns every way to end into an exit code."""

import atexit
import gc
import os
import signal
import sys
import threading
from contextlib import suppress
from types import FrameType
from typing import Any, Final, NoReturn

import click

from reconciler import __version__
from reconciler.cli.streams import settle_streams
from reconciler.errors import ReconcilerError, Terminated

COMMANDS: Final = {
    "validate": "Check manifests; print every problem at once.",
    "plan": "Show what apply would do.",
    "apply": "Create what is missing, each exactly once, and record it.",
    "status": "Show what the state records.",
    "resolve": "Answer for a create whose fate is unknown.",
    "adopt": "Record live instances instead of creating them.",
    "export": "Print ids and tokens for consumers.",
    "state": "Look after the state file.",
    "schema": "Print the JSON Schema of the manifest.",
    "init": "Write a first manifest.",
    "sandbox": "Run a local partner API to try everything against.",
    "completion": "Print the shell completion script.",
}

EPILOG: Final = """\b
Exit codes:
  0  done: everything wanted is recorded (or shown, or valid)
  1  the program itself failed
  2  usage: unknown option, missing token, bad URL
  3  the manifest is invalid; nothing was tried
  4  plan --detailed-exitcode: something is to be created or resolved
  5  some entries were refused or not sent; the others are recorded
  6  the fate of some create is unknown; it is never re-sent blindly
  7  another run holds the state
  8  the state is corrupt, newer than this program, or can't be written
  9  a guard stopped the run before anything was sent
 10  the partner API refused the token
130, 143  stopped by SIGINT, SIGTERM, after recording what was in flight
"""


class _Commands(click.Group):
    """Imports a command when it is called: start-up pays for nothing else."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. What it raises comes alone: a debugger, or a traceback that shows
        variables, would find in the frames below whatever secrets the run held."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except ReconcilerError as error:
            told: Exception = error
        except Exception as error:
            told = _crash(error)
        told.__cause__ = told.__context__ = None
        raise told.with_traceback(None)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"reconciler.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f"did you mean {near[0]}?" if near else "see `reconciler --help`"
            raise click.UsageError(f"there is no command {args[0]!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="reconciler %(version)s")
def cli() -> None:
    """Create GREEN-API instances from a manifest, each exactly once.

    A YAML manifest in git says which instances must exist; `plan` shows what is missing, and
    `apply` creates it and records ids and tokens in the state file beside the manifest.
    """


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    _leave(run())


def run() -> int:
    """Run the command line, in a process that is meant for nothing else; return its exit code."""
    _hush()
    signal.signal(signal.SIGTERM, _terminate)
    gc.disable()  # a run that only reads and prints makes no cycles; creating turns it on again
    settle_streams()
    return _run()


def _leave(code: int) -> NoReturn:
    """Exit without taking apart, object by object, what the system takes back at once: that would
    be an eighth of a plan, and a tenth of a second after many creates."""
    atexit._run_exitfuncs()
    with suppress(ReconcilerError):  # whatever was to be said is out already
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise Terminated


def _run() -> int:
    code: object = 0
    try:
        code = cli.main(prog_name="reconciler", standalone_mode=False)
    except ReconcilerError as error:
        code = _fail(error.message, error.hint, error.exit_code)
    except click.ClickException as error:
        code = _usage(error)
    except (KeyboardInterrupt, click.Abort):
        _leave_the_line()
        code = _fail("stopped by SIGINT", None, 130)
    except Terminated:
        code = _fail("stopped by SIGTERM", None, 143)
    except Exception as error:  # the last line: a traceback could show a secret
        crash = _crash(error)
        code = _fail(crash.message, crash.hint, crash.exit_code)
    return code if isinstance(code, int) else 0


def _leave_the_line() -> None:
    """A terminal shows ^C where the cursor was, behind a question for example."""
    if sys.stderr.isatty():
        click.echo(err=True)


def _fail(message: str, hint: str | None, code: int) -> int:
    click.echo(_clean(f"error: {message}"), err=True)
    if hint:
        click.echo(_clean(f"hint: {hint}"), err=True)
    return code


def _clean(text: str) -> str:
    """Mask the partner token: people paste it where a file or an option is meant."""
    from reconciler.secrets import Secret, Sieve

    return Sieve([Secret(os.environ.get("GREEN_API_PARTNER_TOKEN", ""))]).clean(text)


def _usage(error: click.ClickException) -> int:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return 2
    if isinstance(error, click.NoSuchOption) and "token" in error.option_name:
        return _fail(
            f"there is no option {error.option_name}: arguments are visible to every process",
            "set GREEN_API_PARTNER_TOKEN, or GREEN_API_PARTNER_TOKEN_FILE to a file's path",
            2,
        )
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else None
    hint = f"see `{where} --help`" if where else None
    return _fail(_lower(error.format_message()), hint, 2)


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")


def _crash(error: BaseException) -> ReconcilerError:
    """Say where it broke, not with which values."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "reconciler" in frame.filename] or frames
    where = f" at {ours[-1].filename}:{ours[-1].lineno}" if ours else ""
    return ReconcilerError(
        f"the program itself failed: {type(error).__name__}{where}",
        hint="nothing recorded is lost, and the next run goes on from it; please report this line",
    )


def _hush() -> None:
    """Keep Python from printing exceptions with their messages, wherever they end: in a thread,
    in a destructor, or beyond `_run`."""
    sys.excepthook = lambda kind, error, trace: _last_words(error)
    sys.unraisablehook = lambda raised: _last_words(raised.exc_value)
    threading.excepthook = lambda raised: _last_words(raised.exc_value)


def _last_words(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, SystemExit):
        crash = _crash(error)
        _fail(crash.message, crash.hint, crash.exit_code)
