"""Whom the client talks to, which way it goes, and what failing on the way means for money."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import trustme

from reconciler.errors import UsageError
from reconciler.model import Created, NotSent, Rejected, Unknown
from reconciler.partner.client import Partner
from reconciler.partner.methods import CREATE_INSTANCE
from reconciler.partner.wire import judge_failure
from tests.partner.conftest import DESIRED, certified
from tests.partner.server import Reply, ScriptedServer, drip, hang, http, made, raw, reset

Serve = Callable[..., ScriptedServer]
Connect = Callable[..., Partner]


@pytest.fixture
def secure(serve: Serve, authority: trustme.CA) -> Callable[..., ScriptedServer]:
    return lambda *script: serve(*script, tls=certified(authority, "localhost"))


def test_a_certificate_of_an_unknown_authority_is_not_trusted(
    secure: Serve, connect: Connect
) -> None:
    server = secure()

    outcome = connect(server.url).send(CREATE_INSTANCE, DESIRED)

    assert isinstance(outcome, NotSent)
    assert outcome.reason.startswith("certificate not trusted: ")
    assert outcome.reason.endswith("name its certificate: --ca-bundle")
    assert server.requests == []


def test_a_certificate_of_the_given_bundle_is_trusted(
    secure: Serve, connect: Connect, bundle: Path
) -> None:
    server = secure()
    partner = connect(server.url, ca_bundle=bundle)

    outcomes = [partner.send(CREATE_INSTANCE, DESIRED) for _ in range(3)]

    assert [type(outcome) for outcome in outcomes] == [Created] * 3
    assert server.connections == 3


def test_many_requests_at_once_have_a_connection_each(serve: Serve, connect: Connect) -> None:
    server = serve()
    partner = connect(server.url)

    def send() -> None:
        for _ in range(20):
            partner.send(CREATE_INSTANCE, DESIRED)

    senders = [threading.Thread(target=send) for _ in range(16)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    assert {request.headers["connection"] for request in server.requests} == {"close"}
    assert len({request.connection for request in server.requests}) == len(server.requests) == 320


@pytest.mark.parametrize("more", [False, True], ids=["alone", "beside-a-bundle"])
def test_ssl_cert_file_is_obeyed(
    secure: Serve, connect: Connect, bundle: Path, monkeypatch: pytest.MonkeyPatch, more: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    another = bundle.with_name("another.pem")
    trustme.CA().cert_pem.write_to_path(str(another))

    outcome = connect(secure().url, ca_bundle=another if more else None).send(
        CREATE_INSTANCE, DESIRED
    )

    assert isinstance(outcome, Created)


def test_a_certificate_for_another_host_is_not_trusted(
    serve: Serve, connect: Connect, authority: trustme.CA, bundle: Path
) -> None:
    server = serve(tls=certified(authority, "api.example"))

    outcome = connect(server.url, ca_bundle=bundle).send(CREATE_INSTANCE, DESIRED)

    assert isinstance(outcome, NotSent)
    assert "hostname mismatch" in outcome.reason
    assert server.requests == []


def test_plain_http_on_an_https_port_is_not_sent(serve: Serve, connect: Connect) -> None:
    def greet(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        connection.sendall(b"220 mail.example ESMTP\r\n")
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        greeter = threading.Thread(target=greet, args=(listener,))
        greeter.start()

        outcome = connect(f"https://127.0.0.1:{listener.getsockname()[1]}").send(
            CREATE_INSTANCE, DESIRED
        )

        greeter.join()
    assert isinstance(outcome, NotSent)


def test_a_tls_handshake_that_hangs_is_not_sent(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"

        outcome = connect(url, connect_timeout=0.2).send(CREATE_INSTANCE, DESIRED)

    assert outcome == NotSent("no connection in time")


@pytest.mark.parametrize("reply", [raw(b""), reset, hang, drip(b"HTTP/1.1 200 OK\r\nX:", b"x")])
def test_what_breaks_after_the_handshake_is_unknown(
    secure: Serve, connect: Connect, bundle: Path, reply: Reply
) -> None:
    server = secure(reply)

    outcome = connect(server.url, ca_bundle=bundle, timeout=0.3).send(CREATE_INSTANCE, DESIRED)

    assert isinstance(outcome, Unknown)
    assert len(server.requests) == 1


def test_a_server_that_wants_a_client_certificate_refuses_after_we_sent(
    serve: Serve, connect: Connect, authority: trustme.CA, bundle: Path
) -> None:
    context = certified(authority, "localhost")
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    context.minimum_version = ssl.TLSVersion.TLSv1_3  # where the client is done first

    outcome = connect(serve(tls=context).url, ca_bundle=bundle).send(CREATE_INSTANCE, DESIRED)

    assert isinstance(outcome, Unknown)


def test_old_tls_is_not_spoken(
    serve: Serve, connect: Connect, authority: trustme.CA, bundle: Path
) -> None:
    context = certified(authority, "localhost")
    with pytest.warns(DeprecationWarning):
        context.maximum_version = ssl.TLSVersion.TLSv1_1

    outcome = connect(serve(tls=context).url, ca_bundle=bundle).send(CREATE_INSTANCE, DESIRED)

    assert isinstance(outcome, NotSent)


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
        outcome = connect(f"http://127.0.0.1:{listener.getsockname()[1]}").send(
            CREATE_INSTANCE, large
        )
        server.join()

    assert isinstance(outcome, Rejected)


def kinds_of(error: type[httpx.HTTPError]) -> Iterator[type[httpx.HTTPError]]:
    yield error
    for kind in error.__subclasses__():
        yield from kinds_of(kind)


BEFORE_A_CONNECTION = {
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
}


@pytest.mark.parametrize("kind", sorted(set(kinds_of(httpx.HTTPError)), key=str))
def test_nothing_but_a_failure_before_the_connection_proves_that_nothing_was_sent(
    kind: type[httpx.HTTPError],
) -> None:
    outcome = judge_failure(kind.__new__(kind))

    assert isinstance(outcome, NotSent if kind in BEFORE_A_CONNECTION else Unknown)


# --- proxies -------------------------------------------------------------------------------


def tunnel(to: ScriptedServer) -> Reply:
    """A proxy's answer to CONNECT, and then the bytes of both sides."""

    def reply(_: ScriptedServer, client: socket.socket) -> bool:
        with socket.create_connection(("127.0.0.1", to.port)) as far:
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_pump, args=(far, client))
            back.start()
            _pump(client, far)
            back.join()
        return False

    return reply


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):  # either side may leave
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> Callable[..., ScriptedServer]:
    """Start a proxy that the environment names, with a password."""

    def start(*script: Reply) -> ScriptedServer:
        proxy = serve(*script)
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:s3cret@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("HTTP_PROXY", f"http://user:s3cret@127.0.0.1:{proxy.port}")
        return proxy

    return start


