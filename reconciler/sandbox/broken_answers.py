"""What no well-behaved server does to a connection, as Starlette responses.

uvicorn hands an application no way to its connection; `BreakableConnection` passes itself along in
the scope's state, and the responses below find it there.
"""

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_CHUNK: Final = b" " * (1 << 16)


class BreakableConnection(H11Protocol):
    """One connection, with the means to break it off."""

    broken: bool = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn declares it
        super().connection_made(transport)
        self.app_state = {**self.app_state, "connection": self}

    def close(self) -> None:
        """Send what is waiting to be sent, then close."""
        self.transport.close()

    def reset(self) -> None:
        """Drop the connection so that the client's system sees a TCP reset."""
        linger = struct.pack("ii", 1, 0)  # on, no time: the kernel then answers with RST
        self.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, linger
        )
        self.transport.abort()

    def shutdown(self) -> None:
        """Let go of a client that would wait for ever; otherwise as uvicorn does it."""
        if self.broken:
            self.transport.abort()
        else:
            super().shutdown()


class ConnectionClosed(Response):
    """No answer: the connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _connection(scope).close()
        await _gone(receive)


class ConnectionReset(Response):
    """No answer: the connection is reset."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _connection(scope).reset()
        await _gone(receive)


class Hung(Response):
    """No answer until *seconds* have passed or the client goes, then the connection is closed."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__()
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _connection(scope).broken = True
        try:
            await asyncio.wait_for(_gone(receive), self._seconds)
        except TimeoutError:
            _connection(scope).close()
            await _gone(receive)


class CutShort(Response):
    """Half of *content* under a Content-Length that promises all of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytes(self.body)
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        half = body[: len(body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        _connection(scope).close()
        await _gone(receive)


class SaidTwice(Response):
    """The answer, and the same bytes behind it, where the next request's answer is looked for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(scope, receive, send)
        head = b"".join(name + b": " + line + b"\r\n" for name, line in self.raw_headers)
        again = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + bytes(self.body)
        _connection(scope).transport.write(again)


class Padded(Response):
    """*content* behind so many MiB of blanks, sent as fast as the client reads."""

    def __init__(self, content: bytes, *, mebibytes: int, headers: Mapping[str, str]) -> None:
        super().__init__(content, headers=headers)
        self._chunks = mebibytes << 4
        length = self._chunks * len(_CHUNK) + len(content)
        self.headers["content-length"] = str(length)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        connection = _connection(scope)
        for _ in range(self._chunks):
            if connection.transport.is_closing():
                return
            await send({"type": "http.response.body", "body": _CHUNK, "more_body": True})
        await send({"type": "http.response.body", "body": bytes(self.body)})


def _connection(scope: Scope) -> BreakableConnection:
    connection = scope["state"]["connection"]
    assert isinstance(connection, BreakableConnection)  # noqa: S101 - what server.py serves through
    return connection


async def _gone(receive: Receive) -> None:
    """Wait until the connection is gone: uvicorn complains about an answer left out before that."""
    while (await receive())["type"] != "http.disconnect":
        pass
