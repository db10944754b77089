"""The application as a whole: what is not there, and what can't be kept."""

import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox.server import Answer, Sandbox


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/"),
        ("GET", "/partner"),
        ("GET", "/partner/getInstances"),
        ("POST", "/partner/updateInstance/x"),
        ("POST", "/waInstancex/setSettings/x"),
        ("PUT", "/sandbox/bill"),
    ],
)
def test_what_is_not_there_is_not_found(sandbox: Sandbox, verb: str, path: str) -> None:
    assert sandbox.call(verb, path) == Answer(404, {"code": 404, "description": "Not found"})


def test_a_create_that_cannot_be_kept_is_not_made(
    tmp_path: Path, start_sandbox: Callable[..., Sandbox]
) -> None:
    data = tmp_path / "sandbox.data"
    sandbox = start_sandbox("--data", str(data))
    sandbox.create(name="a")
    before = data.read_bytes()
    _limit_files(sandbox, len(before) + 10)

    answer = sandbox.create(name="b")

    assert answer.status == 500
    assert answer.body["description"].startswith("the data file can't be written: ")
    assert data.read_bytes() == before
    assert sandbox.bill()["creates"] == {"a": 1}

    _limit_files(sandbox, resource.RLIM_INFINITY)
    assert sandbox.create(name="b").body["idInstance"] == 1101728001


def _limit_files(sandbox: Sandbox, size: int) -> None:
    _, hard = resource.prlimit(sandbox.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(sandbox.process.pid, resource.RLIMIT_FSIZE, (size, hard))
