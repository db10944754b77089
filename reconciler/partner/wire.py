"""Requests to the API: each on a connection of its own, once, and in bounded time.

What a failure means for money is decided here: `NotSent` only when it is certain that no byte of
the request left, `Unknown` for everything else.
"""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import Event, Thread
from time import monotonic
from typing import Any, Final, TypeVar

import httpcore
import httpx

from reconciler.errors import UsageError
from reconciler.model import NotSent, Unknown
from reconciler.partner.answer import Answer, BrokenOff
from reconciler.partner.trouble import in_words
from reconciler.secrets import Secret

T = TypeVar("T")


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


# All of these are raised before a connection to the API exists, and by nothing later: the last one
# by a proxy that answers CONNECT with a refusal. Whatever else is raised proves nothing.
_NOT_CONNECTED: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
)


_GLANCE: Final = 0.1  # seconds; how often exchanges are looked at that may take too long


class Wire:
    """Sends requests, many at a time; for any thread."""

    def __init__(
        self, *, tls: ssl.SSLContext, proxy: Secret | None, connect_timeout: float
    ) -> None:
        self._client = _new_client(tls, proxy)
        self._connect_timeout = connect_timeout
        self._open: set[Deadline] = set()
        self._closed = Event()
        Thread(target=self._watch, name="deadlines", daemon=True).start()

    def close(self) -> None:
        """End every exchange now."""
        self._closed.set()
        for deadline in self._open.copy():
            deadline.expire()
        self._client.close()

    def exchange(
        self,
        request: httpx.Request,
        judge: Callable[[Answer], T],
        *,
        seconds: float,
        silence: float,
        stopping: Event | None = None,
    ) -> T | NotSent | Unknown:
        """Send *request*, once, and return what *judge* makes of the answer.

        The whole may take *seconds*, and a part of the answer may be waited for in *silence*
        seconds. *stopping* ends it early.
        """
        silence = min(seconds, silence)
        timeout = httpx.Timeout(silence, connect=self._connect_timeout, pool=None)
        deadline = Deadline(monotonic() + seconds, stopping)
        self._open.add(deadline)
        # A pool that keeps no idle connection still hands one over to a request that comes in the
        # moment before it is closed; of one that ends with its answer nothing is ever idle.
        request.headers["Connection"] = "close"
        request.extensions |= {"timeout": timeout.as_dict(), "trace": deadline.follow}
        try:
            response = self._client.send(request, stream=True)
            try:
                chunks = _chunks(response, deadline)
                return judge(Answer(response.status_code, response.headers, chunks))
            finally:
                with suppress(httpx.HTTPError):  # what was answered counts, however it ends
                    response.close()
        except httpx.HTTPError as error:
            late = deadline.expired or isinstance(error, httpx.ReadTimeout)
            return judge_failure(error, f"no answer within {silence:g} s" if late else "")
        finally:
            self._open.discard(deadline)

    def _watch(self) -> None:
        while not self._closed.wait(_GLANCE):
            for deadline in self._open.copy():
                if deadline.is_over():
                    deadline.expire()


def judge_failure(error: httpx.HTTPError, late: str = "") -> NotSent | Unknown:
    """Return what *error* proves; *late* says in words that the time was over."""
    if isinstance(error, _NOT_CONNECTED):
        return NotSent(in_words(error))
    return Unknown(late or in_words(error))


def _new_client(tls: ssl.SSLContext, proxy: Secret | None) -> httpx.Client:
    with suppress(ValueError, ImportError, httpx.InvalidURL):  # texts with a proxy's password
        return httpx.Client(
            verify=tls,
            proxy=None if proxy is None else proxy.reveal(),
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # none is kept
            # A connection for each request: on one that is used again, a second answer to the last
            # request would be taken for the answer to the next.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )
    raise UsageError(
        "the proxy that the environment names is not usable",
        hint="check HTTPS_PROXY and ALL_PROXY; a SOCKS proxy needs httpx[socks]",
    )


_PLAIN: Final = {"", "identity", "gzip", "x-gzip", "deflate"}


def _chunks(response: httpx.Response, deadline: "Deadline") -> Iterator[bytes]:
    """Yield the body as it arrives; raise BrokenOff where it is cut."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    # Unasked. One compression makes a chunk a thousand times as long at most, two a million times;
    # left as it is, it is not JSON and says so itself.
    chunks = response.iter_bytes() if encoding in _PLAIN else response.iter_raw()
    try:
        yield from chunks
    except httpx.HTTPError:
        raise BrokenOff from None
    if deadline.expired:  # the end that it makes looks like the end of a body without a length
        raise BrokenOff


class Deadline:
    """Shuts the connection of one exchange down when it takes too long as a whole, or when nobody
    waits for it any more: httpx bounds each read alone, which lets a server drip for ever."""

    def __init__(self, due: float, stopping: Event | None) -> None:
        self._due, self._stopping = due, stopping
        self._connection: socket.socket | None = None
        self.expired = False

    def is_over(self) -> bool:
        stopped = self._stopping is not None and self._stopping.is_set()
        return stopped or monotonic() >= self._due

    def follow(self, event: str, info: dict[str, Any]) -> None:
        """Learn of the connection from httpcore, by whatever name it calls the event.

        Were it not told one day, an answer would have no bound as a whole. It is told before a
        request leaves, too: that of a process which was frozen until now stays here.
        """
        stream = info.get("return_value")
        if isinstance(stream, httpcore.NetworkStream):
            self._connection = stream.get_extra_info("socket")
        if self.expired or self.is_over():
            self.expire()

    def expire(self) -> None:
        self.expired = True
        if self._connection is not None:
            with suppress(OSError):  # the other side was quicker
                # Not SSLSocket's own: it would take the TLS layer away under a reader's hands.
                socket.socket.shutdown(self._connection, socket.SHUT_RDWR)
