"""A network failure in words that a person understands, without a URL or a class name in them."""

import os
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import httpx

_UNKNOWN_HOST: Final = "host name not known"
_NO_TLS: Final = "the TLS handshake failed; is this an https server?"
ELSEWHERE: Final = frozenset({_UNKNOWN_HOST, _NO_TLS})  # so fails what was never the API's address

_ERRORS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (ssl.SSLEOFError, "the server ended the TLS handshake"),
    (ssl.SSLError, _NO_TLS),
    (ConnectionRefusedError, "connection refused"),
    (ConnectionResetError, "connection reset"),
    (BrokenPipeError, "connection reset"),
    (httpx.ConnectTimeout, "no connection in time"),
    (httpx.PoolTimeout, "no free connection in time"),
    (httpx.RemoteProtocolError, "the connection ended without a whole HTTP answer"),
)


def in_words(error: BaseException) -> str:
    """Say what went wrong, from the deepest cause that is known."""
    chain = tuple(_causes(error))
    for cause in chain:
        match cause:
            case ssl.SSLCertVerificationError():
                return _distrust(cause)
            case socket.gaierror():
                return _UNKNOWN_HOST
            case httpx.ProxyError():
                return f"the proxy refused the connection: {_status(cause)}"
    for known, words in _ERRORS:
        if any(isinstance(cause, known) for cause in chain):
            return words
    # The system's own words: what stands in the exception may come from elsewhere.
    numbered = (os.strerror(c.errno) for c in chain if isinstance(c, OSError) and c.errno)
    return next((text.lower() for text in numbered), "connection failed")


_NO_AUTHORITY: Final = range(18, 22)  # OpenSSL's codes for a chain that ends with nobody we trust


def _distrust(error: ssl.SSLCertVerificationError) -> str:
    why = f"certificate not trusted: {error.verify_message.rstrip('.').lower()}"
    if error.verify_code in _NO_AUTHORITY:
        return f"{why}; if it is your own authority's, name its certificate: --ca-bundle"
    return why


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _status(error: httpx.ProxyError) -> str:
    """Return the proxy's status code; its reason phrase is foreign text."""
    return str(error)[:3]
