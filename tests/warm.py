"""The command without the time that its imports take, which is most of what a test waits for.

One process imports the whole program and forks for each call. What runs is the real command, in a
process of its own with its own streams, folder and environment; it only finds its modules loaded.
"""

import atexit
import fcntl
import gc
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from select import select
from threading import Lock
from typing import Any, Final, NoReturn

import coverage

import reconciler
from reconciler.cli import main
from tests.test_architecture import HOMES

_ROOT: Final = Path(__file__).parents[1]
_ASKING: Final = Lock()  # a test may call from several threads


def call(
    args: Sequence[str], *, env: Mapping[str, str], cwd: Path | None, stdin: str, timeout: float
) -> tuple[int, str, str]:
    """Run the command to its end; return its exit code and what it said on stdout and stderr."""
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        given.write(stdin.encode())
        given.seek(0)
        started = start(
            args, env=env, cwd=cwd, streams=[each.fileno() for each in (given, out, err)]
        )
        try:
            code = started.wait(timeout)
        except subprocess.TimeoutExpired:
            started.kill()
            raise
        out.seek(0)
        err.seek(0)
        return code, out.read().decode(), err.read().decode()


class Started:
    """A command at work, by way of the server."""

    def __init__(self, args: Sequence[str], told: io.FileIO) -> None:
        self._args, self._told = args, told
        self.pid = int.from_bytes(told.read(4), "big")
        self._code: int | None = None

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._code is not None or bool(select([self._told], [], [], 0)[0])

    def wait(self, timeout: float) -> int:
        """Wait for its end; return its exit code."""
        if self._code is None:
            if not select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(list(self._args), timeout)
            self._code = int.from_bytes(self._told.read(4), "big", signed=True)
            self._told.close()
        return self._code

    def kill(self) -> None:
        """End it, if it has not ended, and wait for that."""
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait(60)


def start(
    args: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None,
    streams: Sequence[int],
    terminal: bool = False,
) -> Started:
    """Start the command with these three *streams*; with *terminal*, in a session of its own whose
    terminal is the first of them."""
    request = {"args": args, "env": dict(env), "cwd": str(cwd or Path.cwd()), "terminal": terminal}
    answer, end = os.pipe()
    try:
        _ask(json.dumps(request), [*streams, end])
    finally:
        os.close(end)
    return Started(args, os.fdopen(answer, "rb", buffering=0))


def _ask(request: str, streams: Sequence[int]) -> None:
    data = request.encode()
    with _ASKING:
        door = _door()
        socket.send_fds(door, [len(data).to_bytes(4, "big")], streams)
        door.sendall(data)


@cache
def _door() -> socket.socket:
    """Start the server; it ends when this end of the socket is closed."""
    here, there = socket.socketpair()
    with there:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", f"{there.fileno()}"],
            cwd=_ROOT,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[there.fileno()],
        )
    atexit.register(server.wait)
    atexit.register(here.close)  # before that
    return here


# --- the server ------------------------------------------------------------------------------


def _serve(door: socket.socket) -> None:
    for module in walk_packages(reconciler.__path__, "reconciler."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    for library in HOMES:  # some are imported late, and some are optional
        with suppress(ImportError):
            import_module(library)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait
    while (received := socket.recv_fds(door, 4, 4))[0]:
        size, streams = int.from_bytes(received[0], "big"), received[1]
        data = b""
        while len(data) < size:
            data += door.recv(size - len(data))
        if os.fork() == 0:
            door.close()
            _wait_for_one(json.loads(data), streams)
        for stream in streams:
            os.close(stream)


def _wait_for_one(request: Any, streams: Sequence[int]) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *standard, end = streams
    if (pid := os.fork()) == 0:
        os.close(end)
        _become_the_command(request, standard)
    os.write(end, pid.to_bytes(4, "big"))
    _, status = os.waitpid(pid, 0)
    os.write(end, os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
    os._exit(0)


def _become_the_command(request: Any, streams: Sequence[int]) -> NoReturn:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    if request["terminal"]:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C is a signal
    # As Python opens them: what is typed for is written at once.
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", buffering=_lines(1), encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(
        2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    tempfile.tempdir = None
    os.chdir(request["cwd"])
    coverage.process_startup()  # where the environment asks for it
    sys.argv = ["reconciler", *request["args"]]
    main()


def _lines(descriptor: int) -> int:
    return 1 if os.isatty(descriptor) else -1


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
