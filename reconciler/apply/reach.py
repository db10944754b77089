"""The way to each recorded instance: the host that it is asked at and the token that opens it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.model import Account, Recorded, Sealed
from reconciler.partner.hosts import instance_url
from reconciler.partner.instances import InstanceAccess
from reconciler.secrets import Secret

Open = Callable[[Sealed, str], Secret]  # a sealed token, and the key of its entry

SEALED: Final = "its token is sealed (--identity opens it)"
NO_TOKEN: Final = "its token is not known"  # noqa: S105 - a sentence
BAD_HOST: Final = "its apiUrl is not at a host of GREEN-API (--instance-host allows another)"


@dataclass(frozen=True, slots=True)
class NoWay:
    """The instance can't be asked; *reason* says why, in words that follow its key."""

    reason: str


def ways_to(
    records: Mapping[str, Recorded],
    *,
    api_url: str,
    account: Account | None = None,
    open_token: Open | None = None,
    hosts: Collection[str] = (),
) -> dict[str, InstanceAccess | NoWay]:
    """Return how each of *records* is asked, by its key.

    A token comes from the record, sealed ones by *open_token*; else from the listing of *account*.
    """
    listed = {row.id_instance: row.token for row in account.instances} if account else {}
    ways: dict[str, InstanceAccess | NoWay] = {}
    for key, recorded in records.items():
        token = recorded.token
        if isinstance(token, Sealed) and open_token is not None:
            token = open_token(token, key)
        if not isinstance(token, Secret):
            token = listed.get(recorded.id_instance)
        url = instance_url(recorded.extra.get("apiUrl"), api_url, hosts)
        if token is None:
            ways[key] = NoWay(SEALED if isinstance(recorded.token, Sealed) else NO_TOKEN)
        elif url is None:
            ways[key] = NoWay(BAD_HOST)
        else:
            ways[key] = InstanceAccess(recorded.id_instance, token, url)
    return ways
