"""`reconciler export`: ids and tokens for those who use the instances."""

import os
import re
import stat
import sys
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import click

from reconciler.cli.notices import warn_of_address
from reconciler.cli.options import keys
from reconciler.cli.options.api import identities
from reconciler.cli.options.common import Common, common, output
from reconciler.cli.options.declare import choice, file, flag, option
from reconciler.cli.outfile import check_writable, write_atomically
from reconciler.cli.pages import Command
from reconciler.cli.session import Session, build
from reconciler.errors import UsageError
from reconciler.logs import is_terminal
from reconciler.model import Recorded, Sealed, Token
from reconciler.secrets import Secret
from reconciler.state.model import State

if TYPE_CHECKING:
    from reconciler.report.export import Exported

_PRIVATE: Final = 0o600
_LISTED: Final = 10
_HEAD_START: Final = 0.5  # seconds
_SECRET_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


@click.command(cls=Command)
@common
@output("text", "json")
@choice(
    "--format",
    ["json", "dotenv", "k8s-secret", "env"],
    "env: lines for a shell; k8s-secret: the manifest of a Kubernetes Secret.",
    to="format_",
)
@option(
    "--only",
    multiple=True,
    metavar="GLOB",
    shell_complete=keys.fitting_records,
    help="Export only these keys; may be repeated.",
)
@identities
@file("--to", "Write to this file (mode 0600), and only if that changes it, instead of stdout.")
@flag("--show-secrets", "Print tokens even to a terminal.")
@option(
    "--secret-name",
    default="green-api-instances",
    show_default=True,
    metavar="NAME",
    help="The Secret's name, for k8s-secret.",
)
def command(
    common: Common,
    output: str,
    format_: str,
    only: tuple[str, ...],
    identities: tuple[Path, ...],
    to: Path | None,
    show_secrets: bool,
    secret_name: str,
) -> int:
    """Print ids and tokens of the recorded instances; asks nobody but the state.

    Sealed tokens need --identity. A token that is not known yet is null (json), unset (env) or
    left out (dotenv, k8s-secret), and warned of. With --to, -o json prints what was done.
    """
    session = build(common, offline=True)
    if to is not None:
        check_writable(to, "--to")
    chosen = _chosen(state := _state(session), only, session)
    if not show_secrets:
        _check_unseen(chosen, to)
    instances = _opened(chosen, state.api_url, identities)
    text = Secret(_renderer(format_, secret_name)(instances))
    _mask(instances, session, printed=to is None)
    if to is None:
        _print(text)
    elif output == "json":
        from reconciler.report.json import export_json

        changed = _write(to, text)
        session.answer(export_json(instances, state.pending, file=str(to), changed=changed))
    else:
        session.narrate(f"{to}: {'written' if _write(to, text) else 'unchanged'}")
    return 0


def _state(session: Session) -> State:
    state = session.state()
    if state.lineage:
        warn_of_address(session, state)
        return state
    raise UsageError(
        f"{session.common.state}: there is no state yet, and so nothing to export",
        hint="run `reconciler apply` first, or name the state with --state",
    )


def _chosen(state: State, only: Sequence[str], session: Session) -> dict[str, Recorded]:
    """Return what is exported; what is missing of it is said."""
    chosen = {
        key: recorded
        for key, recorded in state.instances.items()
        if not only or any(fnmatchcase(key, glob) for glob in only)
    }
    if only and not chosen:
        raise UsageError(
            f"--only {' --only '.join(only)}: no recorded instance has such a key",
            hint="`reconciler status` lists them",
        )
    _warn_of_gaps(state, chosen, session)
    return chosen


def _warn_of_gaps(state: State, chosen: dict[str, Recorded], session: Session) -> None:
    if state.pending:
        session.warn(f"not exported, for it may not exist: {_listed(state.pending)}")
    unknown = [key for key, recorded in chosen.items() if recorded.token is None]
    if unknown:
        session.warn(f"the token is not known, the next apply asks for it: {_listed(unknown)}")


def _listed(keys: Collection[str]) -> str:
    from reconciler.report.words import printable

    first = ", ".join(map(printable, list(keys)[:_LISTED]))
    return first if len(keys) <= _LISTED else f"{first} and {len(keys) - _LISTED} more"


