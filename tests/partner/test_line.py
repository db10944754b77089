"""The line carries one request at a time, and takes nothing for an answer that is none."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
import trustme

from reconciler.model import Created, Unknown
from reconciler.partner.client import Partner
from reconciler.partner.line import Line
from tests.partner.conftest import DESIRED, certified
from tests.partner.server import Reply, ScriptedServer, hang, http, made, raw

Serve = Callable[..., ScriptedServer]
Connect = Callable[..., Partner]


class Told:
    """What a line told of: sockets, and requests that were about to leave."""

    def __init__(self) -> None:
        self.sockets: list[socket.socket] = []
        self.left = 0

    def leaving(self) -> None:
        self.left += 1


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def line(told: Told, authority: trustme.CA) -> Iterator[Line]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(tls)
    line = Line(tls=tls, idle=60, connected=told.sockets.append, leaving=told.leaving)
    yield line
    line.close()


def post(url: str, content: bytes = b"{}") -> httpx.Request:
    timeout = {"connect": 5.0}
    return httpx.Request("POST", url, content=content, extensions={"timeout": timeout})


def test_a_request_leaves_in_one_piece(line: Line) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as stack:
        pieces: list[bytes] = []

        def answer() -> None:
            connection = stack.enter_context(listener.accept()[0])
            pieces.append(connection.recv(65_536))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        server = threading.Thread(target=answer)
        server.start()
        line.handle_request(post(f"http://127.0.0.1:{listener.getsockname()[1]}/x", b"body"))
        server.join()

    assert pieces[0].startswith(b"POST /x HTTP/1.1\r\n")
    assert pieces[0].endswith(b"\r\n\r\nbody")


def test_what_a_server_says_unasked_ends_the_connection(serve: Serve, line: Line) -> None:
    server = serve(http(200), http(200))
    _read(line, server)
    (used,) = {id(each): each for each in _sockets(line)}.values()
    peer = server._open[0]

    peer.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
    used.recv(1, socket.MSG_PEEK)  # it has arrived
    assert _read(line, server).status_code == 200

    assert server.connections == 2


def test_an_interim_answer_is_not_the_answer(serve: Serve, connect: Connect) -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"

    def reply(server: ScriptedServer, connection: socket.socket) -> bool:
        connection.sendall(hint)
        return made()(server, connection)

    assert isinstance(connect(serve(reply).url).create(DESIRED), Created)


def test_an_answer_counts_although_the_server_read_only_half_of_the_request(
    connect: Connect,
) -> None:
    large = DESIRED._replace(name="x" * 5_000_000)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            connection, _ = listener.accept()
            connection.recv(10)
            connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
            connection.close()  # with much unread: what the client still sends is refused

        server = threading.Thread(target=refuse)
        server.start()
        outcome = connect(f"http://127.0.0.1:{listener.getsockname()[1]}").create(large)
        server.join()

    assert not isinstance(outcome, Unknown)


def test_a_connection_is_closed_after_an_answer_that_ends_with_it(
    serve: Serve, connect: Connect
) -> None:
    server = serve(http(200, b"", "Connection: close"), made())
    partner = connect(server.url)

    partner.create(DESIRED)

    assert isinstance(partner.create(DESIRED), Created)
    assert server.connections == 2


def test_a_connection_that_idled_too_long_is_not_used_again(serve: Serve, told: Told) -> None:
    server = serve(http(200), http(200))
    line = Line(
        tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        idle=0,
        connected=told.sockets.append,
        leaving=told.leaving,
    )

    _read(line, server)
    _read(line, server)

    line.close()
    assert server.connections == 2


def test_the_socket_that_tls_speaks_through_is_told_of(
    serve: Serve, line: Line, told: Told, authority: trustme.CA
) -> None:
    server = serve(http(200), tls=certified(authority, "localhost"))

    _read(line, server)

    assert isinstance(told.sockets[-1], ssl.SSLSocket)
    assert told.sockets[-1].version() == "TLSv1.3"


def test_nothing_leaves_before_there_is_a_connection(line: Line, told: Told, serve: Serve) -> None:
    server = serve()
    server.stop()

    with pytest.raises(httpx.ConnectError):
        line.handle_request(post(server.url))

    assert told.left == 0


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(raw(b"junk\r\n\r\n"), id="junk"),
        pytest.param(raw(b""), id="nothing"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Le"), id="half-a-head"),
        pytest.param(raw(b"HTTP/1.1 101 Switching\r\n\r\n"), id="another-protocol"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"),
                     id="two-lengths"),
    ],
)  # fmt: skip
def test_what_is_no_answer_fails_after_it_left(
    serve: Serve, line: Line, told: Told, reply: Reply
) -> None:
    with pytest.raises(httpx.TransportError) as failed:
        _read(line, serve(reply))

    assert not isinstance(failed.value, httpx.ConnectError)
    assert told.left == 1


def test_closing_ends_a_wait(serve: Serve, line: Line, told: Told) -> None:
    server = serve(hang)

    def close() -> None:
        server.hanging.wait()
        told.sockets[-1].shutdown(socket.SHUT_RDWR)
        line.close()

    closer = threading.Thread(target=close)
    closer.start()
    with pytest.raises(httpx.TransportError):
        _read(line, server)
    closer.join()


def _read(line: Line, server: ScriptedServer) -> httpx.Response:
    response = line.handle_request(post(server.url))
    response.read()
    response.close()
    return response


def _sockets(line: Line) -> list[socket.socket]:
    assert line._link is not None
    return [line._link._socket]
