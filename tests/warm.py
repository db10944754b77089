"""The command without the time that its imports take, which is most of what a test waits for.

One process imports the whole program and forks for each call. What runs is the real command, in a
process of its own with its own streams, folder and environment; it only finds its modules loaded.
"""

import atexit
import fcntl
import gc
import json
import os
import shutil
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

    def __init__(self, args: Sequence[str], told: socket.socket) -> None:
        self._args, self._told = args, told
        self.pid = int.from_bytes(told.recv(4), "big")
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
            self.returncode = int.from_bytes(self._told.recv(4), "big", signed=True)
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it has not ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended since, and the server not told yet
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Piped(Started):
    """A command at work whose *stdout* and *stderr* can be read; a context that ends with it."""

    def __init__(
        self, args: Sequence[str], told: socket.socket, *, stdout: TextIO, stderr: TextIO
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
) -> socket.socket:
    """Ask the server; return what tells of the command: its id, and in the end its exit code."""
    request = {"args": args, "env": dict(env), "cwd": str(cwd or Path.cwd()), "terminal": terminal}
    data = json.dumps(request).encode()
    told = socket.socket(socket.AF_UNIX)
    with _ASKING:
        told.connect(str(_folder() / "door"))
    socket.send_fds(told, [len(data).to_bytes(4, "big")], streams)
    told.sendall(data)
    return told


def path() -> str:
    """Return a PATH for scripts, on which `reconciler` is one that asks the server. It hands on
    SIGINT and SIGTERM, but killed it leaves the command at work."""
    with _ASKING:
        return f"{_folder()}{os.pathsep}{os.environ['PATH']}"


@cache
def _folder() -> Path:
    """Start the server; return the folder of its door, and of the `reconciler` that asks it."""
    # No TemporaryDirectory: a process that a test forks would take it away with itself.
    here = Path(tempfile.mkdtemp(prefix="warm-"))
    script = Path(__file__).with_name("warm_script.py").read_text("utf-8")
    (here / "reconciler").write_text(f"#!{sys.executable} -ISs\n{script}", encoding="utf-8")
    (here / "reconciler").chmod(0o700)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(here / "door"))
        door.listen()
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", f"{door.fileno()}"],
            cwd=_ROOT,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdin=subprocess.PIPE,  # the server ends when it is closed
            stdout=subprocess.DEVNULL,
            pass_fds=[door.fileno()],
        )
    atexit.register(shutil.rmtree, here)
    atexit.register(server.communicate)
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
    at_work: dict[int, tuple[int, socket.socket]] = {}  # by what shows its end: who, whom to tell
    while True:
        for ready in select([0, door.fileno(), *at_work], [], [])[0]:
            if ready == 0:
                return
            if ready in at_work:
                os.close(ready)
                _tell_its_end(*at_work.pop(ready))
            else:
                asking, _ = door.accept()
                pid = _start(asking)
                at_work[os.pidfd_open(pid)] = pid, asking


def _start(asking: socket.socket) -> int:
    size, streams, _, _ = socket.recv_fds(asking, 4, 3)
    request = json.loads(asking.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
    if (pid := os.fork()) == 0:
        _become_the_command(request, streams)
    asking.sendall(pid.to_bytes(4, "big"))
    for stream in streams:
        os.close(stream)
    return pid


def _tell_its_end(pid: int, asking: socket.socket) -> None:
    _, status = os.waitpid(pid, 0)
    with asking, suppress(BrokenPipeError):  # nobody waits for it
        asking.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))


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
