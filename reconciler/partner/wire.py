"""One worker's connection to the partner API: a request out, once, and a bounded answer back.

What a failure means for money is decided here: `NotSent` only when it is certain that no byte of
the request left, `Unknown` for everything else.
"""

import socket
import ssl
import threading
import zlib
from dataclasses import replace
from typing import Any, Final, cast
from urllib.request import getproxies

import httpx

from reconciler.model import NotSent, Unknown
from reconciler.partner.answer import Answer
from reconciler.partner.deadline import Deadlines, Watch
from reconciler.partner.line import Line
from reconciler.partner.trouble import in_words


class HiddenURL(httpx.URL):
    """A URL that is sent as it is and shown with *shown* in its place, so that no log, exception or
    traceback has the token."""

    def __init__(self, url: str, *, shown: str) -> None:
        super().__init__(url)
        self._shown = shown

    def __str__(self) -> str:
        return self._shown

    def __repr__(self) -> str:
        return f"URL({self._shown!r})"


# Seconds. A connection that idles is closed before servers (5 s and up) or a firewall do it: a
# request on a dying one would have an unknown fate.
_IDLE: Final = 2.0

# Only these are raised before a connection to the API exists.
_NOT_CONNECTED: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)


class Wire:
    """A connection of one thread, with the bounds that httpx leaves open."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext,
        use_proxies: bool,
        connect_timeout: float,
        deadlines: Deadlines,
    ) -> None:
        self._carrier: Line | httpx.Client
        if use_proxies and _a_proxy_is_named():
            self._carrier = httpx.Client(
                verify=tls,
                follow_redirects=False,
                # A connection for each request: on one that is used again, httpx takes a second
                # answer to the last request for the answer to the next.
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=0),
            )
        else:
            self._carrier = Line(
                tls=tls, idle=_IDLE, connected=self._connected, leaving=self._leaving
            )
        self._connect_timeout = connect_timeout
        self._watch = Watch(deadlines)
        self._seconds = 0.0
        self._begun: bytes | None = None

    def close(self) -> None:
        self._carrier.close()

    def exchange(
        self,
        request: httpx.Request,
        *,
        seconds: float,
        limit: int,
        stopping: threading.Event | None = None,
    ) -> Answer | NotSent | Unknown:
        """Send *request*, once, and read at most *limit* bytes of an answer in *seconds*."""
        self._seconds, self._begun = seconds, None
        self._watch.expired, self._watch.stopping = False, stopping
        request.extensions["timeout"] = {
            "connect": self._connect_timeout,
            "read": seconds,
            "write": seconds,
            "pool": self._connect_timeout,
        }
        try:
            response = self._send(request)
            try:
                answer = _read(response, limit)
                # The end that a deadline makes looks like the end of a body without a length.
                return replace(answer, whole=False) if self._watch.expired else answer
            finally:
                response.close()
        except httpx.HTTPError as error:
            return self._failed(error)
        finally:
            self._watch.stop()

    def _send(self, request: httpx.Request) -> httpx.Response:
        if isinstance(self._carrier, Line):
            return self._carrier.handle_request(request)
        request.extensions["trace"] = self._follow
        return self._carrier.send(request, stream=True)

    def _follow(self, event: str, info: dict[str, Any]) -> None:
        """Note what httpcore does: which connection it uses, and when a request begins to leave."""
        if event == "http11.send_request_headers.started":
            self._leaving(info["request"].method)
        elif event.endswith((".connect_tcp.complete", ".start_tls.complete")):
            self._connected(info["return_value"].get_extra_info("socket"))

    def _connected(self, connection: socket.socket) -> None:
        self._watch.connection = connection

    def _leaving(self, method: bytes = b"") -> None:
        self._begun = method
        tunnel = method == b"CONNECT"
        self._watch.start(self._connect_timeout if tunnel else self._seconds)

    def _failed(self, error: httpx.HTTPError) -> NotSent | Unknown:
        # A tunnel that a proxy is still asked for (CONNECT) has carried nothing to the API. Were
        # these events renamed one day, *begun* would stay None, and doubt still mean Unknown.
        if self._begun == b"CONNECT" and not isinstance(error, _NOT_CONNECTED):
            return NotSent(f"the proxy made no connection: {in_words(error)}")
        if self._begun in (None, b"CONNECT") and isinstance(error, _NOT_CONNECTED):
            return NotSent(in_words(error))
        if self._watch.expired or isinstance(error, httpx.ReadTimeout):
            return Unknown(f"no answer within {self._seconds:g} s")
        return Unknown(in_words(error))


def _a_proxy_is_named() -> bool:
    """Whether httpx would look for a proxy: then the way is left to it, NO_PROXY included."""
    named = getproxies()
    return any(named.get(kind) for kind in ("http", "https", "all"))


def _read(response: httpx.Response, limit: int) -> Answer:
    """Read the body up to *limit* bytes; one that breaks off is an answer that is not whole."""
    body = bytearray()
    whole = True
    try:
        for chunk in cast(httpx.SyncByteStream, response.stream):  # as it comes, and bounded here
            body += chunk
            if len(body) > limit:
                whole = False
                break
    except httpx.HTTPError:
        whole = False
    headers = _needed(response.headers)
    plain, complete = _decoded(bytes(body), headers.get("content-encoding"), limit)
    return Answer(
        status=response.status_code,
        headers=headers,
        body=plain,
        whole=whole and complete,
    )


_NEEDED: Final = {b"content-encoding": "content-encoding", b"retry-after": "retry-after"}


def _needed(headers: httpx.Headers) -> dict[str, str]:
    """Return those of *headers* that mean anything here; few answers have one, and asking httpx for
    what is not there takes longer than a look at all names."""
    names = {name.lower() for name, _ in headers.raw}
    return {text: headers[text] for name, text in _NEEDED.items() if name in names}


_WINDOW_BITS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def _decoded(body: bytes, encoding: str | None, limit: int) -> tuple[bytes, bool]:
    """Undo a compression that nobody asked for, never beyond *limit*; tell whether it was whole."""
    bits = _WINDOW_BITS.get((encoding or "").strip().lower())
    if bits is None:
        return body, True  # one that is not known makes no JSON, and says so itself
    inflate = zlib.decompressobj(wbits=bits)
    try:
        return inflate.decompress(body, limit), inflate.eof
    except zlib.error:
        return b"", False
