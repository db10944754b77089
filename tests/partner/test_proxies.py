"""Which proxy is taken, and whom NO_PROXY exempts from it."""

import pytest

from reconciler.partner.proxies import choose_proxy
from reconciler.secrets import Secret

PROXY = "http://user:s3cret@proxy.example:3128"


def exempt(url: str, entries: str) -> bool:
    named = {"https": PROXY, "no": entries}
    return choose_proxy(url, named, warn=pytest.fail) is None


@pytest.mark.parametrize(
    ("host", "entries"),
    [
        ("api.example", "*"),
        ("api.example", "api.example"),
        ("api.example", "API.Example"),
        ("api.example", "other.example, api.example"),
        ("api.example", "other.example api.example"),
        ("api.example", "example"),
        ("api.example", ".example"),
        ("api.example", "*.example"),
        ("api.example", "example."),
        ("api.example", "https://api.example"),
        ("api.example", "all://api.example:443"),
        ("api.example:8443", "api.example:8443"),
        ("10.7.0.9", "10.7.0.9"),
        ("10.7.0.9", "10.7.0.0/16"),
        ("10.7.0.9", "10.7.0.9/16"),
        ("[fd07::9]", "fd07::9"),
        ("[fd07::9]", "FD07:0::9"),
        ("[fd07::9]", "[fd07::9]"),
        ("[fd07::9]:8443", "[fd07::9]:8443"),
        ("[fd07::9]", "fd07::/64"),
        ("[fd07::9]", "10.0.0.0/8,fd00::/8"),
    ],
)
def test_a_host_that_no_proxy_names_is_asked_directly(host: str, entries: str) -> None:
    assert exempt(f"https://{host}", entries)


@pytest.mark.parametrize(
    ("host", "entries"),
    [
        ("api.example", ""),
        ("api.example", " , ,"),
        ("api.example", "pi.example"),
        ("api.example", "api.example:8443"),
        ("api.example", "http://api.example"),
        ("api.example", "10.0.0.0/8,fd00::/8"),
        ("10.7.0.9", "10.8.0.0/16"),
        ("10.7.0.9", "0.9"),
        ("10.7.0.9", "fd07::/64"),
        ("[fd07::9]", "fd08::/64"),
        ("[fd07::9]", "10.0.0.0/8"),
        ("[fd07::9]:8443", "[fd07::9]:443"),
    ],
)
def test_any_other_host_is_asked_through_the_proxy(host: str, entries: str) -> None:
    assert not exempt(f"https://{host}", entries)


@pytest.mark.parametrize(
    "entry", ["10.0.0.0/33", "fd07::/129", "[fd07", "[::::]", "a/b", "s3cret@host"]
)
def test_an_entry_that_is_not_understood_is_a_warning_and_never_an_error(entry: str) -> None:
    warnings: list[str] = []

    proxy = choose_proxy(
        "https://api.example",
        {"https": PROXY, "no": f"other.example,{entry},api.example"},
        warn=warnings.append,
    )

    assert proxy is None
    assert warnings == [
        "NO_PROXY: entry 2 is neither a host nor a network; it is passed over",
    ]


@pytest.mark.parametrize(
    ("named", "proxy"),
    [
        ({}, None),
        ({"http": PROXY}, None),
        ({"https": ""}, None),
        ({"https": PROXY, "all": "http://other.example"}, PROXY),
        ({"all": "socks5://proxy.example"}, "socks5://proxy.example"),
        ({"https": "proxy.example:3128"}, "http://proxy.example:3128"),
    ],
)
def test_the_proxy_for_https_goes_before_the_one_for_all(
    named: dict[str, str], proxy: str | None
) -> None:
    found = choose_proxy("https://api.example", named, warn=pytest.fail)

    assert found == (None if proxy is None else Secret(proxy))


def test_each_scheme_has_its_proxy() -> None:
    named = {"http": "http://one.example", "https": "http://two.example", "no": "https://a.example"}

    plain = choose_proxy("http://a.example", named, warn=pytest.fail)
    secure = choose_proxy("https://b.example", named, warn=pytest.fail)

    assert (plain, secure) == (Secret("http://one.example"), Secret("http://two.example"))
