"""The way to an instance: the token that is known of it, and no host but GREEN-API's."""

from typing import Final

import pytest

from reconciler.apply.reach import BAD_HOST, NO_TOKEN, SEALED, NoWay, ways_to
from reconciler.model import Account, Sealed, Token
from reconciler.partner.instances import InstanceAccess
from reconciler.secrets import Secret
from tests.values import account, listed, recorded

URL: Final = "https://api.green-api.com"
PLAIN, LISTED, OPENED = Secret("p" * 50), listed(10, "a").token, Secret("o" * 50)
LOCKED: Final = Sealed("-----BEGIN AGE ENCRYPTED FILE-----\nx\n")
SEEN: Final = account(listed(10, "a"))


def opener(sealed: Sealed, key: str) -> Secret:
    assert (sealed, key) == (LOCKED, "a")
    return OPENED


TOKENS: Final[dict[str, tuple[Token | None, Account | None, bool, Secret | str | None]]] = {
    "the record's": (PLAIN, SEEN, True, PLAIN),
    "the record's, opened": (LOCKED, SEEN, True, OPENED),
    "sealed, and the account lists it": (LOCKED, SEEN, False, LISTED),
    "sealed": (LOCKED, None, False, SEALED),
    "sealed, and another account": (LOCKED, account(), False, SEALED),
    "not recorded, and the account lists it": (None, SEEN, True, LISTED),
    "nobody knows it": (None, None, True, NO_TOKEN),
}


@pytest.mark.parametrize(("token", "seen", "opens", "expected"), TOKENS.values(), ids=TOKENS)
def test_a_token_comes_from_the_record_and_else_from_the_account(
    token: Token | None, seen: Account | None, opens: bool, expected: Secret | str | None
) -> None:
    held = {"a": recorded(10, "a")._replace(token=token)}

    ways = ways_to(held, api_url=URL, account=seen, open_token=opener if opens else None)

    way = NoWay(expected) if isinstance(expected, str) else expected
    assert ways == {
        "a": InstanceAccess(10, way, URL) if isinstance(way, Secret) else way,
    }


def test_no_token_is_sent_to_a_host_that_is_not_green_apis() -> None:
    elsewhere = {"apiUrl": "https://evil.example.com"}
    held = {"a": recorded(10, "a")._replace(token=PLAIN, extra=elsewhere)}

    assert ways_to(held, api_url=URL) == {"a": NoWay(BAD_HOST)}
    assert ways_to(held, api_url=URL, hosts=["evil.example.com"]) == {
        "a": InstanceAccess(10, PLAIN, "https://evil.example.com")
    }
