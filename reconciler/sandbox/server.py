"""The process: a loopback socket, uvicorn behind it, and a clean end."""

import ipaddress
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from reconciler.errors import UsageError
from reconciler.sandbox.broken_answers import BreakableConnection

_GRACE: Final = 3  # seconds for the answers that are still on their way when it stops


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises `UsageError` for anything that others could reach."""
    address = _loopback(host)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named; without it an answer takes 40 ms
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((str(address), port))
        listener.listen(2048)
    except (OSError, OverflowError) as error:
        listener.close()
        why = getattr(error, "strerror", None) or "not a port"
        raise UsageError(
            f"can't listen on {host}:{port}: {why.lower()}", hint="--port 0 takes a free one"
        ) from error
    return listener


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(
    app: ASGIApp,
    listener: socket.socket,
    *,
    ready: Callable[[], None],
    stopping: Callable[[], None],
) -> None:
    """Serve until SIGINT or SIGTERM.

    *ready* is called once requests are answered, *stopping* when no new ones are taken any more.
    """
    config = uvicorn.Config(
        app,
        http=BreakableConnection,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,  # its lines hold the path, and the path holds the token
        server_header=False,
        date_header=False,  # the service has a clock of its own
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE,
    )
    _Server(config, ready, stopping).run(sockets=[listener])


def write_ready_file(path: Path, *, url: str, token: str) -> None:
    """Say where the sandbox is, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    text = json.dumps({"url": url, "token": token, "pid": os.getpid()})
    try:
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: can't be written: {(error.strerror or '').lower()}") from error


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopping: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready, self._stopping = ready, stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; unlike uvicorn's own, don't die of the signal afterwards: this is a clean end."""
        self.force_exit = self.should_exit
        self.should_exit = True


def _loopback(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise UsageError(
            f"--host {host}: the sandbox listens on loopback only", hint="use 127.0.0.1 or ::1"
        )
    return address
