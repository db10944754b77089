"""What may be the URL of the partner API."""

import pytest

from reconciler.errors import UsageError
from reconciler.urls import check_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.green-api.com", "https://api.green-api.com"),
        ("https://api.green-api.com/", "https://api.green-api.com"),
        ("HTTPS://API.Green-API.com:443//", "https://api.green-api.com"),
        ("https://api.green-api.com:8443/v1/", "https://api.green-api.com:8443/v1"),
        ("https://gateway.example/green-api", "https://gateway.example/green-api"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://LOCALHOST:80", "http://localhost"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_a_good_address_is_normalised(url: str, expected: str) -> None:
    assert check_url(url) == expected
    assert check_url(expected) == expected


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://api.green-api.com", "plain http"),
        ("http://0.0.0.0:8080", "plain http"),
        ("http://10.0.0.1", "plain http"),
        ("http://localhost.example", "plain http"),
        ("http://127.0.0.1.example", "plain http"),
        ("http://2130706433", "plain http"),
        ("http://127.1", "plain http"),
        ("http://[::ffff:10.0.0.1]", "plain http"),
        ("ftp://api.green-api.com", "must begin with https://"),
        ("api.green-api.com", "must begin with https://"),
        ("localhost:8080", "must begin with https://"),
        ("//api.green-api.com", "must begin with https://"),
        ("", "empty"),
        (" https://api.green-api.com", "blanks"),
        ("https://api.green-api.com\n", "blanks"),
        ("https://api.green\tapi.com", "blanks"),
        ("https://bücher.example", "characters"),
        ("https:\\\\api.green-api.com", "characters"),
        ("https://", "host name"),
        ("https://:443", "host name"),
        ("https:///partner", "host name"),
        ("https://-x.example", "host name"),
        ("https://a..b", "host name"),
        (f"https://{'a' * 64}.example", "host name"),
        ("https://[::1", "not a URL"),
        ("https://a.example:0", "port"),
        ("https://a.example:99999", "port"),
        ("https://a.example:x", "port"),
        ("https://s3cret@a.example", "user name"),
        ("https://user:s3cret@a.example", "user name"),
        ("https://:s3cret@a.example", "user name"),
        ("https://@a.example", "user name"),
        ("https://a.example?token=s3cret", "query"),
        ("https://a.example?", "query"),
        ("https://a.example#s3cret", "fragment"),
        ("https://a.example/partner/createInstance/gac.s3cret", "before /partner"),
    ],
)
def test_a_bad_address_is_refused_without_being_repeated(url: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_url(url)

    assert why in refused.value.message
    assert "s3cret" not in f"{refused.value.message} {refused.value.hint}"
