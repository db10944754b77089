"""An instance's token goes to hosts of GREEN-API, to the account's, and to those a user names."""

import pytest

from reconciler.partner.hosts import instance_url

ACCOUNT = "https://api.green-api.com"
LOCAL = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("told", "account", "expected"),
    [
        pytest.param(None, ACCOUNT, ACCOUNT, id="nothing told: where the account is"),
        pytest.param(
            "https://7103.api.greenapi.com", ACCOUNT, "https://7103.api.greenapi.com", id="pool"
        ),
        pytest.param(
            "https://1101.API.green-api.com/", ACCOUNT, "https://1101.api.green-api.com", id="case"
        ),
        pytest.param(
            "https://green-api.com.evil.example", ACCOUNT, None, id="a name that begins so"
        ),
        pytest.param("https://evilgreen-api.com", ACCOUNT, None, id="a name that ends so"),
        pytest.param("https://evil.example", ACCOUNT, None, id="another host"),
        pytest.param("http://api.green-api.com", ACCOUNT, None, id="plain http"),
        pytest.param(
            "http://127.0.0.1:9", ACCOUNT, None, id="this machine, for an account elsewhere"
        ),
        pytest.param("http://localhost:9", LOCAL, "http://localhost:9", id="this machine"),
        pytest.param("https://u:p@api.green-api.com", ACCOUNT, None, id="a password"),
        pytest.param("https://api.green-api.com?x=1", ACCOUNT, None, id="a query"),
        pytest.param("ftp://api.green-api.com", ACCOUNT, None, id="no web"),
        pytest.param(
            "https://gw.example/x",
            "https://gw.example",
            "https://gw.example/x",
            id="the account's host",
        ),
        pytest.param(
            "https://a.mine.example", ACCOUNT, "https://a.mine.example", id="named by the user"
        ),
    ],
)
def test_an_instance_is_asked_only_where_its_token_may_go(
    told: str | None, account: str, expected: str | None
) -> None:
    assert instance_url(told, account, ["mine.example"]) == expected
