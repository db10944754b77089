"""A loopback server that plays a script of raw answers, and keeps what it was sent."""

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

TOKEN = "c1b0474542144e0ead529eb4861ca5f583c346eb00564f64a7"
MADE = {"idInstance": 1101728000, "apiTokenInstance": TOKEN, "typeInstance": "whatsapp"}


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


Reply = Callable[["ScriptedServer", socket.socket], bool]  # True: keep the connection


def http(status: int, body: bytes = b"", *headers: str, length: int | None = None) -> Reply:
    """A whole answer; with a *length* beyond the body, one that breaks off."""
    told = len(body) if length is None else length
    head = [f"HTTP/1.1 {status} Said", f"Content-Length: {told}", *headers]
    return raw("\r\n".join([*head, "", ""]).encode() + body, keep=told == len(body))


def made(**more: object) -> Reply:
    return http(200, json.dumps({**MADE, **more}).encode(), "Content-Type: application/json")


def says(value: object, status: int = 200, *headers: str) -> Reply:
    return http(status, json.dumps(value).encode(), *headers)


def raw(data: bytes, *, keep: bool = False) -> Reply:
    def reply(_: "ScriptedServer", connection: socket.socket) -> bool:
        connection.sendall(data)
        return keep

    return reply


def reset(_: "ScriptedServer", connection: socket.socket) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def hang(server: "ScriptedServer", _: socket.socket) -> bool:
    server.hanging.set()
    server.over.wait()
    return False


def drip(beginning: bytes, drop: bytes) -> Reply:
    """One *drop* every few milliseconds, for ever: no single read ever waits long."""

    def reply(server: "ScriptedServer", connection: socket.socket) -> bool:
        connection.sendall(beginning)
        server.hanging.set()
        while not server.over.wait(0.02):
            connection.sendall(drop)
        return False

    return reply


class ScriptedServer:
    """Plays *script*, one reply for each request, over all connections; then makes instances."""

    def __init__(self, *script: Reply, tls: ssl.SSLContext | None = None) -> None:
        self._script = list(script)
        self._tls = tls
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[Request] = []
        self.connections = 0
        self.hanging, self.over = threading.Event(), threading.Event()
        self._start(self._accept)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://localhost:{self.port}"

    def stop(self) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._start(self._serve, connection, self.connections)

    def _serve(self, plain: socket.socket, number: int) -> None:
        connection = plain
        with contextlib.suppress(OSError):  # the client may leave whenever it likes
            if self._tls is not None:
                connection = self._tls.wrap_socket(plain, server_side=True)
            with contextlib.closing(connection.makefile("rb")) as stream:
                while (request := _read_request(stream, number)) is not None:
                    if not self._next_reply(request)(self, connection):
                        break
        connection.close()
        plain.close()

    def _next_reply(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            return self._script.pop(0) if self._script else made()


def _read_request(stream: BinaryIO, number: int) -> Request | None:
    first = stream.readline()
    if not first:
        return None
    method, target, _ = first.decode().split(" ", 2)
    headers: dict[str, str] = {}
    while (line := stream.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))
    return Request(method, target, headers, body, number)
