"""Whether two URLs are one API."""

import pytest

from reconciler.evidence.addresses import is_on_loopback, same_address

SAME = {
    "itself": ("https://a.example", "https://a.example"),
    "case": ("https://A.Example", "HTTPS://a.example"),
    "default port": ("https://a.example:443", "https://a.example"),
    "default port of http": ("http://localhost:80", "http://localhost"),
    "slash": ("https://a.example/", "https://a.example"),
    "dot at the end": ("https://a.example.", "https://a.example"),
    "names of this machine": ("http://localhost:8080", "http://127.0.0.1:8080"),
    "an IPv6 name of it": ("http://[::1]:8080/", "http://127.0.0.1:8080"),
}
OTHER = {
    "host": ("https://a.example", "https://b.example"),
    "port": ("http://127.0.0.1:8080", "http://127.0.0.1:8081"),
    "scheme": ("http://127.0.0.1", "https://127.0.0.1"),
    "path": ("https://a.example/x", "https://a.example/X"),
    "no URL": ("https://[", "https://a.example"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_one_address_written_in_two_ways(one: str, other: str) -> None:
    assert same_address(one, other)


@pytest.mark.parametrize(("one", "other"), OTHER.values(), ids=OTHER)
def test_two_addresses(one: str, other: str) -> None:
    assert not same_address(one, other)


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1:1", "http://[::1]/"])
def test_a_sandbox_is_on_this_machine(url: str) -> None:
    assert is_on_loopback(url)
    assert not is_on_loopback("https://api.green-api.com")
