"""Where the partner API is and who asks: its URL, and the token that is part of every request's.

The URL is https, or plain http that never leaves the machine. The token comes from the environment
or a file, never from an argument.
"""

import os
import re
import stat
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

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


# --- the URL -------------------------------------------------------------------------------

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_HINT: Final = "give it as in https://api.green-api.com (--api-url, GREEN_API_PARTNER_URL)"


def check_url(url: str) -> str:
    """Return *url* normalised: lower case, no default port, no slash at the end.

    A message never repeats *url*: a mistyped one may carry a password, or the partner token.
    """
    parts = _split(url)
    host = _host(parts)
    if parts.scheme == "http" and not is_loopback(host):
        raise _bad_url("plain http is only allowed to this machine", "use https://")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise _bad_url("it must not contain a user name or password")
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise _bad_url("it must not contain a query or a fragment")
    if "partner" in parts.path.lower().split("/"):
        raise _bad_url("it must end before /partner; the token never belongs into it")
    port = _port(parts)
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{port}{parts.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Tell whether *host* (no brackets) is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _split(url: str) -> SplitResult:
    if not _VISIBLE.fullmatch(url) or "\\" in url:
        raise _bad_url("it is empty or has blanks or characters that don't belong into a URL")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _bad_url("it is not a URL") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise _bad_url("it must begin with https://")
    return parts


_NAME: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise _bad_url("the host name is missing or not valid", "write other letters as xn--…")
    return host


def _port(parts: SplitResult) -> str:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise _bad_url("the port is not a number from 1 to 65535")
    return "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"


def _bad_url(what: str, hint: str = _HINT) -> UsageError:
    return UsageError(f"the URL of the partner API is not usable: {what}", hint=hint)
