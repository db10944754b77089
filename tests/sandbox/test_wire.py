"""What a client sees of each fault on the wire, and what the account makes of it."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.sandbox.server import Sandbox


def test_a_close_after_creating_loses_the_answer(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "close"})

    with pytest.raises(http.client.RemoteDisconnected):
        _create(sandbox)

    assert sandbox.bill()["creates"] == {"a": 1}


def test_a_reset_is_a_tcp_reset(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "reset"})

    with pytest.raises(ConnectionResetError):
        _create(sandbox)

    assert sandbox.bill()["creates"] == {"a": 1}


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "close", "when": "before"},
        {"do": "reset", "when": "before"},
        {"do": "hang", "when": "before", "seconds": 0.05},
        {"do": "status", "status": 503, "when": "before"},
        {"do": "status", "status": 429},
        {"do": "status", "status": 404},
        {"do": "page", "when": "before"},
        {"do": "code", "code": 100},
        {"do": "refuse"},
        {"do": "redirect", "when": "before"},
        {"do": "garbage", "when": "before"},
    ],
    ids=lambda fault: " ".join(map(str, fault.values())),
)
def test_a_fault_before_creating_makes_nothing(
    sandbox: Sandbox, fault: Mapping[str, object]
) -> None:
    sandbox.faults({"on": "create", **fault})

    _try_to_create(sandbox)

    bill = sandbox.bill()
    assert (bill["total"], bill["posts"]) == (0, 1)
    assert sandbox.applied() == [1]


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "close"},
        {"do": "reset"},
        {"do": "hang", "seconds": 0.05},
        {"do": "status", "status": 499},
        {"do": "status", "status": 500},
        {"do": "status", "status": 429, "when": "after"},
        {"do": "status", "status": 408},
        {"do": "status", "status": 409},
        {"do": "status", "status": 421},
        {"do": "status", "status": 423},
        {"do": "status", "status": 425},
        {"do": "status", "status": 460},
        {"status": 400},
        {"do": "page"},
        {"do": "again"},
        {"do": "twice"},
        {"do": "code", "code": 201},
        {"do": "code", "code": 200},
        {"do": "code", "code": 500},
        {"do": "redirect"},
        {"do": "garbage"},
        {"do": "null"},
        {"do": "empty"},
        {"do": "nested"},
        {"do": "cut"},
        {"do": "huge", "mebibytes": 1},
        {"do": "no-token"},
        {"do": "string-id"},
        {"do": "extra-fields"},
        {"seconds": 0.01},
    ],
    ids=lambda fault: " ".join(map(str, fault.values())),
)
def test_a_fault_after_creating_makes_one(sandbox: Sandbox, fault: Mapping[str, object]) -> None:
    sandbox.faults({"on": "create", **fault})

    _try_to_create(sandbox)

    assert sandbox.bill()["creates"] == {"a": 1}
    assert sandbox.applied() == [1]


def test_a_hang_lasts_until_the_client_goes(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "hang"})

    with pytest.raises(TimeoutError):
        _create(sandbox, timeout=0.2)

    assert sandbox.bill()["creates"] == {"a": 1}


def test_a_hang_with_seconds_ends_in_a_close(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "hang", "seconds": 0.1})
    began = time.monotonic()

    with pytest.raises(http.client.RemoteDisconnected):
        _create(sandbox)

    assert time.monotonic() - began >= 0.1


def test_a_hanging_client_does_not_hold_up_the_end(start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox()
    sandbox.faults({"on": "create", "do": "hang"})
    with socket.create_connection(_address(sandbox), timeout=30) as client:
        client.sendall(_request(sandbox))
        _until(lambda: sandbox.bill()["total"] == 1)

        sandbox.process.terminate()

        assert sandbox.process.wait(timeout=30) == 0
        assert client.recv(100) == b""


def test_a_client_that_leaves_in_the_middle_of_its_request_is_no_fault_of_the_sandbox(
    start_sandbox: Callable[..., Sandbox], capfd: pytest.CaptureFixture[str]
) -> None:
    sandbox = start_sandbox()
    place = urlsplit(sandbox.url)
    head = f"POST /partner/createInstance/{sandbox.token} HTTP/1.1\r\nHost: {place.netloc}\r\n"

    with socket.create_connection((place.hostname, place.port)) as client:
        client.sendall(f'{head}Content-Length: 100\r\n\r\n{{"name"'.encode())
    sandbox.process.terminate()
    sandbox.process.wait(30)

    assert "Traceback" not in capfd.readouterr().err


def test_a_cut_body_is_shorter_than_was_promised(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "cut"})

    with pytest.raises(http.client.IncompleteRead) as caught:
        _create(sandbox)

    assert len(caught.value.partial) > 0


def test_a_huge_answer_is_valid_json_behind_blanks(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "huge", "mebibytes": 2})

    answer, body = _create(sandbox)

    assert answer.status == 200
    assert len(body) > 2 << 20
    assert json.loads(body)["idInstance"] == 1101728000


def test_a_client_may_leave_a_huge_answer(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "huge"})
    with socket.create_connection(_address(sandbox), timeout=30) as client:
        client.sendall(_request(sandbox))
        client.recv(100)

    assert sandbox.create(name="b").status == 200


@pytest.mark.parametrize(
    ("fault", "body"),
    [("null", b"null"), ("empty", b"")],
)
def test_a_body_may_say_nothing(sandbox: Sandbox, fault: str, body: bytes) -> None:
    sandbox.faults({"on": "create", "do": fault})

    assert _create(sandbox)[1] == body


def test_a_nested_body_is_too_deep_for_a_parser(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "nested"})

    body = _create(sandbox)[1]

    with pytest.raises(RecursionError):
        json.loads(body)


def test_garbage_is_neither_json_nor_text(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "garbage"})

    body = _create(sandbox)[1]

    with pytest.raises(UnicodeDecodeError):
        body.decode()


def test_a_redirect_leads_back_to_where_it_came_from(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "redirect"})

    answer, _ = _create(sandbox)

    assert answer.status == 307
    assert answer.headers["location"] == f"{sandbox.url}/partner/createInstance/{sandbox.token}"


def test_a_redirect_may_lead_elsewhere(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "redirect", "status": 302, "location": "http://[::1]/"})

    answer, _ = _create(sandbox)

    assert (answer.status, answer.headers["location"]) == (302, "http://[::1]/")


def test_retry_after_comes_in_seconds_and_as_a_date(sandbox: Sandbox) -> None:
    sandbox.faults(
        {"on": "create", "do": "status", "status": 429, "retryAfter": 7},
        {"on": "create", "do": "status", "status": 429, "retryAfterDate": 3600},
        {"on": "create", "do": "status", "status": 429, "retryAfter": "soon"},
    )

    first, second, third = (_create(sandbox)[0].headers["retry-after"] for _ in range(3))

    assert (first, third) == ("7", "soon")
    assert 3590 < parsedate_to_datetime(second).timestamp() - time.time() <= 3600


def test_a_status_may_carry_any_body(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "status", "status": 400, "body": '{"code": 100}'})

    answer, body = _create(sandbox)

    assert (answer.status, body) == (400, b'{"code": 100}')


def test_a_code_comes_with_status_200(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "code", "code": 502, "description": "Bad gateway"})

    answer, body = _create(sandbox)

    assert answer.status == 200
    assert json.loads(body) == {"code": 502, "description": "Bad gateway"}


@pytest.mark.parametrize("status", [200, 400, 401])
def test_a_refused_token_looks_like_a_wrong_one(sandbox: Sandbox, status: int) -> None:
    sandbox.reset(unauthorized=status)
    sandbox.faults({"on": "list", "do": "refuse"})

    answer = sandbox.partner("GET", "getInstances")

    assert answer == sandbox.partner("GET", "getInstances", token="wrong")


def test_an_answer_and_a_listing_may_come_without_tokens(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "any", "do": "no-token", "times": "always"})

    created, [listed] = sandbox.create(name="a").body, sandbox.listing()

    assert created == {"idInstance": 1101728000, "typeInstance": "whatsapp"}
    assert listed["idInstance"] == 1101728000
    assert "apiTokenInstance" not in listed


def test_ids_may_be_strings(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "any", "do": "string-id", "times": "always"})

    created, [listed] = sandbox.create(name="a").body, sandbox.listing()

    assert created["idInstance"] == listed["idInstance"] == "1101728000"


def test_an_answer_may_have_fields_that_nobody_knows(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "extra-fields"})

    created = sandbox.create(name="a").body

    assert created["apiUrl"] == sandbox.url
    assert created["someday"] == {"nested": [1, None, True]}


@pytest.mark.parametrize("word", ["close", "reset", "cut", "garbage", "status"])
def test_listings_fail_too_and_then_work_again(sandbox: Sandbox, word: str) -> None:
    sandbox.create(name="a")
    status = {"status": 500} if word == "status" else {}
    sandbox.faults({"on": "list", "do": word, **status})

    with pytest.raises((OSError, http.client.HTTPException, ValueError, TypeError)):
        assert sandbox.listing()[0]["name"]

    assert [row["name"] for row in sandbox.listing()] == ["a"]


def test_other_requests_go_on_while_one_hangs(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "name": "a", "do": "hang"})
    with socket.create_connection(_address(sandbox), timeout=30) as client:
        client.sendall(_request(sandbox))

        assert sandbox.create(name="b").status == 200


def test_a_firewall_answers_with_a_page(sandbox: Sandbox) -> None:
    sandbox.faults(
        {"on": "create", "do": "page"},
        {"on": "create", "do": "page", "status": 401, "headers": {"Content-Type": "text/plain"}},
    )

    (first, page), (second, _) = _create(sandbox), _create(sandbox)

    assert (first.status, first.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert page.startswith(b"<!doctype html>")
    assert (second.status, second.headers["content-type"]) == (401, "text/plain")


def test_the_usual_answer_may_come_under_another_status(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "status": 409})

    answer, body = _create(sandbox)

    assert (answer.status, json.loads(body)["idInstance"]) == (409, 1101728000)


def test_two_creates_may_be_answered_with_one_id(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "nth": 2, "do": "again"})

    first, second = sandbox.create(name="a").body, sandbox.create(name="b").body

    assert second == first
    assert sandbox.bill()["creates"] == {"a": 1, "b": 1}


def test_an_answer_may_be_said_twice_on_a_connection(sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "twice"})
    with socket.create_connection(_address(sandbox), timeout=30) as client:
        client.sendall(_request(sandbox))

        received = b""
        while received.count(b'"whatsapp"}') < 2:
            received += client.recv(1 << 16)

    bodies = [part.partition(b"\r\n\r\n")[2] for part in received.split(b"HTTP/1.1 200 OK\r\n")]
    assert bodies[1] == bodies[2]
    assert sandbox.bill()["creates"] == {"a": 1}


def test_an_answer_may_say_that_it_is_old(sandbox: Sandbox) -> None:
    sandbox.faults(
        {"on": "create", "dateSeconds": -3600, "headers": {"Age": 60, "Link": '</2>; rel="next"'}}
    )

    answer, _ = _create(sandbox)

    assert (answer.headers["age"], answer.headers["link"]) == ("60", '</2>; rel="next"')
    assert answer.headers.get_all("date") == [answer.headers["date"]]
    assert 3595 < time.time() - parsedate_to_datetime(answer.headers["date"]).timestamp() < 3700


def test_the_service_has_a_clock_of_its_own(sandbox: Sandbox) -> None:
    sandbox.settings(clockAhead=3600)

    answer, _ = _create(sandbox)

    assert 3500 < parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time() <= 3600


def _create(sandbox: Sandbox, *, timeout: float = 30) -> tuple[http.client.HTTPResponse, bytes]:
    """Send one create without any of the help that libraries give."""
    connection = http.client.HTTPConnection(*_address(sandbox), timeout=timeout)
    try:
        path = f"/partner/createInstance/{sandbox.token}"
        connection.request("POST", path, json.dumps({"name": "a"}))
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def _try_to_create(sandbox: Sandbox) -> None:
    try:
        _create(sandbox)
    except (OSError, http.client.HTTPException):
        return


def _request(sandbox: Sandbox) -> bytes:
    path = f"/partner/createInstance/{sandbox.token}"
    head = f"POST {path} HTTP/1.1\r\nhost: sandbox\r\ncontent-length: 13\r\n\r\n"
    return head.encode() + b'{"name": "a"}'


def _address(sandbox: Sandbox) -> tuple[str, int]:
    parts: Any = urlsplit(sandbox.url)
    return parts.hostname, parts.port


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
