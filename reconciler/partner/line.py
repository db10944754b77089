"""One connection to the partner API, kept open between requests: a transport for httpx.

httpx's own transport has a pool and waits with timeouts; a worker needs one connection, and its
deadline is watched by another thread. Without them a request takes a third of the processor time,
and waits for the interpreter's lock half as often. HTTP itself is h11's, as it is in httpx.
"""

import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Final

import h11
import httpx

_CHUNK: Final = 65_536
_LONGEST_HEAD: Final = 100 * 1024
_END: Final = h11.EndOfMessage()
_PORTS: Final = {"http": 80, "https": 443}


class Line(httpx.BaseTransport):
    """Speaks HTTP/1.1 to the one server that its requests name; for one thread.

    *connected* is told of each new socket, before TLS and again after it; *leaving* of a request
    just before its first byte is sent. An answer is waited for without an end: whoever was told of
    the socket shuts it down when it takes too long. A connection that idled for *idle* seconds is
    not used again.

    What can't be reached raises `ConnectError` or `ConnectTimeout`, before *leaving* is called;
    what breaks later raises another `httpx.TransportError`.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext,
        idle: float,
        connected: Callable[[socket.socket], None],
        leaving: Callable[[], None],
    ) -> None:
        self._tls, self._idle = tls, idle
        self._connected, self._leaving = connected, leaving
        self._link: _Link | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        link = self._usable_link() or self._new_link(request)
        self._leaving()
        try:
            link.send(request)
            head = link.head()
        except BaseException:
            link.close()
            raise
        return httpx.Response(head.status_code, headers=list(head.headers), stream=_Body(link))

    def close(self) -> None:
        """Close the connection; a request that another thread has on it fails."""
        if self._link is not None:
            self._link.close()

    def _usable_link(self) -> "_Link | None":
        link = self._link
        if link is None or link.usable(within=self._idle):
            return link
        link.close()
        return None

    def _new_link(self, request: httpx.Request) -> "_Link":
        seconds = request.extensions["timeout"]["connect"]
        try:
            self._link = link = _Link(self._connect(request.url, seconds))
        except TimeoutError as error:
            raise httpx.ConnectTimeout("no connection in time") from error
        except OSError as error:
            raise httpx.ConnectError("no connection") from error
        return link

    def _connect(self, url: httpx.URL, seconds: float) -> socket.socket:
        host = url.raw_host.decode("ascii")
        plain = socket.create_connection((host, url.port or _PORTS[url.scheme]), seconds)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connected(plain)
            connection = plain
            if url.scheme == "https":
                connection = self._tls.wrap_socket(plain, server_hostname=host)
                self._connected(connection)
            connection.settimeout(None)
        except BaseException:
            plain.close()
            raise
        return connection


class _Link:
    """A socket, and what h11 knows of the conversation on it."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)
        self._idle_since: float | None = None  # None: in use, or of no more use
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)

    def send(self, request: httpx.Request) -> None:
        self._idle_since = None
        head = _head(request.method, request.url.raw_path, tuple(request.headers.raw))
        events = [head, h11.Data(data=request.read()), _END]
        data = b"".join(filter(None, map(self._http.send, events)))
        with suppress(OSError):  # a server may answer, and close, before it has read everything
            self._socket.sendall(data)  # in one piece: each costs a wait for the interpreter's lock

    def head(self) -> h11.Response:
        """Wait for the head of the answer; interim ones (1xx) are not it."""
        while True:
            match self._event():
                case h11.Response() as head:
                    return head
                case h11.InformationalResponse():
                    continue
                case _:
                    raise httpx.RemoteProtocolError("no answer")

    def body(self) -> Iterator[bytes]:
        while isinstance(event := self._event(), h11.Data):
            yield bytes(event.data)
        if not isinstance(event, h11.EndOfMessage):
            raise httpx.RemoteProtocolError("no end")

    def finish(self) -> None:
        """Make ready for the next request, or close what can't be used again."""
        http = self._http
        if http.our_state is http.their_state is h11.DONE and not http.trailing_data[0]:
            http.start_next_cycle()
            self._idle_since = time.monotonic()
        else:  # more than an answer came, or less
            self.close()

    def usable(self, *, within: float) -> bool:
        """Whether it is idle, not for too long, and the server has neither closed it nor spoken."""
        if self._idle_since is None or time.monotonic() - self._idle_since > within:
            return False
        return not self._has_more()

    def close(self) -> None:
        self._idle_since = None
        self._socket.close()

    def _has_more(self) -> bool:
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        return bool(self._poll.poll(0))

    def _event(self) -> object:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                self._http.receive_data(self._socket.recv(_CHUNK))
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError("not HTTP") from error
        except OSError as error:
            raise httpx.ReadError("the connection broke") from error
        return event


@lru_cache(maxsize=64)  # they differ in the length of the body alone, and h11 checks every byte
def _head(method: str, target: bytes, headers: tuple[tuple[bytes, bytes], ...]) -> h11.Request:
    return h11.Request(method=method, target=target, headers=list(headers))


class _Body(httpx.SyncByteStream):
    def __init__(self, link: _Link) -> None:
        self._link = link

    def __iter__(self) -> Iterator[bytes]:
        return self._link.body()

    def close(self) -> None:
        self._link.finish()
