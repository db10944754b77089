"""A small object store of ours on loopback, which speaks as much S3 and Google Cloud Storage as a
state needs. It is no emulator of either vendor: what it shows of gs:// is that our side keeps to
the documented conditions on generations. `python -m tests.object_server BUCKET SECONDS` runs it,
with that one bucket, each answer so late.

`GET /-/puts` says how many puts there were.
"""

import hashlib
import re
import sys
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Lock
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Thing:
    """An object, with the headers that it is given back with."""

    data: bytes
    e_tag: str
    generation: int
    marks: dict[str, str]
    modified: float


@dataclass
class Shelves:
    """Everything that is kept, in the one *bucket*."""

    bucket: str

    things: dict[str, Thing] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    puts: int = 0
    generations: "count[int]" = field(default_factory=lambda: count(1))


class Handler(BaseHTTPRequestHandler):
    """Answers one request after the other on a connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else some answers would be 40 ms later than asked for
    shelves: Shelves
    seconds: float

    def do_GET(self) -> None:
        if self.path == "/-/puts":
            self._answer(200, str(self.shelves.puts).encode())
            return
        name = self._name()
        if self._is_elsewhere(name):
            return
        if "/" not in name:
            self._list()
            return
        thing = self.shelves.things.get(name)
        if thing is None:
            self._error(404, "NoSuchKey")
        else:
            self._answer(200, thing.data, _headers(thing))

    do_HEAD = do_GET  # noqa: N815 - the base class looks for it

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        name = self._name()
        if self._is_elsewhere(name):
            return
        with self.shelves.lock:
            self.shelves.puts += 1
            there = self.shelves.things.get(name)
            allowed = self._allowed(there)
            if allowed:
                self.shelves.things[name] = thing = Thing(
                    data,
                    f'"{hashlib.md5(data).hexdigest()}"',  # noqa: S324 - as S3 has it
                    next(self.shelves.generations),
                    {key: text for key, text in self.headers.items() if "-meta-" in key.lower()},
                    time.time(),
                )
        if allowed:
            self._answer(200, b"", _headers(thing))
        elif there is None and "If-Match" in self.headers:
            self._error(404, "NoSuchKey")  # as S3 has it
        else:
            self._error(412, "PreconditionFailed")

    def do_DELETE(self) -> None:
        """Google's removal of one, which must be there."""
        if self._remove(self._name()) is None:
            self._error(404, "NoSuchKey")
        else:
            self._answer(204, b"")

    def do_POST(self) -> None:
        """S3's removal of many: the names are in a document."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        bucket = self._name()
        names = [unquote(name) for name in re.findall(r"<Key>([^<]*)</Key>", body)]
        for name in names:
            self._remove(f"{bucket}/{name}")
        gone = "".join(f"<Deleted><Key>{escape(name)}</Key></Deleted>" for name in names)
        self._answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())

    def log_message(self, *said: object) -> None:
        """Nobody reads it."""

    def _is_elsewhere(self, name: str) -> bool:
        """Answer that there is no such bucket, unless *name* is in ours."""
        elsewhere = name.partition("/")[0] != self.shelves.bucket
        if elsewhere:
            self._error(404, "NoSuchBucket")
        return elsewhere

    def _remove(self, name: str) -> Thing | None:
        with self.shelves.lock:
            return self.shelves.things.pop(name, None)

    def _allowed(self, there: Thing | None) -> bool:
        generation = self.headers.get("x-goog-if-generation-match")
        if generation is not None:
            return int(generation) == (there.generation if there else 0)
        if self.headers.get("If-None-Match") == "*":
            return there is None
        expected = self.headers.get("If-Match")
        return expected is None or (there is not None and there.e_tag == expected)

    def _list(self) -> None:
        bucket = self._name()
        prefix = parse_qs(urlsplit(self.path).query).get("prefix", [""])[0]
        rows = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(thing.data)}</Size>"
            f"<ETag>{escape(thing.e_tag)}</ETag>"
            f"<LastModified>{time.strftime('%Y-%m-%dT%H:%M:%S.000Z', time.gmtime(thing.modified))}"
            "</LastModified></Contents>"
            for full, thing in sorted(self.shelves.things.items())
            for name in [full.removeprefix(f"{bucket}/")]
            if full.startswith(f"{bucket}/{prefix}")
        )
        self._answer(
            200, f"<ListBucketResult><Name>{bucket}</Name>{rows}</ListBucketResult>".encode()
        )

    def _name(self) -> str:
        return unquote(urlsplit(self.path).path).strip("/")

    def _error(self, status: int, code: str) -> None:
        self._answer(status, f"<Error><Code>{code}</Code></Error>".encode())

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        time.sleep(self.seconds)
        self.send_response(status)
        for key, text in (headers or {}).items():
            self.send_header(key, text)
        self.send_header("Content-Length", f"{len(body)}")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _headers(thing: Thing) -> dict[str, str]:
    return {
        "ETag": thing.e_tag,
        "x-goog-generation": f"{thing.generation}",
        "Last-Modified": formatdate(thing.modified, usegmt=True),
        **thing.marks,
    }


def serve(bucket: str, seconds: float) -> None:
    """Listen on a port of its own, say which on stdout, and go on for ever."""
    Handler.shelves, Handler.seconds = Shelves(bucket), seconds
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sys.stdout.write(f"Running on http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1], float(sys.argv[2]))
