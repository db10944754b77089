"""The hook for pre-commit, tried by pre-commit itself on a scratch repository."""

import subprocess
from pathlib import Path

import pytest

from tests.command import SMALL, Completed, clean_env
from tests.nightly import only_by_night
from tests.ways_in.checkers import check
from tests.ways_in.conftest import ROOT, git

BROKEN = "version: 1\ninstances:\n  a: {stateWebhook: maybe}\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps the environment that it builds for the hook."""
    only_by_night()
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def scratch(tmp_path: Path, source: Path) -> Path:
    """A repository that uses the hook at the source's newest commit."""
    revision = git("rev-parse", "HEAD", cwd=source).strip()
    git("init", "--quiet", "--initial-branch=main", cwd=tmp_path)
    (tmp_path / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {source}\n  rev: {revision}\n  hooks:\n  - id: reconciler-validate\n"
    )
    return tmp_path


def test_the_hooks_file_is_valid() -> None:
    done = check("pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")

    assert done.code == 0, done.out


def test_it_stops_a_broken_manifest_and_lets_a_valid_one_pass(scratch: Path, home: Path) -> None:
    broken = _commit(scratch, home, instances=BROKEN)
    valid = _commit(scratch, home, instances=SMALL)

    assert broken.code == 1, broken
    assert "instances.yaml:3:21: error: a.stateWebhook: " in broken.out
    assert (valid.code, "Passed" in valid.out) == (0, True), valid


def test_a_change_that_touches_no_yaml_is_not_looked_at(scratch: Path, home: Path) -> None:
    (scratch / "README").write_text("No manifest here.\n")

    done = _pre_commit(scratch, home, "README")

    assert (done.code, "Skipped" in done.out) == (0, True), done


def _commit(scratch: Path, home: Path, *, instances: str) -> Completed:
    (scratch / "instances.yaml").write_text(instances)
    return _pre_commit(scratch, home, "instances.yaml")


def _pre_commit(scratch: Path, home: Path, file: str) -> Completed:
    git("add", file, ".pre-commit-config.yaml", cwd=scratch)
    done = subprocess.run(
        ["pre-commit", "run", "--color=never", "--files", file],
        cwd=scratch,
        env=clean_env({"PRE_COMMIT_HOME": str(home), "HOME": str(home)}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)
