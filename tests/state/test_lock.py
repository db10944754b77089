import errno
import fcntl
import json
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from reconciler.errors import StateError, StateLocked
from reconciler.state.lock import Lock
from tests.state.parts import NOW

HOLDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from reconciler.state.lock import Lock
Lock(Path(sys.argv[1]), now=lambda: datetime(2026, 11, 22, 10, 6, tzinfo=UTC)).acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state.lock"


def lock_of(file: Path) -> Lock:
    return Lock(file, now=lambda: NOW)


def polling_lock(file: Path, pauses: list[float]) -> Lock:
    """A lock whose time passes by its own pauses only."""
    return Lock(file, now=lambda: NOW, sleep=pauses.append, monotonic=lambda: sum(pauses))


def holding(file: Path) -> "subprocess.Popen[str]":
    """Another process that holds the lock until its standard input ends."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_the_file_names_its_holder_and_goes_with_it(file: Path) -> None:
    lock = lock_of(file)

    lock.acquire()
    said = json.loads(file.read_text())
    lock.release()
    lock.release()

    assert said == {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "since": "2026-11-22T10:06:00Z",
    }
    assert not file.exists()


def test_a_second_run_is_told_who_holds_the_state(file: Path) -> None:
    with holding(file) as holder:
        with pytest.raises(StateLocked) as refused:
            lock_of(file).acquire()
        holder.kill()

    assert refused.value.message == (
        f"{file}: another run holds the state "
        f"(pid {holder.pid} on {socket.gethostname()}, since 2026-11-22T10:06:00Z)"
    )
    assert "--lock-timeout" in (refused.value.hint or "")


def test_a_holder_that_was_killed_leaves_no_lock(file: Path) -> None:
    with holding(file) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    assert file.exists()

    lock = lock_of(file)
    lock.acquire()

    assert json.loads(file.read_text())["pid"] == os.getpid()
    lock.release()


def test_waiting_ends_when_the_holder_lets_go(file: Path) -> None:
    first, second = lock_of(file), lock_of(file)
    first.acquire()
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            first.release()

    waiting = Lock(file, now=lambda: NOW, sleep=sleep, monotonic=lambda: sum(pauses))
    waiting.acquire(10)

    assert pauses == [0.05] * 3
    with pytest.raises(StateLocked):
        second.acquire()
    waiting.release()


def test_waiting_ends_in_time(file: Path) -> None:
    first = lock_of(file)
    first.acquire()
    pauses: list[float] = []

    with pytest.raises(StateLocked):
        Lock(file, now=lambda: NOW, sleep=pauses.append, monotonic=lambda: sum(pauses)).acquire(
            0.12
        )

    assert pauses == pytest.approx([0.05, 0.05, 0.02])
    first.release()


def test_only_one_of_many_holds_it_at_a_time(file: Path) -> None:
    held: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        for _ in range(5):
            lock = Lock(file, now=lambda: NOW, sleep=lambda seconds: None)
            lock.acquire(30)
            held.append(number)
            most.append(len(held))
            os.sched_yield()
            held.pop()
            lock.release()

    threads = [Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1] * 20
    assert not file.exists()


def test_a_lock_on_a_file_that_is_no_longer_there_does_not_count(file: Path) -> None:
    """The holder removes its file before it lets go: whoever waits for that file gets nothing."""
    gone = os.open(file, os.O_RDWR | os.O_CREAT)
    fcntl.flock(gone, fcntl.LOCK_EX)
    file.unlink()
    lock = lock_of(file)

    lock.acquire()

    assert json.loads(file.read_text())["pid"] == os.getpid()
    lock.release()
    os.close(gone)


def test_a_holder_whose_file_was_removed_leaves_that_of_the_next_alone(file: Path) -> None:
    first, second = lock_of(file), lock_of(file)
    first.acquire()
    file.unlink()
    second.acquire()

    first.release()

    with pytest.raises(StateLocked):
        lock_of(file).acquire()
    second.release()


def test_a_holder_that_can_not_be_made_out_is_another_run(file: Path) -> None:
    lock = lock_of(file)
    lock.acquire()
    file.write_text("{")

    with pytest.raises(StateLocked, match=r"another run holds the state$"):
        lock_of(file).acquire()

    lock.release()


def test_a_longer_name_of_an_earlier_holder_leaves_nothing(file: Path) -> None:
    file.write_text("x" * 500)
    lock = lock_of(file)

    lock.acquire()

    assert json.loads(file.read_text())["pid"] == os.getpid()
    lock.release()


def test_a_started_program_does_not_inherit_the_lock(file: Path) -> None:
    lock = lock_of(file)
    lock.acquire()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False) as child:
        lock.release()
        other = lock_of(file)

        other.acquire()

        other.release()
        assert child.stdin is not None
        child.stdin.close()


def exit_with_whether_it_is_open(fd: int, file: Path) -> None:
    """The number may be in use again, for another file."""
    try:
        sys.exit(os.path.samestat(os.fstat(fd), file.stat()))
    except OSError:
        sys.exit(False)


def test_a_forked_child_does_not_inherit_the_lock(file: Path) -> None:
    lock = lock_of(file)
    lock.acquire()

    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=exit_with_whether_it_is_open, args=[lock._fd, file])
    child.start()
    child.join()

    assert child.exitcode == 0
    with pytest.raises(StateLocked):
        lock_of(file).acquire()
    lock.release()


PRELOAD = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>
static int calls;
int flock(int fd, int operation) {
  if (calls++ < atoi(getenv("FLOCK_TIMES"))) { errno = atoi(getenv("FLOCK_ERRNO")); return -1; }
  return ((int (*)(int, int))dlsym(RTLD_NEXT, "flock"))(fd, operation);
}
"""
TAKER = (
    HOLDER.replace("Lock(Path", "try:\n    Lock(Path")
    .replace(
        'print("held", flush=True)\nsys.stdin.read()',
        '    print("held")\nexcept ReconcilerError as error:\n    print(error.message, error.hint)',
    )
    .replace("import sys, time", "import sys, time\nfrom reconciler.errors import ReconcilerError")
)


