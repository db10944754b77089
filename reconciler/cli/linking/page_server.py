"""A page on loopback: one random path, which is gone once the command has ended.

The standard library's server does it: a page, a stream of events and a short answer, for a few tabs
of one browser, need no framework, and no extra has to be installed to link a phone.
"""

import json
import re
import secrets
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from threading import TIMEOUT_MAX, Condition, Thread
from typing import Any, Final

from reconciler.report.link_page import LinkEvent, LinkView, page_html, view_json

_BEAT: Final = 10.0  # seconds between two signs of life; a tab that was closed is noticed then
_LAST_WORD: Final = 2.0  # seconds for open tabs to be told that it is over
_LARGEST: Final = 4096  # bytes of an answer
_HOST: Final = re.compile(r"(127\.0\.0\.1|localhost)(:[0-9]+)?")  # a tunnel has a port of its own
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Board:
    """What all open tabs show, and what was answered in one of them; for any number of threads.

    A view has a number. Only an answer to the one that is shown counts, and only the first: of two
    tabs in which a button is pressed, one is late.
    """

    def __init__(self, view: LinkView) -> None:
        self._view, self._number = view, 1
        self._asking = False
        self._answer: str | None = None
        self._tabs = 0
        self._changed = Condition()  # around the above: tabs wait for what the run shows

    def show(self, event: LinkEvent) -> None:
        """Show the view after *event* in all tabs."""
        with self._changed:
            self._view, self._number = self._view.after(event), self._number + 1
            self._changed.notify_all()

    def ask(self, event: LinkEvent, patience: float) -> str | None:
        """Show the view after *event*, and return what is answered to it within *patience*
        seconds; None if nothing is."""
        with self._changed:
            self.show(event)
            self._asking, self._answer = True, None
            longest = min(patience, TIMEOUT_MAX)
            self._changed.wait_for(lambda: self._answer is not None, timeout=longest)
            self._asking = False
            return self._answer

    def answer(self, number: int, text: str) -> bool:
        """Take *text* as the answer to the view with that *number*; False where nothing is asked,
        or not that any more."""
        with self._changed:
            if not self._asking or number != self._number:
                return False
            self._asking, self._answer = False, text
            self._changed.notify_all()
            return True

    def views(self) -> Generator[tuple[int, LinkView] | None, None, None]:
        """Yield the view, and each that follows, with its number, to the last; None as a sign of
        life. One that was replaced before anybody could see it is left out."""
        seen = 0
        with self._changed:
            self._tabs += 1
        try:
            while True:
                with self._changed:
                    news = self._number != seen or self._changed.wait(_BEAT)
                    view, seen = self._view, self._number
                yield (seen, view) if news else None
                if view.over:
                    return
        finally:
            with self._changed:
                self._tabs -= 1
                self._changed.notify_all()

    def empty(self, patience: float) -> None:
        """Wait until every tab has the last view, *patience* seconds at most."""
        with self._changed:
            self._changed.wait_for(lambda: self._tabs == 0, timeout=patience)


@contextmanager
def serving(board: Board) -> Iterator[str]:
    """Serve *board* on 127.0.0.1 at a free port; yield the page's address.

    Whoever has the address can link a phone: its path can't be guessed, and the answer to any
    other is always the same.
    """
    path = secrets.token_urlsafe(24)
    with _PageServer(("127.0.0.1", 0), partial(_Tab, board=board, path=path)) as server:
        thread = Thread(target=server.serve_forever, args=(0.1,), daemon=True, name="page")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/{path}/"
        finally:
            board.empty(_LAST_WORD)
            server.shutdown()


class _PageServer(ThreadingTCPServer):
    """Answers each request in a thread of its own. No HTTPServer, which looks up a host's name."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a tab was closed, and a traceback could show what it was told."""


class _Tab(BaseHTTPRequestHandler):
    """One request of one tab."""

    server_version, sys_version = "reconciler", ""
    timeout = 2 * _BEAT  # seconds for a request to come in whole

    def __init__(self, *connection: Any, board: Board, path: str) -> None:
        self._board, self._path = board, path
        super().__init__(*connection)

    def do_GET(self) -> None:
        match self._asked():
            case "":
                nonce = secrets.token_urlsafe(16)
                self._head(200, "text/html; charset=utf-8", nonce=nonce)
                self.wfile.write(page_html(nonce).encode())
            case "events":
                self._head(200, "text/event-stream")
                with closing(self._board.views()) as views:
                    for each in views:
                        self.wfile.write(_event(each))
            case _:
                self._head(404)

    def do_POST(self) -> None:
        if self._asked() != "answer":
            self._head(404)
            return
        match self._body():
            case {"to": int(number), "text": str(text)}:
                self._head(204 if self._board.answer(number, text) else 409)
            case _:
                self._head(400)

    def _asked(self) -> str | None:
        """Return what is asked for below the page's path; None to strangers. Such is also who came
        by a name that leads here (DNS rebinding): a page elsewhere, whose name Host then is."""
        hosts, origins = self.headers.get_all("Host", []), self.headers.get_all("Origin", [])
        if (
            len(hosts) != 1
            or not _HOST.fullmatch(hosts[0])
            or origins not in ([], [f"http://{hosts[0]}"])
        ):
            return None
        _, path, rest = (*self.path.split("/", 2), "", "")[:3]
        return rest if secrets.compare_digest(path.encode(), self._path.encode()) else None

    def _body(self) -> Any:
        length = self.headers.get("Content-Length", "")
        if self.headers.get_content_type() != "application/json" or not length.isdecimal():
            return None
        if int(length) > _LARGEST:
            return None
        try:
            return json.loads(self.rfile.read(int(length)))
        except ValueError:
            return None

    def _head(self, status: int, content_type: str | None = None, *, nonce: str = "") -> None:
        self.send_response(status)
        policy = {"Content-Security-Policy": _POLICY.format(nonce=nonce)}
        kind = {"Content-Type": content_type} if content_type else {"Content-Length": "0"}
        for name, value in {**_HEADERS, **policy, **kind}.items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no request with as little as everything else, and repeat nothing."""
        self._head(code)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing: the path is all that keeps others out."""


def _event(news: tuple[int, LinkView] | None) -> bytes:
    """Return *news* as the browser's EventSource reads it."""
    if news is None:
        return b":\n\n"
    number, view = news
    return f"id: {number}\ndata: {view_json(view)}\n\n".encode()
