"""The page's server: who knows its path is answered, and nobody else."""

import socket
from collections.abc import Iterator
from threading import Thread
from urllib.parse import urlsplit

import pytest

from reconciler.cli.linking.page_server import Board, serving
from reconciler.report.link_page import (
    LinkView,
    PageClosed,
    PasswordAsked,
    PhoneTurn,
    Told,
    TurnProposed,
)
from tests.cli.pages import fetch, views

VIEW = LinkView((PhoneTurn("sales-uk", 1101728000, "whatsapp"),))


@pytest.fixture
def board() -> Board:
    return Board(VIEW)


@pytest.fixture
def url(board: Board) -> Iterator[str]:
    with serving(board) as url:
        yield url
        board.show(PageClosed())


def test_the_page_may_do_nothing_but_what_it_is_for(url: str) -> None:
    page = fetch(url)

    policy = page.headers["Content-Security-Policy"]
    nonce = policy.partition("script-src 'nonce-")[2].partition("'")[0]
    assert page.status == 200
    assert policy == (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:;"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert page.body.count(f'nonce="{nonce}"') == 2
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "http" not in page.body.replace("http-equiv", "")
    assert fetch(url).headers["Content-Security-Policy"] != policy


def test_it_listens_on_loopback_alone(url: str) -> None:
    place = urlsplit(url)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", place.port or 0)).close()

    assert place.hostname == "127.0.0.1"
    assert len(place.path) > 30


@pytest.mark.parametrize(
    ("verb", "below", "headers"),
    [
        ("GET", "../", {}),
        ("GET", "../favicon.ico", {}),
        ("GET", "../x/events", {}),
        ("GET", "nothing", {}),
        ("GET", "", {"Host": "rebound.example.com"}),
        ("GET", "events", {"Host": "rebound.example.com:80"}),
        ("GET", "", {"Host": "127.0.0.1.example.com"}),
        ("GET", "", {"Host": ""}),
        ("GET", "", {"Origin": "https://example.com"}),
        ("POST", "answer", {"Origin": "https://example.com"}),
        ("POST", "answer", {"Host": "rebound.example.com"}),
        ("POST", "", {}),
    ],
)
def test_strangers_all_hear_the_same(
    url: str, verb: str, below: str, headers: dict[str, str]
) -> None:
    place = url if not below.startswith("../") else url.rsplit("/", 2)[0] + "/"
    asked = fetch(place + below.removeprefix("../"), verb, headers=headers)

    assert (asked.status, asked.body) == (404, "")


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000"])
def test_a_tunnel_may_have_another_port(url: str, host: str) -> None:
    asked = fetch(url, headers={"Host": host, "Origin": f"http://{host}"})

    assert asked.status == 200


def test_two_hosts_are_none(url: str) -> None:
    place = urlsplit(url)
    lines = [f"GET {place.path} HTTP/1.1", f"Host: {place.netloc}", "Host: example.com", "", ""]
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.sendall("\r\n".join(lines).encode())
        answer = connection.makefile("rb").readline()

    assert b" 404 " in answer


def test_what_is_no_request_is_not_repeated(url: str) -> None:
    place = urlsplit(url)
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.sendall(b"BREW <script> HTTP/1.1\r\n\r\n")
        answer = connection.makefile("rb").read()

    assert b" 501 " in answer.splitlines()[0]
    assert answer.endswith(b"\r\n\r\n")


def test_every_tab_is_told_how_it_stands_and_what_changes(board: Board, url: str) -> None:
    board.show(Told("no code yet: it is starting"))
    first, second = views(url), views(url)
    before = [next(first), next(second)]
    board.show(Told("the phone asks for a passkey"))
    after = [next(first), next(second)]
    board.show(PageClosed())

    assert [view["notice"] for _, view in before] == ["No code yet: it is starting."] * 2
    assert [view["notice"] for _, view in after] == ["The phone asks for a passkey."] * 2
    assert [view["over"] for _, view in [*first, *second]] == [True, True]


def test_only_the_first_answer_to_what_is_asked_counts(board: Board, url: str) -> None:
    tab, answers = views(url), list[str | None]()
    number, _ = next(tab)
    early = fetch(url + "answer", "POST", {"to": number, "text": "too early"})
    asking = Thread(target=lambda: answers.append(board.ask(PasswordAsked(), 30)))
    asking.start()
    asked, view = next(tab)
    stale = fetch(url + "answer", "POST", {"to": asked - 1, "text": "to another question"})
    right = fetch(url + "answer", "POST", {"to": asked, "text": "hunter2"})
    asking.join()
    late = fetch(url + "answer", "POST", {"to": asked, "text": "hunter3"})

    assert view["password"] is True
    assert [each.status for each in (early, stale, right, late)] == [409, 409, 204, 409]
    assert answers == ["hunter2"]


def test_of_two_answers_at_once_one_is_late(board: Board) -> None:
    asking = Thread(target=board.ask, args=(PasswordAsked(), 30))
    asking.start()
    views = board.views()
    number = next(seen for seen, view in filter(None, views) if view.shown == PasswordAsked())
    taken = [board.answer(number, "hunter2"), board.answer(number, "hunter3")]
    asking.join()
    views.close()

    assert taken == [True, False]


def test_nobody_is_waited_for_longer_than_it_takes(board: Board) -> None:
    assert board.ask(TurnProposed("sales-uk"), 0.01) is None
    assert board.ask(TurnProposed("sales-uk"), -1) is None


@pytest.mark.parametrize("body", [[], {"to": 1}, {"to": "1", "text": "x"}, {"to": 1, "text": 5}])
def test_an_answer_has_a_form(url: str, body: object) -> None:
    assert fetch(url + "answer", "POST", body).status == 400


def test_a_form_of_another_page_is_no_answer(url: str) -> None:
    plain = {"Content-Type": "text/plain"}

    assert fetch(url + "answer", "POST", {"to": 1, "text": "x"}, headers=plain).status == 400
    assert fetch(url + "answer", "POST", {"to": 1, "text": "x" * 5000}).status == 400


def test_the_page_is_gone_once_it_is_over(board: Board) -> None:
    with serving(board) as url:
        board.show(PageClosed())

    with pytest.raises(ConnectionRefusedError):
        fetch(url)
