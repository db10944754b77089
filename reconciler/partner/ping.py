"""Tells a dead man's switch (healthchecks.io and its like) that a run began, and how it ended."""

from collections.abc import Callable
from threading import Thread
from typing import Final
from urllib.parse import SplitResult, urlsplit

from reconciler.errors import UsageError
from reconciler.secrets import Secret

TIMEOUT: Final = 10.0  # seconds for the whole call, name lookup included
_LIMIT: Final = 90_000  # bytes of a body; the service keeps 100 kB


class Ping:
    """POSTs to `URL/start`, `URL` and `URL/fail`. Nothing that goes wrong here fails a run.

    The URL is a capability: whoever has it can silence the alarm, so it is never shown. What
    *warn* is told, once, does not contain it.
    """

    def __init__(
        self, url: Secret, *, warn: Callable[[str], None], timeout: float = TIMEOUT
    ) -> None:
        self._url = url
        self._warn = warn
        self._timeout = timeout
        self._warned = False
        _checked(url)

    def start(self) -> None:
        """Say that a run began."""
        self._post("/start", "")

    def success(self, summary: str) -> None:
        """Say that the run ended well; *summary* is kept with the event."""
        self._post("", summary)

    def fail(self, summary: str) -> None:
        """Say that the run needs a person."""
        self._post("/fail", summary)

    def _post(self, suffix: str, body: str) -> None:
        parts = _checked(self._url)
        url = Secret(parts._replace(path=parts.path.rstrip("/") + suffix).geturl())
        trouble: list[str] = []

        def call() -> None:
            if (text := _send(url, body.encode("utf-8")[:_LIMIT], self._timeout)) is not None:
                trouble.append(text)

        # A thread, because nothing else bounds the time that looking a name up may take.
        caller = Thread(target=call, name="ping", daemon=True)
        caller.start()
        caller.join(self._timeout)
        if caller.is_alive():
            trouble.append("no answer in time")
        if trouble and not self._warned:
            self._warned = True
            self._warn(f"the heartbeat (--ping-url) was not delivered: {trouble[0]}")


def _checked(url: Secret) -> SplitResult:
    try:
        parts = urlsplit(url.reveal())
        good = parts.scheme in ("http", "https") and parts.hostname and not parts.username
        good = good and (parts.port is None or parts.port > 0)
        good = good and url.reveal().isascii() and url.reveal().isprintable()
        good = good and " " not in url.reveal() and not parts.fragment
    except ValueError:
        good = False
    if not good:
        raise UsageError(
            "--ping-url is not an address to ping (its value is not shown: it is a secret)",
            hint="it looks like https://hc-ping.com/… and has no user name and no #",
        )
    return parts


def _send(url: Secret, body: bytes, timeout: float) -> str | None:
    """Return what went wrong, in words without the URL, None when the ping was taken."""
    import httpx  # most runs ping nobody

    from reconciler.partner.client import silence_libraries
    from reconciler.partner.trouble import in_words

    silence_libraries()  # httpx logs whole URLs
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    try:
        # no redirect is followed: the summary is for this service only
        answer = httpx.post(url.reveal(), content=body, headers=headers, timeout=timeout)
    except httpx.ReadTimeout:
        return "no answer in time"
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return in_words(error)
    return None if answer.is_success else f"the service answered {answer.status_code}"