@pytest.fixture(scope="session")
def preload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library whose flock fails as often as it is told to, as file systems' may."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs a C compiler on Linux")
    folder = tmp_path_factory.mktemp("preload")
    (folder / "flock.c").write_text(PRELOAD)
    command = [compiler, "-shared", "-fPIC", "-o", "flock.so", "flock.c", "-ldl"]
    subprocess.run(command, cwd=folder, check=True)
    return folder / "flock.so"


def take(file: Path, preload: Path, error: int, times: int) -> str:
    env = {**os.environ, "LD_PRELOAD": str(preload)}
    env |= {"FLOCK_ERRNO": str(error), "FLOCK_TIMES": str(times)}
    done = subprocess.run(
        [sys.executable, "-c", TAKER, str(file)],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    "error", [errno.ESTALE, errno.ENOENT, errno.EINTR], ids=errno.errorcode.get
)
def test_a_lock_that_vanishes_is_looked_for_again(file: Path, preload: Path, error: int) -> None:
    assert take(file, preload, error, 3) == "held"


REFUSALS = {
    errno.ENOLCK: "can't be locked: this file system has no locks (no locks available)",
    errno.ENOSYS: "can't be locked: this file system has no locks (function not implemented)",
    errno.ENOTSUP: "can't be locked: this file system has no locks (operation not supported)",
    errno.EIO: "can't be locked: input/output error",
}


@pytest.mark.parametrize(("error", "message"), REFUSALS.items(), ids=map(str, REFUSALS))
def test_a_file_system_that_refuses_to_lock_is_told(
    file: Path, preload: Path, error: int, message: str
) -> None:
    assert take(file, preload, error, 99).startswith(f"{file}: {message}")


FULL = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from reconciler.errors import StateError
from reconciler.state.lock import Lock
resource.setrlimit(resource.RLIMIT_FSIZE, (1, 1))
try:
    Lock(Path(sys.argv[1]), now=lambda: datetime(2026, 11, 22, tzinfo=UTC)).acquire()
except StateError as error:
    print(error.message)
"""


def test_a_full_disk_is_not_called_a_file_system_without_locks(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-c", FULL, str(file)], capture_output=True, text=True, check=True
    )

    assert done.stdout == f"{file}: can't be written: file too large\n"
    assert not file.exists()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="can't be written: no such file or directory"):
        lock_of(tmp_path / "no" / "state.lock").acquire()


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path, file: Path) -> None:
    file.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StateError, match="can't be written: too many levels of symbolic links"):
        lock_of(file).acquire()

    assert not (tmp_path / "elsewhere").exists()


def test_since_is_in_utc(file: Path) -> None:
    lock = Lock(file, now=lambda: datetime.fromisoformat("2026-11-22T12:06:00+02:00"))

    lock.acquire()

    assert json.loads(file.read_text())["since"] == "2026-11-22T10:06:00Z"
    lock.release()
    assert NOW.tzinfo is UTC
