import socket
from collections.abc import Iterator

import pytest

from reconciler.errors import UsageError
from reconciler.partner.ping import Ping
from reconciler.secrets import Secret
from tests.listener import Listener, listening

UUID = "3f0e4d5c-9d5e-4c6f-8f1f-9a110b6c7a52"


@pytest.fixture
def service() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def warnings() -> list[str]:
    return []


def ping(service: Listener, warnings: list[str], *, query: str = "", timeout: float = 10) -> Ping:
    return Ping(Secret(f"{service.url}/{UUID}{query}"), warn=warnings.append, timeout=timeout)


def test_start_success_and_failure_have_addresses_of_their_own(
    service: Listener, warnings: list[str]
) -> None:
    heartbeat = ping(service, warnings)

    heartbeat.start()
    heartbeat.success("3 instances created\n")
    heartbeat.fail("1 unresolved: é\n")

    assert service.calls == [
        ("POST", f"/{UUID}/start", ""),
        ("POST", f"/{UUID}", "3 instances created\n"),
        ("POST", f"/{UUID}/fail", "1 unresolved: é\n"),
    ]
    assert warnings == []


def test_a_query_stays_behind_the_path(service: Listener, warnings: list[str]) -> None:
    ping(service, warnings, query="/?create=1").start()

    assert service.calls == [("POST", f"/{UUID}/start?create=1", "")]


def test_a_redirect_is_not_followed(service: Listener, warnings: list[str]) -> None:
    with listening() as elsewhere:
        service.status, service.location = 302, elsewhere.url

        ping(service, warnings).success("text")

        assert elsewhere.calls == []
    assert warnings == ["the heartbeat (--ping-url) was not delivered: the service answered 302"]


def test_only_the_first_failure_is_told_and_never_the_address(
    service: Listener, warnings: list[str]
) -> None:
    service.status = 404
    heartbeat = ping(service, warnings)

    heartbeat.start()
    heartbeat.success("text")

    assert warnings == ["the heartbeat (--ping-url) was not delivered: the service answered 404"]
    assert UUID not in repr(heartbeat.__dict__)


def test_a_service_that_does_not_answer_is_left(service: Listener, warnings: list[str]) -> None:
    service.go.clear()

    ping(service, warnings, timeout=0.05).start()

    assert warnings == ["the heartbeat (--ping-url) was not delivered: no answer in time"]


def test_a_service_that_is_down_is_no_error(warnings: list[str]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/{UUID}"

        Ping(Secret(url), warn=warnings.append).start()

    assert warnings == ["the heartbeat (--ping-url) was not delivered: connection refused"]


@pytest.mark.parametrize(
    "url",
    [
        f"ftp://example.com/{UUID}",
        f"file:///{UUID}",
        UUID,
        f"https:///{UUID}",
        f"https://user:word@example.com/{UUID}",
        f"https://example.com:port/{UUID}",
        f"https://example.com/{UUID}#x",
        f"https://example.com/{UUID} x",
        f"https://example.com/{UUID}\nHost: x",
        f"https://exämple.com/{UUID}",
        f"https://[::1/{UUID}",
        "",
    ],
)
def test_what_is_no_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        Ping(Secret(url), warn=pytest.fail)

    assert UUID not in f"{refused.value.message} {refused.value.hint}"


def test_a_long_summary_is_cut_to_what_the_service_keeps(
    service: Listener, warnings: list[str]
) -> None:
    ping(service, warnings).success("x" * 200_000)

    assert len(service.calls[0][2]) == 90_000
