"""A state that somebody else wrote: half characters and control characters in every text."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import Project, project

HALF = "\ud800"
ESCAPE = "\x1b[2J\n"
PENDING = {"name": HALF, "parameters": {HALF: HALF}, "since": "2026-11-22T10:07:00Z"}


def instance(number: int, text: str) -> dict[str, Any]:
    return {
        "idInstance": number,
        "apiTokenInstance": f"{text}token{number}",
        "typeInstance": text,
        "name": f"{text}{number}",
        "parameters": {text: text, "webhookUrl": text},
        "createdAt": text,
        "origin": "created",
    }


STATE = {
    "format": "reconciler.state/1",
    "lineage": HALF,
    "serial": 1,
    "apiUrl": None,
    "instances": {f"a{HALF}": instance(1, HALF), f"b{ESCAPE}": instance(2, ESCAPE)},
    "pending": {f"p{ESCAPE}": {**PENDING, "snapshot": None}},
    "tombstones": {"7": {"key": HALF, "name": ESCAPE, "at": HALF}},
}


@pytest.fixture
def place(tmp_path: Path) -> Project:
    made = project(tmp_path / "project")
    made.state.write_text(json.dumps(STATE))
    made.state.chmod(0o600)
    return made


COMMANDS = (
    ("status",),
    ("status", "-o", "json"),
    ("plan",),
    ("plan", "-o", "json"),
    ("plan", "-o", "markdown"),
    ("export",),
    ("export", "--format", "dotenv"),
    ("resolve", "nobody", "--not-created"),
    ("state", "fold"),
    ("state", "mv", "nobody", "somebody"),
    ("state", "rm", "a"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_hostile_state_breaks_nothing_and_reaches_no_terminal(
    place: Project, command: tuple[str, ...]
) -> None:
    done = place.run(*command)

    assert done.code in (0, 2)
    assert "\x1b" not in done.out + done.err


def test_resolve_does_not_print_the_keys_of_a_hostile_state(place: Project) -> None:
    done = place.run("resolve", "nobody", "--not-created")

    assert done.err.splitlines()[-1] == "hint: unresolved: …"
