"""Whether two URLs are one API: a state must not be settled by somebody else's account."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


def same_address(one: str, other: str) -> bool:
    """Whether *one* and *other* differ at most in case, default port, slashes at the end, or in
    how they call this machine."""
    return _normalised(one) == _normalised(other)


def is_on_loopback(url: str) -> bool:
    """Whether *url* is on this machine: a sandbox's, since the API's own never is."""
    return _normalised(url)[1] == "localhost"


def _normalised(url: str) -> tuple[str, str, int | None, str]:
    """Return what tells an address from others; a text that is no URL stands for itself."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return url, "", None, ""
    return parts.scheme, _host(parts.hostname or ""), port, parts.path.rstrip("/")


def _host(host: str) -> str:
    name = host.rstrip(".")
    try:
        return "localhost" if ip_address(name).is_loopback else name
    except ValueError:
        return name
