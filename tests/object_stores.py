"""Object stores that the tests start on loopback, each with one bucket in it."""

import hmac
import os
import re
import ssl
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from threading import Thread
from typing import IO, Any, Final
from unittest.mock import patch
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.manifest.node_tools import node_tools

BUCKET: Final = "states"
AZURITE: Final = ("azurite@3.37.0",)


@dataclass(frozen=True)
class Service:
    """A store that runs: its *scheme*, and the environment that leads to it."""

    scheme: str
    env: Mapping[str, str]

    def url(self, key: str) -> str:
        return f"{self.scheme}://{BUCKET}/{key}"

    def connect(self, bucket: str = BUCKET) -> Any:
        """Return the *bucket* as the program sees it."""
        from reconciler.places import ObjectUrl
        from reconciler.state.object_store import ObjectStore

        with patch.dict(os.environ, self.env):
            return ObjectStore(ObjectUrl(self.scheme, bucket, "any"))


@dataclass(frozen=True)
class Tls:
    """The files of a certificate for this machine, and that of who vouches for it."""

    certificate: Path
    key: Path
    authority: Path

    @property
    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=f"{self.authority}")


@contextmanager
def s3(tls: Tls | None = None) -> Iterator[Service]:
    """Run moto's server."""
    pytest.importorskip("obstore")
    pytest.importorskip("moto")
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    if tls is not None:
        command += ["-s", "-c", f"{tls.certificate}", "-k", f"{tls.key}"]
    # Not under coverage: what is measured is ours.
    env = {name: each for name, each in os.environ.items() if not name.startswith("COVERAGE_")}
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as server:
        try:
            endpoint = _read(server.stderr, r"Running on (https?://127\.0\.0\.1:\d+)")
            request = Request(f"{endpoint}/{BUCKET}", method="PUT", data=b"")  # noqa: S310
            urlopen(request, context=tls.context if tls else None).close()  # noqa: S310
            keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
            env = {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", **keys}
            yield Service("s3", env)
        finally:
            server.kill()


@contextmanager
def own(scheme: str, *, seconds: float = 0) -> Iterator[Service]:
    """Run the small server of ours, each of whose answers takes so many *seconds*."""
    command = [sys.executable, "-m", "tests.object_server", BUCKET, f"{seconds}"]
    root = Path(__file__).parents[1]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            endpoint = server.stdout.readline().split()[-1]
            keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
            env = {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", **keys}
            yield Service(scheme, {"gs": {"STORAGE_EMULATOR_HOST": endpoint}}.get(scheme, env))
        finally:
            server.kill()


_ACCOUNT: Final = "devstoreaccount1"  # Azurite's own, and its key, which it publishes
_KEY: Final = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)


@contextmanager
def azurite(tls: Tls | None = None) -> Iterator[Service]:
    """Run Azure's own emulator; with *tls* it takes tokens, too."""
    pytest.importorskip("obstore")
    program = node_tools(AZURITE) / "node_modules" / ".bin" / "azurite-blob"
    options = ["--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence"]
    options += ["--skipApiVersionCheck", "--disableTelemetry"]
    if tls is not None:
        options += ["--cert", f"{tls.certificate}", "--key", f"{tls.key}", "--oauth", "basic"]
    with subprocess.Popen([program, *options], stdout=subprocess.PIPE, text=True) as server:
        try:
            listening = r"listens on (https?://127\.0\.0\.1:\d+)"
            endpoint = f"{_read(server.stdout, listening)}/{_ACCOUNT}"
            _make_container(endpoint, tls)
            env = {"AZURE_STORAGE_ACCOUNT_NAME": _ACCOUNT, "AZURE_STORAGE_ACCOUNT_KEY": _KEY}
            yield Service("az", {**env, "AZURE_STORAGE_ENDPOINT": endpoint})
        finally:
            server.kill()


def _make_container(endpoint: str, tls: Tls | None) -> None:
    """Sign as Azure's shared keys want it, for the one request that obstore has no call for."""
    date, version = formatdate(usegmt=True), "2021-08-06"
    resource = f"/{_ACCOUNT}/{_ACCOUNT}/{BUCKET}\nrestype:container"
    said = f"PUT{chr(10) * 12}x-ms-date:{date}\nx-ms-version:{version}\n{resource}"
    signed = b64encode(hmac.digest(b64decode(_KEY), said.encode(), "sha256")).decode()
    request = Request(f"{endpoint}/{BUCKET}?restype=container", method="PUT", data=b"")  # noqa: S310
    request.add_header("x-ms-date", date)
    request.add_header("x-ms-version", version)
    request.add_header("Content-Type", "")
    request.add_header("Authorization", f"SharedKey {_ACCOUNT}:{signed}")
    urlopen(request, context=tls.context if tls else None).close()  # noqa: S310


def account_signature(*, expires: str) -> str:
    """Return what lets whoever has it do everything in Azurite's account until then."""
    said = {"sv": "2018-11-09", "ss": "b", "srt": "sco", "sp": "rwdlac", "se": expires}
    lines = [_ACCOUNT, said["sp"], said["ss"], said["srt"], "", expires, "", "", said["sv"], ""]
    signed = hmac.digest(b64decode(_KEY), "\n".join(lines).encode(), "sha256")
    return urlencode({**said, "sig": b64encode(signed).decode()})


def _read(said: IO[str] | None, pattern: str) -> str:
    """Read what a server says until it says where it listens; what it says later is let go."""
    assert said is not None
    for line in said:
        if found := re.search(pattern, line):
            # A pipe that nobody reads is full some day, and who writes to it stands still.
            Thread(target=said.read, daemon=True).start()
            return found[1]
    raise AssertionError("it did not say where it listens")
