"""What every test can ask for: a sandbox. And how many random examples the nightly run tries."""

import fcntl
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.browser import chromium
from tests.sandbox.server import Sandbox, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# By day the same examples each time: what a push is judged by must not depend on luck. The nightly
# run draws new ones; an example that failed is printed as a line that brings it back (print_blob).
settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    max_examples=30,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # a loaded machine is no finding
)
settings.register_profile(
    "nightly", settings.get_profile("default"), derandomize=False, max_examples=2000
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_xdist_auto_num_workers() -> int:
    """Twice as many as there are processors: most tests wait for a process or a server."""
    return 2 * len(os.sched_getaffinity(0))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let one worker read the tests before the others: they find what it has compiled."""
    if sys.dont_write_bytecode:
        return (yield)
    with Path(__file__).open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(lock, fcntl.LOCK_SH)
        return (yield)


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so a shell starts what it puts behind
    signal.signal(signal.SIGINT, signal.default_int_handler)  # but tests press Ctrl-C


@pytest.fixture(scope="session")
def _shared_sandbox() -> Iterator[Sandbox]:
    with running("--unlimited") as sandbox:  # a test must not wait before it asks again
        yield sandbox


@pytest.fixture
def sandbox(_shared_sandbox: Sandbox) -> Sandbox:
    """A sandbox with an empty account and no faults; the process is shared by all tests."""
    _shared_sandbox.reset()
    return _shared_sandbox


@pytest.fixture
def start_sandbox() -> Iterator[Callable[..., Sandbox]]:
    """Start a sandbox of one's own, with the command's options."""
    with ExitStack() as stack:
        yield lambda *options: stack.enter_context(running(*options))


@pytest.fixture(scope="module")  # its event loop would be in the way of tests that need one
def browser() -> "Iterator[Browser]":
    """A real browser, shared by the tests of a module."""
    with chromium() as browser:
        yield browser
