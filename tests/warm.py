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
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from select import select
from threading import Lock
from typing import Any, Final, NoReturn, Self, TextIO

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
            started.wait()
            raise
        out.seek(0)
        err.seek(0)
        return code, out.read().decode(), err.read().decode()


class Started:
    """A command at work, by way of the server; what `subprocess.Popen` has too is called so."""

    def __init__(self, args: Sequence[str], told: io.FileIO) -> None:
        self._args, self._told = args, told
        self.pid = int.from_bytes(told.read(4), "big")
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return its exit code, if it has ended."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return its exit code."""
        if self.returncode is None:
            if not select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(list(self._args), timeout or 0)
            self.returncode = int.from_bytes(self._told.read(4), "big", signed=True)
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Piped(Started):
    """A command at work whose *stdout* and *stderr* can be read; a context that ends with it."""

    def __init__(
        self, args: Sequence[str], told: io.FileIO, *, stdout: TextIO, stderr: TextIO
    ) -> None:
        super().__init__(args, told)
        self.stdout, self.stderr = stdout, stderr

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end; return what it said that is not read yet."""
        with ThreadPoolExecutor(2) as pool:
            out, err = (pool.submit(stream.read) for stream in (self.stdout, self.stderr))
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()  # or the threads would read on
                raise
        return out.result(), err.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stdout.close()
        self.stderr.close()
        self.wait()


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
    return Started(args, _ask(args, env, cwd, streams, terminal=terminal))


def start_piped(args: Sequence[str], *, env: Mapping[str, str], cwd: Path | None) -> Piped:
    """Start the command with nothing to read, and with pipes to write to."""
    (out, its_out), (err, its_err) = os.pipe(), os.pipe()
    with Path(os.devnull).open() as nothing:
        told = _ask(args, env, cwd, [nothing.fileno(), its_out, its_err])
    os.close(its_out)
    os.close(its_err)
    stdout, stderr = (os.fdopen(each, encoding="utf-8") for each in (out, err))
    return Piped(args, told, stdout=stdout, stderr=stderr)


def _ask(
    args: Sequence[str],
    env: Mapping[str, str],
    cwd: Path | None,
    streams: Sequence[int],
    *,
    terminal: bool = False,
) -> io.FileIO:
    """Ask the server; return what it tells by: the process id, and in the end the exit code."""
    request = {"args": args, "env": dict(env), "cwd": str(cwd or Path.cwd()), "terminal": terminal}
    data = json.dumps(request).encode()
    answer, end = os.pipe()
    with _ASKING:
        door = _door()
        socket.send_fds(door, [len(data).to_bytes(4, "big")], [*streams, end])
        door.sendall(data)
    os.close(end)
    return os.fdopen(answer, "rb", buffering=0)


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
    at_work: dict[int, tuple[int, int]] = {}  # by what tells of its end: who, and whom to tell
    while True:
        for ready in select([door.fileno(), *at_work], [], [])[0]:
            if ready in at_work:
                os.close(ready)
                _tell_its_end(*at_work.pop(ready))
            elif (asked := _received(door)) is not None:
                pid, end = _start(*asked)
                at_work[os.pidfd_open(pid)] = pid, end
            else:
                return


def _received(door: socket.socket) -> tuple[Any, list[int]] | None:
    size, streams, _, _ = socket.recv_fds(door, 4, 4)
    data = b""
    while len(data) < int.from_bytes(size, "big"):
        data += door.recv(int.from_bytes(size, "big") - len(data))
    return (json.loads(data), streams) if data else None


def _start(request: Any, streams: Sequence[int]) -> tuple[int, int]:
    *standard, end = streams
    if (pid := os.fork()) == 0:
        _become_the_command(request, standard)
    os.write(end, pid.to_bytes(4, "big"))
    for stream in standard:
        os.close(stream)
    return pid, end


def _tell_its_end(pid: int, end: int) -> None:
    _, status = os.waitpid(pid, 0)
    with suppress(BrokenPipeError):  # nobody waits for it
        os.write(end, os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
    os.close(end)


def _become_the_command(request: Any, streams: Sequence[int]) -> NoReturn:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, 256)  # what is the server's
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
