"""The client of the API: sends any method, what changes something once; hides every token."""

import json
import logging
import random as chance
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar, assert_never
from urllib.request import getproxies

import httpx

from reconciler import __version__
from reconciler.errors import AccountUnreadable, TokenRefused
from reconciler.model import Account, NotSent, Refused, Unknown
from reconciler.partner.answer import Answer, Known, Unreadable
from reconciler.partner.headers import read_date
from reconciler.partner.methods import GET_INSTANCES, Body, Fields, Method
from reconciler.partner.proxies import choose_proxy
from reconciler.partner.spacing import Spacing
from reconciler.partner.tls import build_context
from reconciler.partner.trouble import ELSEWHERE
from reconciler.partner.wire import HiddenURL, Wire
from reconciler.secrets import Secret, Sieve
from reconciler.urls import check_url

_FIRST_DELAY, _LONGEST_DELAY = 0.5, 30.0
_PATIENCE: Final = 60.0  # seconds; who asks for more (Retry-After) is left alone by this run
_HEADERS: Final = {
    "User-Agent": f"greenapi-reconciler/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # a compressed answer can be a bomb
}

Asked = TypeVar("Asked")
Told = TypeVar("Told")


def silence_libraries() -> None:
    """Keep httpx, httpcore and h11 out of every log: they log whole URLs and headers."""
    for name in ("httpx", "httpcore", "h11"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False


class Partner:
    """A partner account at *url*; for any number of threads. Without its *token*, only instances
    can be asked.

    *timeout* bounds a whole exchange, *connect_timeout* the way to the API. *url_from* says where
    the URL was found. *sieve* learns the tokens that come in, and masks what the API says. *warn*
    is told of what is odd in the environment.
    """

    def __init__(  # noqa: PLR0913 - effects, handed in by keyword
        self,
        url: str,
        token: Secret | None,
        *,
        timeout: float,
        url_from: str = "--api-url",
        connect_timeout: float = 10,
        ca_bundle: Path | None = None,
        now: Callable[[], datetime],
        sleep: Callable[[float], object] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = chance.random,
        sieve: Sieve | None = None,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        silence_libraries()
        self.url = check_url(url)
        self._fields: Fields = {} if token is None else {"partnerToken": token}
        self._timeout, self._url_from = timeout, url_from
        self._now, self._sleep, self._random = now, sleep, random
        self._sieve = sieve or Sieve()
        self._learn([token])
        self._spacing = Spacing(monotonic)
        self._newest: datetime | None = None  # the latest Date that an answer bore
        self._closed = False
        self._wire = Wire(
            tls=build_context(self.url, ca_bundle),
            proxy=self._proxy(warn),
            connect_timeout=connect_timeout,
        )

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

    def _proxy(self, warn: Callable[[str], None]) -> Secret | None:
        if self.url.startswith("http:"):
            return None  # plain http stays on this machine
        return choose_proxy(self.url, getproxies(), warn=warn)

    def close(self) -> None:
        """Close all connections; what is in flight and can't be repeated ends as unknown."""
        self._closed = True
        self._wire.close()

    def send(self, method: Method[Asked, Told], asked: Asked) -> Told | NotSent | Unknown:
        """Send *method*, exactly once. The network and the API never make it raise."""
        if self._closed:
            return NotSent("the run is ending")
        try:
            return self._exchange(method, asked, stopping=None)
        except Exception as error:  # a defect below must not lose what may have been paid for
            return Unknown(f"the program failed during the request ({type(error).__name__})")

    def account(self, *, tries: int = 5, stopping: threading.Event | None = None) -> Account:
        """Read getInstances; what may pass is tried again, *tries* times in all.

        *stopping* ends the waiting and the reading early, as a failure.
        """
        result = self.read(GET_INSTANCES, None, tries=tries, stopping=stopping)
        match result:
            case Account():
                return result
            case Refused():
                raise TokenRefused(
                    f"{self.url} refused the partner token: {result.description}",
                    hint="check GREEN_API_PARTNER_TOKEN, or the manifest's account.token, and that"
                    " it belongs to this URL",
                )
            case Unreadable():
                raise self._unreadable(result, stopping)
            case _:
                assert_never(result)

    def read(
        self,
        method: Method[Asked, Told],
        asked: Asked,
        *,
        tries: int = 1,
        stopping: threading.Event | None = None,
    ) -> Told | Unreadable:
        """Send *method* until its answer can be read: *tries* times, if it is repeatable.

        *stopping* ends the waiting and the reading early, as a failure. Nothing makes it raise.
        """
        result = self._read_once(method, asked, stopping)
        for attempt in range(1, tries if method.repeatable else 1):
            if not isinstance(result, Unreadable) or not result.again:
                break
            if (result.retry_after or 0) > _PATIENCE:
                break
            self._pause(attempt, result.retry_after, stopping)
            if self._interrupted(stopping):
                break
            result = self._read_once(method, asked, stopping)
        return result

    def _read_once(
        self,
        method: Method[Asked, Told],
        asked: Asked,
        stopping: threading.Event | None,
    ) -> Told | Unreadable:
        try:
            answer = self._exchange(method, asked, stopping=stopping)
        except Exception as error:  # its traceback could show the URL and the tokens
            return Unreadable(f"the program failed ({type(error).__name__})", again=False)
        if isinstance(answer, NotSent | Unknown):
            return Unreadable(answer.reason, again=True, elsewhere=answer.reason in ELSEWHERE)
        return answer

    def _unreadable(self, found: Unreadable, stopping: threading.Event | None) -> AccountUnreadable:
        if self._interrupted(stopping):
            found = Unreadable("the run is stopping", again=False)
        if found.elsewhere:
            return AccountUnreadable(
                f"{self.url} does not look like the partner API: {found.reason}"
                f" (the URL comes from {self._url_from})",
                hint="take the URL that GREEN-API's console shows for your partner account",
            )
        reason, asked = found.reason, found.retry_after or 0
        if asked > _PATIENCE:
            reason += f"; it asks to be left alone for {asked:.0f} s"
        return AccountUnreadable(
            f"{self.url}: the list of instances could not be read: {reason}",
            hint="try again later; check the network and the URL of the partner API",
        )

    def _exchange(
        self, method: Method[Asked, Told], asked: Asked, *, stopping: threading.Event | None
    ) -> Told | NotSent | Unknown:
        """Send *method* once. Secrets of its body are masked in what the API says of it."""
        fields, body = {**self._fields, **method.fields(asked)}, method.body(asked)
        self._learn(fields.values())
        hide = Sieve(_secrets_in(body))

        def judge(answer: Answer) -> Told:
            newest, date = self._newest, read_date(answer.headers)
            if date is not None and (newest is None or date > newest):
                self._newest = date  # of two answers at once either will do
            known = Known(self._now(), lambda text: hide.clean(self._sieve.clean(text)), newest)
            return method.judge(answer, known)

        url = method.host(asked) or self.url
        if method.every:
            early = self._spacing.book((method.path, url, *fields.values()), method.every)
            if self._waited(early, stopping):
                return NotSent("the run is stopping")
        told = self._wire.exchange(
            self._request(method, url, fields, body),
            judge,
            seconds=self._timeout,
            silence=method.silence,
            stopping=stopping,
        )
        if not isinstance(told, NotSent | Unknown):
            self._learn(method.brings(told))
        return told

    def _request(
        self, method: Method[Asked, Told], base: str, fields: Fields, body: Body | None
    ) -> httpx.Request:
        url = HiddenURL(base + method.target(fields), shown=base + method.shown(fields))
        # Not by the client's own way, which would send back cookies and whatever else it keeps.
        headers, content = {**_HEADERS, **method.headers}, None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(_revealed(body), separators=(",", ":")).encode()
        request = httpx.Request(method.verb, url, headers=headers, content=content)
        request.url = url  # httpx made a plain copy, which shows the token
        return request

    def _learn(self, values: Iterable[Secret | str | None]) -> None:
        """Make sure that the secrets among *values* pass the sieve nowhere."""
        for value in values:
            if isinstance(value, Secret):
                self._sieve.add(value)

    def _interrupted(self, stopping: threading.Event | None) -> bool:
        return self._closed or (stopping is not None and stopping.is_set())

    def _pause(self, attempt: int, asked: float | None, stopping: threading.Event | None) -> None:
        """Wait before the next try: longer each time, and not in step with other runs."""
        delay = min(_FIRST_DELAY * 2 ** (attempt - 1), _LONGEST_DELAY) * (0.5 + self._random() / 2)
        if asked is not None:
            delay = max(delay, asked)
        self._waited(delay, stopping)

    def _waited(self, seconds: float, stopping: threading.Event | None) -> bool:
        """Wait for *seconds*; return whether *stopping* has ended it."""
        if seconds > 0 and stopping is None:
            self._sleep(seconds)
        return stopping is not None and stopping.wait(max(seconds, 0))


def _secrets_in(body: Body | None) -> list[Secret]:
    """Return what a request sends and nobody may read."""
    return [value for value in (body or {}).values() if isinstance(value, Secret)]


def _revealed(body: Body) -> Mapping[str, object]:
    """Return *body* as it is sent, secrets as they are."""
    return {
        name: value.reveal_typed() if isinstance(value, Secret) else value
        for name, value in body.items()
    }