def _check_unseen(chosen: dict[str, Recorded], to: Path | None) -> None:
    """Raise UsageError where somebody may look over the shoulder."""
    if any(recorded.token for recorded in chosen.values()) and _on_terminal(to):
        raise UsageError(
            "tokens would be shown on the terminal",
            hint="write them to a file with --to FILE, pipe them on, or add --show-secrets",
        )


def _on_terminal(to: Path | None) -> bool:
    if to is None:
        return is_terminal(sys.stdout)
    if not to.is_char_device():
        return False
    with to.open("w") as device:
        return device.isatty()


def _opened(
    chosen: dict[str, Recorded], api_url: str | None, identities: Sequence[Path]
) -> "list[Exported]":
    """Open every token, before anything is printed; raise UsageError, StateError."""
    from reconciler.report.export import Exported

    open_token = _opener(chosen, identities)
    return [
        Exported.of(key, recorded, open_token(key, recorded.token), api_url)
        for key, recorded in chosen.items()
    ]


def _opener(
    chosen: dict[str, Recorded], identities: Sequence[Path]
) -> "Callable[[str, Token | None], Secret | None]":
    sealed = [key for key, recorded in chosen.items() if isinstance(recorded.token, Sealed)]
    if sealed and not identities:
        raise UsageError(
            f"the tokens are sealed, that of {_listed(sealed)} for example",
            hint="give the identity of one of their recipients: --identity FILE",
        )
    if not sealed:
        return lambda _, token: None if isinstance(token, Sealed) else token
    from reconciler.state.sealing import make_opener

    opener = make_opener(identities)
    return lambda key, token: opener.open(token, entry=key) if isinstance(token, Sealed) else token


def _renderer(format_: str, secret_name: str) -> "Callable[[Sequence[Exported]], str]":
    from reconciler.report import export

    if format_ == "k8s-secret":
        if len(secret_name) > 253 or not _SECRET_NAME.fullmatch(secret_name):
            raise UsageError(
                "--secret-name: not a name that Kubernetes takes",
                hint="use small letters, digits, dots and hyphens, as in green-api-instances",
            )
        return partial(export.as_k8s_secret, name=secret_name)
    return {"json": export.as_json, "dotenv": export.as_dotenv, "env": export.as_env}[format_]


def _mask(instances: "Iterable[Exported]", session: Session, *, printed: bool) -> None:
    """Tell GitHub's runner, if there is one, which texts to hide in the job's log, before it can
    see them. It obeys such lines on stderr as well; so stdout stays what was asked for."""
    if session.env.get("GITHUB_ACTIONS") != "true":
        return
    from reconciler.report.ci import mask

    lines = [mask(each.token) for each in instances if each.token is not None]
    sys.stderr.write("".join(f"{line}\n" for line in lines))  # to the last byte, too
    if printed and _is_pipe(sys.stdout):
        time.sleep(_HEAD_START)  # the runner reads each stream on its own


def _is_pipe(stream: TextIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # closed, or replaced by something simpler
        return False


def _print(text: Secret) -> None:
    """Print *text* to the last byte: click would take out what looks like a colour."""
    try:
        text.reveal().encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        fits = False
    else:
        fits = True
    if not fits:  # raised here: that error shows the text
        raise UsageError(
            f"stdout is {sys.stdout.encoding}, which can't carry every character of a token",
            hint="write them to a file with --to FILE, or use --format json",
        )
    sys.stdout.write(text.reveal())


def _write(path: Path, text: Secret) -> bool:
    """Write *text*; return whether that was needed."""
    try:
        unchanged = _holds(path, text)
        if not unchanged:
            write_atomically(path, text.reveal(), mode=_PRIVATE)
        problem = None
    except OSError as error:  # raised below: the frames of this one hold the text
        problem = (error.strerror or "no reason given").lower()
    if problem is not None:
        raise UsageError(
            f"{path}: can't be written: {problem}",
            hint="name a file in a folder that can be written to",
        )
    return not unchanged


def _holds(path: Path, text: Secret) -> bool:
    """Whether the file is just so already, and nobody else's to read."""
    try:
        found = path.stat()
        private = stat.S_IMODE(found.st_mode) == _PRIVATE
        return (
            stat.S_ISREG(found.st_mode) and private and path.read_bytes() == text.reveal().encode()
        )
    except FileNotFoundError:
        return False
