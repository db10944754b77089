"""Who asks the partner API: the token that is part of every request's URL.

It comes from the environment or a file, never from an argument.
"""

import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from reconciler.errors import UsageError
from reconciler.secrets import Secret

VARIABLE: Final = "GREEN_API_PARTNER_TOKEN"
FILE_VARIABLE: Final = "GREEN_API_PARTNER_TOKEN_FILE"

_VISIBLE: Final = re.compile(r"[!-~]+", re.ASCII)


def find_token(
    env: Mapping[str, str], *, online: bool, warn: Callable[[str], None]
) -> Secret | UsageError:
    """Return the partner token, or why there is none: the one reading of a run.

    A pipe can be read once, and may have no writer: only who is *online* opens one.
    """
    path = env.get(FILE_VARIABLE)
    if not online and path and not os.path.isfile(path):  # noqa: PTH113 - false where it can't be known
        return UsageError("the partner token's file is left alone")
    try:
        return read_token(env, warn=warn)
    except UsageError as error:
        return error


def read_token(env: Mapping[str, str], *, warn: Callable[[str], None]) -> Secret:
    """Return the partner token that *env* holds or whose file it names."""
    direct, path = env.get(VARIABLE), env.get(FILE_VARIABLE)
    if direct and path:
        raise UsageError(
            f"{VARIABLE} and {FILE_VARIABLE} are both set", hint="unset one of the two"
        )
    if path:
        return checked(_read(path, warn), FILE_VARIABLE)
    if direct is not None:
        return checked(direct, VARIABLE)
    if path is not None:
        raise UsageError(f"{FILE_VARIABLE} is empty", hint="let it name the token's file")
    raise UsageError(
        "there is no partner token",
        hint=f"set {VARIABLE}, or {FILE_VARIABLE} to the path of a file that holds it; "
        "to rehearse without one, start `reconciler sandbox`",
    )


_MOST: Final = 4096


def _read(path: str, warn: Callable[[str], None]) -> str:
    try:
        with Path(path).open("rb") as file:
            found = os.fstat(file.fileno())
            text = file.read(_MOST + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        why = error.strerror if isinstance(error, OSError) else None
        raise UsageError(
            # Not the path: people put the token itself there.
            f"the file that {FILE_VARIABLE} names can't be read: {(why or 'bad path').lower()}",
            hint=f"{FILE_VARIABLE} holds a path, {VARIABLE} holds a token",
        ) from None
    if exposed(found.st_mode, ours=found.st_uid == os.geteuid()):
        warn(f"{path}: others can read the partner token's file; run `chmod 600` on it")
    return text.decode("latin-1")


def exposed(mode: int, *, ours: bool) -> bool:
    """Whether more than its user can read a file; *ours*: this process owns it.

    What somebody else owns reaches us through its group: so do a service's credentials and a
    pod's secrets, on purpose. A pipe has no other readers.
    """
    return stat.S_ISREG(mode) and bool(mode & (0o077 if ours else 0o007))


def checked(text: str, variable: str) -> Secret:
    """Return the token that *text*, found in *variable*, is; raise UsageError if it is none."""
    token = text.rstrip()
    if not token:
        raise UsageError(f"the partner token from {variable} is empty", hint=f"set {variable}")
    if token[0] in "\"'" and token[-1] == token[0]:
        raise UsageError(
            f"the partner token from {variable} stands in quotes",
            hint="take them out: some readers of .env files keep them",
        )
    if len(token) > _MOST or not _VISIBLE.fullmatch(token):
        raise UsageError(
            f"the partner token from {variable} is not one word of printable ASCII",
            hint="copy it from the console again, without quotes, blanks or line breaks",
        )
    return Secret(token)