def test_https_goes_through_the_proxy_of_the_environment(
    secure: Serve, connect: Connect, through: Serve, bundle: Path
) -> None:
    server = secure(made())
    proxy = through(tunnel(server))

    outcome = connect(server.url, ca_bundle=bundle).send(CREATE_INSTANCE, DESIRED)

    assert isinstance(outcome, Created)
    (asked,) = proxy.requests
    assert (asked.method, asked.target) == ("CONNECT", f"localhost:{server.port}")


def test_no_proxy_is_obeyed(
    secure: Serve,
    connect: Connect,
    through: Serve,
    bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, proxy = secure(made()), through()
    monkeypatch.setenv("NO_PROXY", "localhost")

    assert isinstance(connect(server.url, ca_bundle=bundle).send(CREATE_INSTANCE, DESIRED), Created)
    assert proxy.requests == []


def test_plain_http_never_leaves_this_machine_through_a_proxy(
    serve: Serve, connect: Connect, through: Serve
) -> None:
    server, proxy = serve(made()), through()

    assert isinstance(connect(server.url).send(CREATE_INSTANCE, DESIRED), Created)
    assert proxy.requests == []


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(http(407), "the proxy refused the connection: 407", id="407"),
        pytest.param(http(502), "the proxy refused the connection: 502", id="502"),
        pytest.param(
            raw(b"HTTP/1.1 200 Connected\r\n\r\nno TLS here\r\n"), "", id="no-tls-behind-it"
        ),
    ],
)
def test_a_proxy_that_makes_no_connection_means_not_sent(
    connect: Connect, through: Serve, reply: Reply, why: str
) -> None:
    through(reply)

    outcome = connect("https://api.example").send(CREATE_INSTANCE, DESIRED)

    assert isinstance(outcome, NotSent)
    assert outcome.reason.startswith(why)
    assert "s3cret" not in outcome.reason


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(reset, id="reset"),
        pytest.param(raw(b"junk\r\n\r\n"), id="junk"),
        pytest.param(raw(b""), id="closed"),
        pytest.param(hang, id="silent"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"), id="dripping"),
    ],
)
def test_a_proxy_that_says_nothing_clear_proves_nothing(
    connect: Connect, through: Serve, reply: Reply
) -> None:
    through(reply)

    outcome = connect("https://api.example", timeout=0.3).send(CREATE_INSTANCE, DESIRED)

    assert isinstance(outcome, Unknown)


def test_a_proxy_that_is_not_there_means_not_sent(connect: Connect, through: Serve) -> None:
    through().stop()

    assert connect("https://api.example").send(CREATE_INSTANCE, DESIRED) == NotSent(
        "connection refused"
    )


def test_what_breaks_behind_the_proxy_is_unknown(
    secure: Serve, connect: Connect, through: Serve, bundle: Path
) -> None:
    server = secure(reset)
    through(tunnel(server))

    outcome = connect(server.url, ca_bundle=bundle).send(CREATE_INSTANCE, DESIRED)

    assert isinstance(outcome, Unknown)
    assert len(server.requests) == 1


def test_an_odd_no_proxy_stops_no_run(
    secure: Serve,
    connect: Connect,
    through: Serve,
    bundle: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, proxy = secure(made()), through()
    monkeypatch.setenv("NO_PROXY", "fd07::/64,[::1],10.0.0.0/33,localhost")
    warnings: list[str] = []

    partner = connect(server.url, ca_bundle=bundle, warn=warnings.append)

    assert isinstance(partner.send(CREATE_INSTANCE, DESIRED), Created)
    assert proxy.requests == []
    assert [warning.partition(":")[0] for warning in warnings] == ["NO_PROXY"]


@pytest.mark.parametrize(
    "proxy", ["socks5://user:s3cret@localhost:1", "gopher://user:s3cret@localhost", "http://a:b:c"]
)
def test_a_proxy_that_cannot_be_used_is_told_of_before_any_work(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)

    with pytest.raises(UsageError, match="the proxy that the environment names") as refused:
        connect("https://api.example")

    assert "s3cret" not in f"{refused.value} {refused.value.hint}"
