"""The client of the partner API: creates once, lists as often as needed, hides its token.

Importing this module imports httpx, a quarter of a second: `check_url` alone is in `address`.
"""

import json
import logging
import random as chance
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self, assert_never
from urllib.parse import quote

import httpx

from reconciler import __version__
from reconciler.errors import AccountUnreadable, TokenRefused, UsageError
from reconciler.model import Account, Attempt, Created, Desired, NotSent, Refused, Unknown
from reconciler.partner.address import check_url
from reconciler.partner.answer import Answer
from reconciler.partner.classify import Unreadable, classify, read_account
from reconciler.partner.deadline import Deadlines
from reconciler.partner.tls import build_context
from reconciler.partner.wire import HiddenURL, Wire
from reconciler.secrets import MASK, Secret, Sieve

__all__ = ["Partner", "check_url", "silence_libraries"]

_MIB: Final = 1024 * 1024
_CREATE_LIMIT: Final = _MIB
_LIST_LIMIT: Final = 256 * _MIB  # half a million rows
_LIST_SECONDS: Final = 60.0
_FIRST_DELAY, _LONGEST_DELAY = 0.5, 30.0
_HEADERS: Final = {
    "User-Agent": f"greenapi-reconciler/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # a compressed answer can be a bomb
}


def silence_libraries() -> None:
    """Keep httpx, httpcore and h11 out of every log: they log whole URLs and headers."""
    for name in ("httpx", "httpcore", "h11"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False


class Partner:
    """A partner account at *url*. Safe for threads: each worker gets its own connection.

    *timeout* bounds a whole answer, *connect_timeout* the way to it. *sieve* learns the tokens
    that come in, and masks what the API says.
    """

    def __init__(  # noqa: PLR0913 - effects, handed in by keyword
        self,
        url: str,
        token: Secret,
        *,
        timeout: float,
        connect_timeout: float = 10,
        ca_bundle: Path | None = None,
        now: Callable[[], datetime],
        sleep: Callable[[float], object] = time.sleep,
        random: Callable[[], float] = chance.random,
        sieve: Sieve | None = None,
    ) -> None:
        silence_libraries()
        self.url = check_url(url)
        self._token = token
        self._timeout, self._connect_timeout = timeout, connect_timeout
        self._now, self._sleep, self._random = now, sleep, random
        self._sieve = sieve or Sieve()
        self._sieve.add(token)
        self._deadlines = Deadlines()
        self._local = threading.local()
        self._wires: list[Wire] = []
        self._lock = threading.Lock()
        self._closed = False
        self._create_url = self._endpoint("createInstance")
        self._list_url = self._endpoint("getInstances")
        host = httpx.Request("GET", self.url).headers["Host"]
        self._headers = httpx.Headers({"Host": host, **_HEADERS})
        self._tls = build_context(self.url, ca_bundle)
        self._wire()  # an environment that httpx can't use (proxies) is told of before any work

    def __repr__(self) -> str:
        return f"Partner({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; creates in flight end as unknown."""
        with self._lock:
            self._closed = True
            wires, self._wires = self._wires, []
        self._deadlines.close()
        for wire in wires:
            wire.close()

    def create(self, desired: Desired) -> Attempt:
        """Send one createInstance, exactly once. The network and the API never make it raise."""
        if self._closed:
            return NotSent("the run is ending")
        try:
            answer = self._post(desired)
            if isinstance(answer, NotSent | Unknown):
                return answer
            outcome = classify(answer, now=self._now(), hide=lambda text: self._hide(text, desired))
            if isinstance(outcome, Created) and isinstance(outcome.token, Secret):
                self._learn([outcome.token])
            return outcome
        except Exception as error:  # a defect below must not lose what may have been paid for
            return Unknown(f"the program failed during the request ({type(error).__name__})")

    def account(self, *, tries: int = 5, stopping: threading.Event | None = None) -> Account:
        """Read getInstances; what may pass is tried again, *tries* times in all.

        *stopping* ends the waiting and the reading early, as a failure.
        """
        result = self._list(stopping)
        for attempt in range(1, tries):
            if not isinstance(result, Unreadable) or not result.again:
                break
            self._pause(attempt, result.retry_after, stopping)
            if self._interrupted(stopping):
                break
            result = self._list(stopping)
        match result:
            case Account():
                return result
            case Refused():
                raise TokenRefused(
                    f"{self.url} refused the partner token: {result.description}",
                    hint="check GREEN_API_PARTNER_TOKEN, and that it belongs to this URL",
                )
            case Unreadable():
                stopped = self._interrupted(stopping)
                raise self._unreadable("the run is stopping" if stopped else result.reason)
            case _:
                assert_never(result)

    def _post(self, desired: Desired) -> Answer | NotSent | Unknown:
        request = self._request("POST", self._create_url, _encoded(desired))
        return self._wire().exchange(request, seconds=self._timeout, limit=_CREATE_LIMIT)

    def _list(self, stopping: threading.Event | None) -> Account | Refused | Unreadable:
        try:
            request = self._request("GET", self._list_url)
            seconds = min(self._timeout, _LIST_SECONDS)
            answer = self._wire().exchange(
                request, seconds=seconds, limit=_LIST_LIMIT, stopping=stopping
            )
            if isinstance(answer, NotSent | Unknown):
                return Unreadable(answer.reason, again=True)
            account = read_account(answer, now=self._now())
            if isinstance(account, Account):
                self._learn(row.token for row in account.instances)
            return account
        except Exception as error:  # its traceback could show the URL and the tokens
            return Unreadable(f"the program failed ({type(error).__name__})", again=False)

    def _unreadable(self, reason: str) -> AccountUnreadable:
        return AccountUnreadable(
            f"{self.url}: the list of instances could not be read: {reason}",
            hint="try again later; check the network and the URL of the partner API",
        )

    def _request(self, method: str, url: HiddenURL, content: bytes | None = None) -> httpx.Request:
        # By hand: httpx's own way parses and merges the same things again for each create, and
        # sends cookies back.
        headers = httpx.Headers(self._headers)
        if content is not None:
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(content))
        body = httpx.ByteStream(content or b"")
        request = httpx.Request(method, url, headers=headers, stream=body)
        request.url = url  # httpx made a plain copy, which shows the token
        return request

    def _wire(self) -> Wire:
        """Return this thread's own connection."""
        wire: Wire | None = getattr(self._local, "wire", None)
        if wire is None:
            wire = self._local.wire = self._new_wire()
            with self._lock:
                self._wires.append(wire)
        return wire

    def _new_wire(self) -> Wire:
        try:
            return Wire(
                tls=self._tls,
                use_proxies=self.url.startswith("https:"),  # plain http stays on this machine
                connect_timeout=self._connect_timeout,
                deadlines=self._deadlines,
            )
        except (
            ValueError,
            ImportError,
            httpx.InvalidURL,
        ):  # their texts may hold a proxy's password
            pass
        raise UsageError(
            "the proxy that the environment names is not usable",
            hint="check HTTPS_PROXY, ALL_PROXY and NO_PROXY; a SOCKS proxy needs httpx[socks]",
        )

    def _endpoint(self, method: str) -> HiddenURL:
        segment = quote(self._token.reveal(), safe="")
        if not segment.strip("."):
            segment = segment.replace(".", "%2E")  # or it would mean another folder
        base = f"{self.url}/partner/{method}/"
        return HiddenURL(base + segment, shown=base + MASK)

    def _learn(self, tokens: Iterable[Secret | None]) -> None:
        """Make sure that *tokens* pass the sieve nowhere."""
        for token in tokens:
            if token is not None:
                self._sieve.add(token)

    def _hide(self, text: str, desired: Desired) -> str:
        sent = (value for value in desired.parameters.values() if isinstance(value, Secret))
        return Sieve(sent).clean(self._sieve.clean(text))

    def _interrupted(self, stopping: threading.Event | None) -> bool:
        return self._closed or (stopping is not None and stopping.is_set())

    def _pause(self, attempt: int, asked: float | None, stopping: threading.Event | None) -> None:
        """Wait before the next try: longer each time, and not in step with other runs."""
        delay = min(_FIRST_DELAY * 2 ** (attempt - 1), _LONGEST_DELAY) * (0.5 + self._random() / 2)
        if asked is not None:
            delay = max(delay, min(asked, 2 * _LONGEST_DELAY))
        if stopping is None:
            self._sleep(delay)
        else:
            stopping.wait(delay)


def _encoded(desired: Desired) -> bytes:
    parameters = {
        name: value.reveal_typed() if isinstance(value, Secret) else value
        for name, value in desired.parameters.items()
    }
    body = {"name": desired.name, **parameters}
    return _ENCODER.encode(body).encode()


_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))
