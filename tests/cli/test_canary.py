"""No secret leaves: every command and outcome, every stream and file, every encoding."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.canaries import PARTNER, QUICK, SECRETS, SINKS, coop, each, echo
from tests.sandbox.server import Sandbox, running

STATE = frozenset({"instances.state.json"})
RECIPIENT = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"  # opens nothing here


@pytest.fixture(scope="module")
def _aviary() -> Iterator[Sandbox]:
    with running("--token", PARTNER) as sandbox:
        yield sandbox


@pytest.fixture
def aviary(_aviary: Sandbox) -> Sandbox:
    """A sandbox whose partner token is a canary."""
    _aviary.reset()
    return _aviary


OUTCOMES: dict[str, Sequence[dict[str, Any]]] = {
    "created": [],
    "refused-200": [{"on": "any", **echo(200, 401)}],
    "refused-400": [{"on": "any", **echo(400, 401)}],
    "refused-later": [{"on": "create", **echo(401, 401)}],
    "rejected": [{"on": "create", "times": "always", **echo(400, 400)}],
    "rejected-200": [{"on": "create", "times": "always", **echo(200, 466)}],
    "no-free": [{"on": "create", **echo(400, 100)}],
    "throttled": [{"on": "create", **echo(429, 429, retryAfter=0)}],
    "unknown-500": [{"on": "create", **echo(500, 500)}],
    "unknown-body-500": [{"on": "create", "lag": 9, **echo(200, 500)}],
    "unknown-odd": [{"on": "create", "lag": 9, **echo(200, None)}],
    "unknown-token-as-id": [
        {
            "on": "create",
            "lag": 9,
            "do": "status",
            "status": 200,
            "body": f'{{"idInstance": "{SECRETS["unknown"]}", "apiTokenInstance": {{}}}}',
        }
    ],
    "closed": [{"on": "create", "do": "close", "lag": 9}],
    "reset": [{"on": "create", "do": "reset"}],
    "cut": [{"on": "create", "do": "cut", "lag": 9}],
    "garbage": [{"on": "create", "do": "garbage"}],
    "nested": [{"on": "create", "do": "nested"}],
    "redirect": [
        {"on": "create", "do": "redirect", "location": f"https://example.com/?t={PARTNER}"}
    ],
    "no-token": [{"on": "create", "do": "no-token", "times": 3}, {"on": "list", "do": "no-token"}],
    "string-id": [{"on": "create", "do": "string-id"}],
    "extra-fields": [{"on": "create", "do": "extra-fields", "times": 3}],
    "twins": [{"on": "create", "do": "close", "twin": True}],
    "renamed": [{"on": "create", "do": "close", "newName": "somebody else"}],
    "listing-500": [{"on": "list", "times": "always", **echo(500, 500)}],
    "listing-odd": [{"on": "list", "times": "always", **echo(200, None)}],
    "listing-broken-row": [
        {
            "on": "list",
            "times": "always",
            "do": "status",
            "status": 200,
            "body": f'[{{"idInstance": [], "apiTokenInstance": "{SECRETS["unknown"]}"}}]',
        }
    ],
    "listing-cut": [{"on": "list", "do": "cut", "times": "always"}],
}


@pytest.mark.parametrize(("rules", "level", "log", "output", "github"), list(each(OUTCOMES)))
def test_no_outcome_of_apply_shows_a_secret(
    rules: Sequence[dict[str, Any]],
    level: str,
    log: str,
    output: str,
    github: bool,
    aviary: Sandbox,
    tmp_path: Path,
) -> None:
    birds = coop(tmp_path, aviary, github=github)
    aviary.create_by_hand("a stranger", count=2)
    aviary.faults(*rules)

    done = birds.run(
        "apply", *QUICK, *SINKS, "-o", output, "--log-level", level, "--log-format", log,
        "--recipient", RECIPIENT,
    )  # fmt: skip

    assert sum(aviary.applied()) >= bool(rules), done.err
    assert birds.leaks(done) == []
