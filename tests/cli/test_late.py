"""A client of the partner API that is built when it is first needed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from reconciler.cli.late import LatePartner
from reconciler.errors import UsageError
from tests.values import desired

URL = "https://api.example.com"


class Client:
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def create(self, wanted: object) -> str:
        self.asked.append("create")
        return "made"

    def account(self, *, tries: int, stopping: object) -> str:
        self.asked.append(f"account {tries}")
        return "listed"

    def close(self) -> None:
        self.asked.append("close")


def late(*clients: Client) -> LatePartner:
    """Return a partner that is built from *clients*, one after the other."""
    waiting = iter(clients)
    return LatePartner(URL, cast(Any, lambda: next(waiting)))


def test_a_client_that_nobody_needs_is_not_built() -> None:
    with late() as partner:
        url = partner.url

    assert url == URL


def test_the_client_is_built_once_and_closed() -> None:
    client = Client()

    with late(client) as partner:
        answers = [partner.account(tries=2), partner.create(desired("a"))]

    assert list(map(str, answers)) == ["listed", "made"]
    assert client.asked == ["account 2", "create", "close"]


def test_threads_share_one_client() -> None:
    client = Client()

    with late(client) as partner, ThreadPoolExecutor(8) as pool:
        built = {id(each.result()) for each in [pool.submit(partner.ready) for _ in range(50)]}

    assert built == {id(client)}


def test_what_can_not_be_built_is_said_when_it_is_asked_for() -> None:
    def build() -> Any:
        raise UsageError("the proxy is not usable")

    with LatePartner(URL, build) as partner, pytest.raises(UsageError, match="proxy"):
        partner.ready()
