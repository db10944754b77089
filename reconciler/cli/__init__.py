"""The command line: finds the command, and turns every way to end into an exit code."""

import gc
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from reconciler import __version__
from reconciler.cli.ci import tell_github
from reconciler.cli.failures import answer, crash, fail, hush, unknown_command, usage
from reconciler.cli.invocation import Invocation
from reconciler.cli.options.arguments import PathArgument, StateArgument
from reconciler.cli.pages import COMMANDS, MEANINGS, Commands, settings
from reconciler.cli.streams import settle_streams
from reconciler.errors import ReconcilerError, Terminated
from reconciler.places import Place


class _Commands(Commands):
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
            told = crash(error)
        told.__cause__ = told.__context__ = None
        raise told.with_traceback(None)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module
        from keyword import iskeyword

        module = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name  # `import` is one
        command: click.Command = import_module(f"reconciler.cli.commands.{module}").command
        command.short_help = COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in MEANINGS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise unknown_command(args[0], COMMANDS)
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings=settings(),
)
@click.option(
    "-f",
    "--manifest",
    "manifests",
    multiple=True,
    type=PathArgument(),
    metavar="PATH",
    help="As behind the command: reconciler -f eu.yaml apply.",
)
@click.option("-s", "--state", type=StateArgument(), metavar="PATH", help="Likewise.")
@click.version_option(__version__, "-V", "--version", message="reconciler %(version)s")
@click.pass_context
def cli(ctx: click.Context, manifests: tuple[Path, ...], state: Place | None) -> None:
    """Create GREEN-API instances from a manifest, each exactly once.

    A YAML manifest in git says which instances must exist; `plan` shows what is missing, and
    `apply` creates it and records ids and tokens in the state file beside the manifest.
    """
    invocation = ctx.ensure_object(Invocation)
    invocation.manifests, invocation.state = manifests, state


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    code = run()
    if os.environ.get("GITHUB_ACTIONS") == "true":
        tell_github(os.environ, code)
    with suppress(ReconcilerError):  # whatever was to be said is out already
        sys.stdout.flush()
        sys.stderr.flush()
    # Nothing is left to do at exit, and taking apart, object by object, what the system takes back
    # at once would be an eighth of a plan, and a tenth of a second after many creates.
    os._exit(code)


def run() -> int:
    """Run the command line, in a process that is meant for nothing else; return its exit code."""
    invocation = Invocation()
    hush(invocation)
    signal.signal(signal.SIGTERM, _terminate)
    gc.disable()  # a run that only reads and prints makes no cycles; creating turns it on again
    settle_streams()
    return _run(invocation)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise Terminated


def _run(invocation: Invocation) -> int:
    code: object = 0
    try:
        code = cli.main(prog_name="reconciler", standalone_mode=False, obj=invocation)
        sys.stdout.flush()  # an answer that can't be written has not been given
    except ReconcilerError as error:
        code = fail(invocation, error.message, error.hint, error.exit_code)
        answer(invocation, error)
    except click.ClickException as error:
        code = usage(invocation, error)
    except (KeyboardInterrupt, click.Abort) as stopped:
        _leave_the_line()
        code = fail(invocation, "; ".join(["stopped by SIGINT", *stopped.args]), None, 130)
    except Terminated:
        code = fail(invocation, "stopped by SIGTERM", None, 143)
    except Exception as error:  # the last line: a traceback could show a secret
        said = crash(error)
        code = fail(invocation, said.message, said.hint, said.exit_code)
    return code if isinstance(code, int) else 0


def _leave_the_line() -> None:
    """A terminal shows ^C where the cursor was, behind a question for example."""
    if sys.stderr.isatty():
        click.echo(err=True)
