"""Where the partner API may be: https, or plain http that never leaves the machine."""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from reconciler.errors import UsageError

_VISIBLE: Final = re.compile(r"[!-~]+", re.ASCII)
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_HINT: Final = (
    "give it as in https://api.green-api.com (--api-url, GREEN_API_PARTNER_URL, or account.url)"
)


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
