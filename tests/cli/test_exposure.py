"""Plain tokens about to be committed are warned of at each run, with both ways out."""

import subprocess
from pathlib import Path

import pytest

from reconciler.cli.exposure import ignore_line
from tests.cli.keys import new_key
from tests.command import Project, project
from tests.sandbox.server import Sandbox

WARNING = "warning: instances.state.json: its tokens are in plain text, and git does not ignore it"
APPLY = ("apply", "--yes", "--rate", "0")


@pytest.fixture
def made(tmp_path: Path, sandbox: Sandbox) -> Project:
    """A project in a git work tree."""
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return project(tmp_path / "project", env=sandbox.env)


@pytest.mark.parametrize(
    "words",
    [APPLY, ("adopt", "--all"), ("resolve", "support-eu", "--not-created")],
    ids=["apply", "adopt", "resolve"],
)
def test_whatever_writes_a_plain_state_warns(made: Project, words: tuple[str, ...]) -> None:
    once, again = made.run(*words), made.run(*words)

    for done in (once, again):
        assert WARNING in done.err
        assert "hint: add the line instances.state.json* to .gitignore" in done.err
        assert "or seal the tokens: reconciler state seal --recipient age1..." in done.err


def test_the_line_that_is_named_is_one_way_out(made: Project) -> None:
    (made.folder / ".gitignore").write_text("instances.state.json*\n")

    done = made.run(*APPLY)

    assert done.code == 0
    assert "warning" not in done.err


def test_the_command_that_is_named_is_the_other(made: Project) -> None:
    made.run(*APPLY)
    key = new_key(made.folder.parent / "key.txt")

    sealed = made.run("state", "seal", "--recipient", key.recipient)
    after = made.run(*APPLY, "--recipient", key.recipient)

    assert (sealed.code, sealed.err) == (0, "")
    assert after.code == 0
    assert "warning" not in after.err


@pytest.mark.parametrize("name", ["a[1]*?.json", "#state", "!state", "back\\slash", "a b.json"])
def test_the_line_is_right_for_odd_names(tmp_path: Path, name: str) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text(ignore_line(name) + "\n")

    asked = subprocess.run(
        ["git", "check-ignore", name, f"{name}.journal", "other.json", "a1"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )

    assert len(asked.stdout.splitlines()) == 2
