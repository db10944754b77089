"""Which proxy a request goes through, by the environment; `NO_PROXY` is read as curl reads it.

httpx knows no networks in `NO_PROXY`, and fails as a whole over an IPv6 address in it. So it is
told the proxy, or that there is none.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from reconciler.secrets import Secret


def choose_proxy(
    url: str, named: Mapping[str, str], *, warn: Callable[[str], None]
) -> Secret | None:
    """Return the proxy for *url* of those *named* (as by `urllib.request.getproxies`).

    It may hold a password.
    """
    parts = urlsplit(url)
    proxy = named.get(parts.scheme) or named.get("all")
    if not proxy or _is_exempt(parts, named.get("no", ""), warn):
        return None
    return Secret(proxy if "://" in proxy else f"http://{proxy}")


def _is_exempt(url: SplitResult, entries: str, warn: Callable[[str], None]) -> bool:
    exempt = False
    for number, entry in enumerate(re.split(r"[\s,]+", entries.strip(" ,")), start=1):
        try:
            exempt |= _covers(entry.lower(), url)
        except ValueError:  # not repeated: what stands there by mistake may be anything
            warn(f"NO_PROXY: entry {number} is neither a host nor a network; it is passed over")
    return exempt


_HOST: Final = re.compile(
    r"((?P<scheme>https?|all)://)?"
    r"(\[(?P<v6>[0-9a-f:.]+)\]|\*?\.?(?P<name>[\w-]+(\.[\w-]+)*)\.?)"
    r"(:(?P<port>\d{1,5}))?",
    re.ASCII,
)


_PORTS: Final = {"https": 443, "http": 80}


def _covers(entry: str, url: SplitResult) -> bool:
    """Tell whether *entry* names the host, a domain above it, or a network that it is in."""
    if entry in ("", "*"):
        return entry == "*"
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    address = _address(host)
    try:
        network = ip_network(entry, strict=False)
    except ValueError:
        found = _HOST.fullmatch(entry)
    else:
        return address is not None and address in network
    if found is None:
        raise ValueError
    if found["scheme"] not in (None, "all", url.scheme) or (
        found["port"] and int(found["port"]) != port
    ):
        return False
    if found["v6"]:
        return address == ip_address(found["v6"])
    return host == found["name"] or (address is None and host.endswith(f".{found['name']}"))


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
