"""A job that can add instances and read no token: its state can be committed."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.canary import leaks_in
from tests.cli.keys import Key, new_key
from tests.command import Project, project
from tests.sandbox.server import Sandbox

ENTRIES = [f"instance-{number:02}" for number in range(12)]
APPLY = ("apply", "--yes", "--rate", "0", "--settle", "0.2", "--settled-after", "0")


def manifest(keys: list[str]) -> str:
    lines = "".join(f"  {key}: {{webhookUrlToken: 'hook of {key}'}}\n" for key in keys)
    return f"version: 1\ndefaults: {{webhookUrl: https://x.example.com}}\ninstances:\n{lines}"


@pytest.fixture
def key(tmp_path: Path) -> Key:
    return new_key(tmp_path / "key.txt")


@pytest.fixture
def made(tmp_path: Path, sandbox: Sandbox, key: Key) -> Project:
    """A project with recipients, and no identity anywhere near it."""
    env = {**sandbox.env, "RECONCILER_RECIPIENTS": key.recipient}
    return project(tmp_path / "project", manifest(ENTRIES), env=env)


def tokens(sandbox: Sandbox) -> dict[str, str]:
    return {row["name"]: row["apiTokenInstance"] for row in sandbox.instances()}


def opened(made: Project, key: Key) -> dict[str, str]:
    rows = made.run("export", "--identity", key.file).json["instances"]
    return {name: row["apiTokenInstance"] for name, row in rows.items()}


def test_lost_answers_and_recovery_need_no_identity(
    made: Project, sandbox: Sandbox, key: Key
) -> None:
    sandbox.faults(
        {"on": "create", "nth": 2, "do": "close"},
        {"on": "create", "nth": 4, "do": "close", "lag": 9},
        {"on": "create", "nth": 6, "do": "reset", "when": "before"},
        {"on": "create", "nth": 8, "do": "no-token"},
        {"on": "create", "nth": 10, "do": "status", "status": 502, "lag": 9},
    )

    first = made.run(*APPLY, "--settled-after", "600")
    sandbox.faults()
    for _ in range(9):  # listings that leave out what is to lag
        sandbox.listing()
    second = made.run(*APPLY)
    third = made.run(*APPLY)

    assert (first.code, second.code, third.code) == (6, 0, 0), second.err
    assert sandbox.bill()["creates"] == dict.fromkeys(ENTRIES, 1)
    assert opened(made, key) == tokens(sandbox)
    assert leaks_in(made.folder, tokens(sandbox)) == []


def test_a_killed_run_leaves_no_plain_token_in_its_journal(
    made: Project, sandbox: Sandbox, key: Key
) -> None:
    sandbox.faults({"on": "create", "nth": 9, "do": "hang"})
    journal = made.folder / "instances.state.json.journal"
    with made.start(*APPLY, "--concurrency", "1") as process:
        for line in process.stderr:
            if "create_announced" in line and ENTRIES[8] in line:
                break
        process.kill()

    assert json.loads(journal.read_text().splitlines()[-1])["event"] == "intent"
    assert len(tokens(sandbox)) >= 8
    assert leaks_in(made.folder, tokens(sandbox)) == []


def test_the_diff_of_one_more_instance_is_that_instance_and_the_serial(
    made: Project, sandbox: Sandbox
) -> None:
    git = git_in(made.folder)
    made.run(*APPLY)
    git("add", "instances.state.json")
    git("commit", "--quiet", "-m", "state")
    before = made.recorded
    made.write(manifest([*ENTRIES[:5], "one-more", *ENTRIES[5:]]))

    made.run(*APPLY)

    added, removed, _ = git("diff", "--numstat").split("\t")
    lines = git("diff", "--unified=0").splitlines()
    gone = [line for line in lines if line.startswith("-") and not line.startswith("---")]
    assert [line.split(":")[0].strip('- "') for line in gone] == ["serial"]
    assert int(removed) == 1
    row = json.dumps({"one-more": made.recorded["one-more"]}, indent=2)
    assert int(added) == 1 + len(row.splitlines()) - 2
    assert {key: made.recorded[key] for key in before} == before


def test_a_recipient_that_is_none_stops_the_run_before_anything_is_sent(
    made: Project, sandbox: Sandbox
) -> None:
    done = made.run(*APPLY, "--recipient", "age1nobody")

    assert done.code == 2
    assert "recipient 'age1nobody': not a public key that age knows" in done.err
    assert sandbox.bill()["posts"] == 0
    assert not made.state.exists()


def test_a_sealed_state_gets_no_plain_token_because_a_recipient_was_forgotten(
    made: Project, sandbox: Sandbox
) -> None:
    made.run(*APPLY)
    made.write(manifest([*ENTRIES, "one-more"]))

    done = made.run(*APPLY, env={"RECONCILER_RECIPIENTS": ""})

    assert done.code == 2
    assert "its tokens are sealed, and new ones would not be" in done.err
    assert sandbox.bill()["posts"] == len(ENTRIES)


def git_in(folder: Path) -> Callable[..., str]:
    """Make *folder* a git repository and return what runs git there."""

    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *words]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=True)
        return done.stdout.decode()

    git("init", "--quiet")
    return git
