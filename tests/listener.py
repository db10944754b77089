"""A small HTTP service on loopback that keeps what it was sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Listener:
    """Answers with *status* (and *location*); holds its answer back until `go`."""

    url: str = ""
    status: int = 200
    location: str = ""
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    go: Event = field(default_factory=Event)


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()
    listener.go.set()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            listener.calls.append((self.command, self.path, body.decode()))
            listener.go.wait(30)
            self.send_response(listener.status)
            if listener.location:
                self.send_header("Location", listener.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = _answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield listener
    finally:
        listener.go.set()
        server.shutdown()
        thread.join()
        server.server_close()
