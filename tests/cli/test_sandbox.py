"""`reconciler sandbox`: how it starts, what it says, how it ends."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler.cli.commands.sandbox import command
from reconciler.errors import UsageError
from tests.sandbox.server import Sandbox, running


def test_it_prints_where_it_is_ready_to_paste(start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox("--token", "it's/odd")

    assert sandbox.token == "it's/odd"
    assert sandbox.url.startswith("http://127.0.0.1:")
    assert sandbox.partner("GET", "getInstances", token="it%27s%2Fodd").body == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_a_signal_is_a_clean_end(number: signal.Signals) -> None:
    with running() as sandbox:
        sandbox.process.send_signal(number)

        assert sandbox.process.wait(timeout=30) == 0


def test_it_ends_although_a_client_keeps_its_connection() -> None:
    with running() as sandbox:
        host, port = sandbox.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as client:
            client.sendall(b"GET /sandbox/bill HTTP/1.1\r\nhost: x\r\n\r\n")
            client.recv(1000)

            sandbox.process.terminate()

            assert sandbox.process.wait(timeout=30) == 0


def test_a_ready_file_says_where_it_is_while_it_runs(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text("of an earlier sandbox")

    with running("--ready-file", str(path)) as sandbox:
        said = json.loads(path.read_text())
        sandbox.process.terminate()
        sandbox.process.wait(timeout=30)

    assert said == {"url": sandbox.url, "token": sandbox.token, "pid": sandbox.process.pid}
    assert list(tmp_path.iterdir()) == []


def test_it_starts_with_the_faults_of_a_file_and_a_reset_brings_them_back(
    tmp_path: Path, start_sandbox: Callable[..., Sandbox]
) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("- {on: create, do: status, status: 503}\n")
    sandbox = start_sandbox("--faults", str(path))

    first, second = sandbox.create(name="a").status, sandbox.create(name="a").status
    sandbox.reset()

    assert (first, second, sandbox.create(name="a").status) == (503, 200, 503)


def test_options_become_settings(start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox(
        *("--limit", "0.001/s", "--retry-after", "7", "--birth", "60", "--latency", "0.01"),
        *("--first-id", "77", "--type", "v3", "--tolerant", "--unauthorized", "401"),
    )

    made = sandbox.create(name="a", someday="yes").body
    state = sandbox.call("GET", f"/v3/waInstance77/getStateInstance/{made['apiTokenInstance']}")

    assert (made["idInstance"], made["typeInstance"]) == (77, "v3")
    assert state.body is None
    assert sandbox.create(name="a").status == 429


def test_options_come_from_the_environment_too() -> None:
    with running(env={"RECONCILER_SANDBOX_FIRST_ID": "77"}) as sandbox:
        assert sandbox.create(name="a").body["idInstance"] == 77


def test_the_same_seed_gives_the_same_tokens() -> None:
    with running("--seed", "x") as one, running("--seed", "x") as same, running() as other:
        tokens = [s.create(name="a").body["apiTokenInstance"] for s in (one, same, other)]

    assert tokens[0] == tokens[1] != tokens[2]


def test_the_log_tells_requests_without_tokens() -> None:
    serve = [sys.executable, "-m", "reconciler", "sandbox", "--log"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(serve, text=True, **pipes) as process:  # type: ignore[call-overload] # the pipes
        exports = [process.stdout.readline(), process.stdout.readline()]
        url, token = (line.strip().split("=", 1)[1] for line in exports)
        sandbox = Sandbox(url, token, process)
        sandbox.faults({"on": "create", "name": "b", "do": "status", "status": 503})
        made = sandbox.create(name="a").body
        sandbox.create(name="b")
        sandbox.partner("GET", "getInstances", token="wrong")
        sandbox.call("GET", f"/waInstance1101728000/getStateInstance/{made['apiTokenInstance']}")
        process.terminate()
        _, log = process.communicate(timeout=30)

    assert log.splitlines() == [
        "create 'a': usual",
        "create 'b': reply",
        "list: wrong token",
        "state 'a': usual",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--host", "0.0.0.0"], "--host 0.0.0.0: the sandbox listens on loopback only"),  # noqa: S104 - refused
        (["--host", "example.com"], "--host example.com: the sandbox listens on loopback only"),
        (["--host", ""], "--host : the sandbox listens on loopback only"),
        (["--limit", "fast"], "--limit fast: not a number of requests a second"),
        (["--limit", "0"], "--limit 0: not a number of requests a second"),
        (["--limit", "inf"], "--limit inf: not a number of requests a second"),
        (["--token", "a b"], "--token: must be printable ASCII without blanks"),
        (["--token", ""], "--token: must be printable ASCII without blanks"),
        (["--faults", "/missing"], "/missing: can't be read: no such file or directory"),
        (["--data", "/missing/data"], "/missing/data: can't be used: no such file or directory"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_option_is_one_clear_message(options: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        command.main(options, standalone_mode=False)

    assert caught.value.message == message


def test_a_port_that_is_taken_is_told(start_sandbox: Callable[..., Sandbox]) -> None:
    port = start_sandbox().url.rpartition(":")[2]

    ended = _run("-m", "reconciler", "sandbox", "--port", port)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == [
        f"error: can't listen on 127.0.0.1:{port}: address already in use",
        "hint: --port 0 takes a free one",
    ]


def test_a_ready_file_that_cannot_be_written_is_told() -> None:
    ended = _run("-m", "reconciler", "sandbox", "--ready-file", "/missing/ready")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "error: /missing/ready: can't be written: no such file or directory\n"


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_the_extra_it_says_what_to_install(missing: str) -> None:
    code = f"import sys; sys.modules['{missing}'] = None; from reconciler.cli import main; main()"

    ended = _run("-c", code, "sandbox")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == [
        f"error: the sandbox needs {missing}, which is not installed",
        "hint: pip install 'greenapi-reconciler[sandbox]', where pip installed this; with uv or"
        " pipx, install it anew with the extra sandbox",
    ]


def test_ipv6_loopback_is_loopback_too() -> None:
    with running("--host", "::1") as sandbox:
        assert sandbox.url.startswith("http://[::1]:")
        assert sandbox.create(name="a").status == 200


def _run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments], check=False, capture_output=True, text=True, timeout=30
    )
