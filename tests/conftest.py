"""What every test can ask for: a sandbox."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.sandbox.server import Sandbox, running


@pytest.fixture(scope="session")
def _shared_sandbox() -> Iterator[Sandbox]:
    with running() as sandbox:
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
