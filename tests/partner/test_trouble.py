"""Network failures in words, from the deepest cause that is known."""

import errno
import socket
import ssl

import httpx
import pytest

from reconciler.partner.trouble import in_words


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


UNREACHABLE = OSError(errno.ENETUNREACH, "Network is unreachable")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectError("x"), "connection failed"),
        (caused(httpx.ConnectError("x"), ConnectionRefusedError()), "connection refused"),
        (caused(httpx.ConnectError("x"), socket.gaierror(-2, "odd")), "host name not known"),
        (caused(httpx.ConnectError("x"), UNREACHABLE), "network is unreachable"),
        (
            caused(httpx.ConnectError("x"), caused(ValueError(), UNREACHABLE)),
            "network is unreachable",
        ),
        (
            caused(httpx.ConnectError("x"), ssl.SSLEOFError(8, "EOF")),
            "the server ended the TLS handshake",
        ),
        (
            caused(httpx.ConnectError("x"), ssl.SSLError(1, "WRONG_VERSION_NUMBER")),
            "the TLS handshake failed; is this an https server?",
        ),
        (caused(httpx.ReadError("x"), ConnectionResetError()), "connection reset"),
        (httpx.ProxyError("407 s3cret"), "the proxy refused the connection: 407"),
        (httpx.PoolTimeout("x"), "no free connection in time"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_failure_is_told_in_words(error: Exception, words: str) -> None:
    assert in_words(error) == words
