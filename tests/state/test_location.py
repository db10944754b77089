import os
import subprocess
from pathlib import Path

import pytest

from reconciler.state.location import exposed_in_git
from tests.state.parts import NAME


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A folder in a git work tree."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path / "repo")], check=True)
    house = tmp_path / "repo" / "house"
    house.mkdir()
    return house


def test_a_state_in_a_work_tree_is_exposed_whether_it_is_there_or_not(house: Path) -> None:
    assert exposed_in_git(house / NAME)
    (house / NAME).touch()
    assert exposed_in_git(house / NAME)


def test_a_state_that_is_ignored_is_not(house: Path) -> None:
    (house.parent / ".gitignore").write_text("*.state.json\n")

    assert not exposed_in_git(house / NAME)


def test_a_state_that_is_ignored_but_tracked_is(house: Path) -> None:
    (house / NAME).touch()
    subprocess.run(["git", "add", NAME], cwd=house, check=True)
    (house.parent / ".gitignore").write_text("*.state.json\n")

    assert exposed_in_git(house / NAME)


def test_a_state_outside_of_any_work_tree_is_not(tmp_path: Path) -> None:
    assert not exposed_in_git(tmp_path / NAME)


def test_a_state_in_a_folder_that_is_not_there_is_not(tmp_path: Path) -> None:
    assert not exposed_in_git(tmp_path / "no" / NAME)


def test_a_link_is_judged_by_where_it_leads(house: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(house / NAME)
    (house / "link").symlink_to(tmp_path / NAME)

    assert exposed_in_git(tmp_path / "link")
    assert not exposed_in_git(house / "link")


def test_a_name_that_looks_like_an_option_is_a_name(house: Path) -> None:
    assert exposed_in_git(house / "--help")


def test_a_relative_path_is_understood(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(house)

    assert exposed_in_git(Path(NAME))


def test_variables_of_a_hook_lead_nowhere_else(house: Path, tmp_path: Path) -> None:
    env = {**os.environ, "GIT_DIR": str(tmp_path / "no"), "GIT_WORK_TREE": str(tmp_path)}

    assert exposed_in_git(house / NAME, env=env)


def test_without_git_nothing_is_exposed(house: Path, tmp_path: Path) -> None:
    assert not exposed_in_git(house / NAME, env={"PATH": str(tmp_path)})


def test_git_is_handed_no_secret(house: Path, tmp_path: Path) -> None:
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    spy.write_text(f"#!/bin/sh\nenv > {tmp_path / 'seen'}\nexit 1\n")
    spy.chmod(0o755)
    env = {"PATH": f"{spy.parent}:{os.environ['PATH']}", "GREEN_API_PARTNER_TOKEN": "gac.s3cret"}

    assert exposed_in_git(house / NAME, env=env)
    assert "s3cret" not in (tmp_path / "seen").read_text()
