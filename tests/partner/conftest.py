"""Servers and clients that are closed after the test, whatever happened in it."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from reconciler.model import Desired, Place
from reconciler.partner.client import Partner
from reconciler.secrets import Secret
from tests.partner.server import Reply, ScriptedServer

PARTNER_TOKEN = "gac.5f/3a b%c1b04745421"
NOW = datetime(2026, 11, 22, 10, 6, tzinfo=UTC)
DESIRED = Desired(
    key="support-eu",
    name="support-eu",
    parameters={"webhookUrlToken": Secret("hush-hush-hush"), "delaySendMessagesMilliseconds": 1000},
    place=Place("instances.yaml", 3, 3),
)


@pytest.fixture(autouse=True)
def _a_plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def serve(closing: ExitStack) -> Callable[..., ScriptedServer]:
    def start(*script: Reply, tls: ssl.SSLContext | None = None) -> ScriptedServer:
        server = ScriptedServer(*script, tls=tls)
        closing.callback(server.stop)
        return server

    return start


@pytest.fixture
def connect(closing: ExitStack) -> Callable[..., Partner]:
    """Build a client; its pauses take no time and are kept in *paused*, if that is given.

    It waits for as long as a busy machine needs: what tries an answer that never comes says less.
    """

    def build(
        url: str,
        *,
        token: str = PARTNER_TOKEN,
        paused: list[float] | None = None,
        **options: Any,
    ) -> Partner:
        pauses = [] if paused is None else paused
        given = {"timeout": 60.0, "now": lambda: NOW, "sleep": pauses.append, "random": lambda: 1.0}
        return closing.enter_context(Partner(url, Secret(token), **{**given, **options}))

    return build


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def bundle(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context
