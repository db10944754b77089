"""What the tests with real processes share: manifests, and what must be true in the end."""

import json
import random
import time
from collections.abc import Iterable
from typing import Any, Final

from tests.command import Project
from tests.sandbox.server import Sandbox

# Other seeds each time; a failed test prints its own (pytest shows what was printed).
_FRESH: Final = random.SystemRandom()


def dice() -> random.Random:
    """Return dice, after saying which."""
    seed = _FRESH.randrange(1 << 32)
    print(f"seed: {seed}")  # noqa: T201 - shown when the test fails
    return random.Random(seed)  # noqa: S311 - the moments of a test are no secret


def manifest(keys: Iterable[str]) -> str:
    """Return a manifest that wants one instance for each of *keys*."""
    lines = [f"  {key}: {{incomingWebhook: yes}}" for key in keys]
    return "\n".join(["version: 1", "instances:", *lines, ""])


def numbered(count: int) -> list[str]:
    return [f"instance-{number:05}" for number in range(count)]


def pending(project: Project) -> dict[str, Any]:
    """Return the unresolved creates of the state file."""
    unresolved: dict[str, Any] = json.loads(project.state.read_text())["pending"]
    return unresolved


def until_in_flight(sandbox: Sandbox, count: int) -> None:
    """Ask the sandbox until so many creates have arrived."""
    for _ in range(6_000):
        if sandbox.bill()["posts"] >= count:
            return
        time.sleep(0.01)  # asked without a pause, the sandbox has no time for those creates
    raise AssertionError(f"{count} creates never arrived")


def assert_record_is_bill(project: Project, sandbox: Sandbox, keys: Iterable[str]) -> None:
    """Every key was bought once and is recorded with its id and token, and nothing is open."""
    wanted = sorted(keys)
    assert sandbox.bill()["creates"] == dict.fromkeys(wanted, 1)
    made = {row["idInstance"]: row["apiTokenInstance"] for row in sandbox.instances()}
    records = project.recorded
    assert sorted(records) == wanted
    assert {row["idInstance"]: row["apiTokenInstance"] for row in records.values()} == made
    assert pending(project) == {}


def assert_nothing_to_do(project: Project, sandbox: Sandbox) -> None:
    """One more run ends well and sends no create."""
    posts = sandbox.bill()["posts"]

    again = project.run("apply", "--yes")

    assert again.code == 0, again
    assert sandbox.bill()["posts"] == posts
