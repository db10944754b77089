"""The listening socket and the ready file."""

import json
import os
import socket
from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.sandbox.server import listen, url_of, write_ready_file


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:"),
        ("localhost", "http://127.0.0.1:"),
        ("127.1.2.3", "http://127.1.2.3:"),
        ("::1", "http://[::1]:"),
    ],
)
def test_it_listens_on_loopback(host: str, url: str) -> None:
    with listen(host, 0) as listener:
        assert url_of(listener).startswith(url)
        with socket.create_connection(listener.getsockname()[:2], timeout=30):
            pass


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.168.0.1", "::ffff:10.0.0.1", "example.com", "", "127.1"],  # noqa: S104 - refused
)
def test_it_listens_on_nothing_else(host: str) -> None:
    with pytest.raises(UsageError, match="the sandbox listens on loopback only"):
        listen(host, 0)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_told(port: int) -> None:
    with pytest.raises(UsageError, match=f"can't listen on 127.0.0.1:{port}: not a port"):
        listen("127.0.0.1", port)


def test_a_ready_file_is_whole_and_replaces_an_old_one(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text("old")

    write_ready_file(path, url="http://127.0.0.1:1", token="made up")

    assert json.loads(path.read_text()) == {
        "url": "http://127.0.0.1:1",
        "token": "made up",
        "pid": os.getpid(),
    }
    assert list(tmp_path.iterdir()) == [path]
