"""Object stores that the tests start on loopback, each with one bucket in it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from urllib.request import Request, urlopen

import pytest

BUCKET: Final = "states"


@dataclass(frozen=True)
class Service:
    """A store that runs: its *scheme*, and the environment that leads to it."""

    scheme: str
    env: Mapping[str, str]

    def url(self, key: str) -> str:
        return f"{self.scheme}://{BUCKET}/{key}"

    def connect(self) -> Any:
        """Return the bucket as the program sees it."""
        from reconciler.places import ObjectUrl
        from reconciler.state.object_store import ObjectStore

        with patch.dict(os.environ, self.env):
            return ObjectStore(ObjectUrl(self.scheme, BUCKET, "any"))


@contextmanager
def s3() -> Iterator[Service]:
    """Run moto's server."""
    pytest.importorskip("obstore")
    pytest.importorskip("moto")
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    # Not under coverage: what is measured is ours.
    env = {name: each for name, each in os.environ.items() if not name.startswith("COVERAGE_")}
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as server:
        try:
            endpoint = _read(server, r"Running on (http://127\.0\.0\.1:\d+)")
            urlopen(Request(f"{endpoint}/{BUCKET}", method="PUT", data=b"")).close()  # noqa: S310
            keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
            env = {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", **keys}
            yield Service("s3", env)
        finally:
            server.kill()


@contextmanager
def own(scheme: str, *, seconds: float = 0) -> Iterator[Service]:
    """Run the small server of ours, each of whose answers takes so many *seconds*."""
    command = [sys.executable, "-m", "tests.object_server", f"{seconds}"]
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


def _read(server: "subprocess.Popen[str]", pattern: str) -> str:
    """Read what *server* says until it says where it listens."""
    assert server.stderr is not None
    for line in server.stderr:
        if found := re.search(pattern, line):
            return found[1]
    raise AssertionError("it did not say where it listens")
