"""Whether a webhook URL can be called at all, and from outside."""

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from reconciler.manifest.characters import hidden

_NO_URL: Final = "not an http:// or https:// URL with a host"
_LABEL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\Z")
_NO_URL_CHARACTER: Final = re.compile(r"[\s\"'<>\\^`{|}\u201c\u201d\u2018\u2019]")
_LOCAL: Final = (".local", ".internal", ".localhost", ".lan", ".home.arpa", ".invalid", ".test")


def wrong_url(text: str) -> str | None:
    """Say what *text* is instead of a URL that can be called, never quoting it."""
    if (unseen := hidden(text, blanks=True)) is not None:
        return f"not a URL: the character {unseen} stands in it"
    try:
        parts = urlsplit(text)
    except ValueError:
        return f"{_NO_URL} that can exist"
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return _NO_URL
    if not _can_exist(parts.netloc):
        return f"{_NO_URL} that can exist"
    if _NO_URL_CHARACTER.search(text):
        return "not a URL: a blank, a quote or a bracket stands in it"
    return None


def is_out_of_reach(text: str) -> bool:
    """Whether the host of the valid URL *text* is one that only its own network knows."""
    return _is_local(urlsplit(text).netloc)


def host_of(text: str) -> str:
    """Return what stands where the host of *text* should, however odd it is."""
    rest = text.partition("://")[2] or text
    return re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]


@lru_cache(maxsize=1024)  # most entries name the same few hosts
def _can_exist(netloc: str) -> bool:
    parts = SplitResult("https", netloc, "", "", "")
    try:
        host, port = parts.hostname or "", parts.port
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:
        return False
    if port == 0:
        return False
    if netloc.rpartition("@")[2].startswith("["):
        return isinstance(_address(host), IPv6Address)
    if re.fullmatch(r"[0-9.]+", host):
        return isinstance(_address(host), IPv4Address)
    labels = name.removesuffix(".").split(".")
    return len(name) <= 253 and all(map(_LABEL.match, labels))


@lru_cache(maxsize=1024)
def _is_local(netloc: str) -> bool:
    host = (SplitResult("https", netloc, "", "", "").hostname or "").rstrip(".")
    address = _address(host)
    if address is not None:
        return not address.is_global
    return "." not in host or host.endswith(_LOCAL)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
