"""Where an instance may be asked. Its token is in the path of every request, so no host is taken on
trust: an answer that names another one must not carry it away."""

from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from reconciler.errors import UsageError
from reconciler.urls import check_url, is_loopback

TRUSTED: Final = ("green-api.com", "greenapi.com")


def instance_url(told: str | None, account_url: str, hosts: Collection[str] = ()) -> str | None:
    """Return the URL of an instance: *told* by its create, or the account's.

    None where *told* is no URL that a token may go to: https, at a host of GREEN-API, of *hosts*,
    below one of them, or the account's own. Plain http is for an account on this machine.
    """
    if told is None:
        return account_url
    try:
        url = check_url(told)
    except UsageError:
        return None
    host, home = _host(url), _host(account_url)
    if url.startswith("http:"):
        return url if is_loopback(home) else None  # check_url lets http stay on this machine
    allowed = (*TRUSTED, *(each.lower().strip(".") for each in hosts))
    below = any(host == suffix or host.endswith("." + suffix) for suffix in allowed)
    return url if below or host == home else None


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
