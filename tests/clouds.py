"""The hosts of AWS, Google and Azure that say who somebody is, and the stores that want to know.

A small stand-in of ours, no emulator of any vendor: what it shows is that our side asks where the
vendors' documentation says, proves who it is as that says, and hands on what it is given. It is a
proxy on loopback, so that the program asks by the hosts' own names, with TLS where they have it.
"""

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import trustme

from tests.object_stores import Tls

STORES: Final = (
    ".amazonaws.com",
    ".minio.example",
    "storage.googleapis.com",
    ".blob.core.windows.net",
)


@dataclass(frozen=True)
class Heard:
    """A request: its *target* is "METHOD host/path"; *said* is its query or form, *headers* have
    lower-case names."""

    target: str
    said: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def who(self) -> str:
        """As whom a store was asked."""
        authorization = self.headers.get("authorization", "")
        if authorization.startswith("AWS4"):
            key = authorization.partition("Credential=")[2].partition("/")[0]
            return f"{key} {self.headers.get('x-amz-security-token', '')}".rstrip()
        return authorization or self.said.get("sig", "nobody")


Answer = tuple[int, str]
Service = Callable[[Heard], Answer]


@dataclass
class Clouds:
    """What the stand-in is told and hears: *services* by the beginnings of targets; what a store
    answers who it does not know."""

    env: Mapping[str, str]
    authority: trustme.CA
    services: dict[str, Service] = field(default_factory=dict)
    knows: Callable[[str], bool] = lambda who: False
    refusal: Answer = (403, "<Error><Code>InvalidAccessKeyId</Code></Error>")
    heard: list[Heard] = field(default_factory=list)

    def answer(self, heard: Heard) -> Answer:
        self.heard.append(heard)
        for target, service in self.services.items():
            if heard.target.startswith(target):
                return service(heard)
        host = heard.target.split()[1].partition("/")[0]
        if not host.endswith(STORES) or host.startswith("sts."):
            return 404, ""
        return self._stored(heard) if self.knows(heard.who) else self.refusal

    def _stored(self, heard: Heard) -> Answer:
        """Answer as an empty bucket of any of the three."""
        if heard.said.get("comp") == "list":
            return 200, "<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>"
        if "list-type" in heard.said:
            return 200, "<ListBucketResult><Name>states</Name></ListBucketResult>"
        return 404, "<Error><Code>NoSuchKey</Code></Error>"


@contextmanager
def clouds(folder: Path) -> Iterator[Clouds]:
    """Run the stand-in; its certificates are in *folder*."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))

    class Handler(_Handler):
        certificates = _Certificates(authority)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        proxy = f"http://127.0.0.1:{server.server_port}"
        env = {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "NO_PROXY": "127.0.0.1"}
        env["SSL_CERT_FILE"] = f"{folder / 'authority.pem'}"
        Handler.made = made = Clouds(env, authority)
        Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


def of_this_machine(clouds: Clouds, folder: Path) -> Tls:
    """Put a certificate of 127.0.0.1 into *folder*, from who vouches for the stand-in's hosts."""
    made, paths = (
        clouds.authority.issue_cert("127.0.0.1"),
        (folder / "cert.pem", folder / "key.pem"),
    )
    made.cert_chain_pems[0].write_to_path(str(paths[0]))
    made.private_key_pem.write_to_path(str(paths[1]))
    return Tls(*paths, Path(clouds.env["SSL_CERT_FILE"]))


class _Certificates:
    """One for each host, made when it is asked for."""

    def __init__(self, authority: trustme.CA) -> None:
        self._authority, self._lock = authority, Lock()
        self._made: dict[str, ssl.SSLContext] = {}

    def of(self, host: str) -> ssl.SSLContext:
        with self._lock:
            if host not in self._made:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self._authority.issue_cert(host).configure_cert(context)
                self._made[host] = context
            return self._made[host]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    made: Clouds
    certificates: _Certificates
    host = ""  # that a tunnel leads to

    def do_CONNECT(self) -> None:
        self.host = self.path.rpartition(":")[0]
        self.send_response(200)
        self.end_headers()
        self.connection: Any = self.certificates.of(self.host).wrap_socket(
            self.connection, server_side=True
        )
        self.rfile: Any = self.connection.makefile("rb")
        self.wfile: Any = self.connection.makefile("wb", 0)

    def finish(self) -> None:
        super().finish()
        self.connection.close()  # a tunnel's; the server knows of the one that it came by

    def do_GET(self) -> None:
        # As it was sent: the base class takes a slash away where two begin the path.
        sent = self.requestline.split()[1]
        url = urlsplit(f"//{sent}" if sent.startswith("//") else sent)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        form = parse_qs(url.query or (body if self.command == "POST" else ""))
        heard = Heard(
            f"{self.command} {self.host or url.netloc or 'here'}{url.path}",
            {name: texts[0] for name, texts in form.items()},
            {name.lower(): text for name, text in self.headers.items()},
        )
        status, text = self.made.answer(heard)
        self.send_response(status)
        self.send_header("Content-Length", f"{len(text.encode())}")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text.encode())

    do_PUT = do_POST = do_HEAD = do_DELETE = do_GET  # noqa: N815 - the base class looks for them

    def log_message(self, *said: object) -> None:
        """Nobody reads it."""


def given(who: str, answer: Mapping[str, object] | str, refusal: Answer) -> Service:
    """Answer whoever proves to be *who* (a "name=text" of the request), refuse anybody else."""
    name, _, text = who.partition("=")

    def service(heard: Heard) -> Answer:
        if {**heard.headers, **heard.said}.get(name) != text:
            return refusal
        return 200, answer if isinstance(answer, str) else json.dumps(answer)

    return service
