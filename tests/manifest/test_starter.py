"""The first manifest is valid, points editors at the schema, and git ignores the state."""

import subprocess
from pathlib import Path

import pytest

from reconciler.manifest import load
from reconciler.manifest.starter import GITIGNORE_LINES, starter


def test_the_first_manifest_is_valid(tmp_path: Path) -> None:
    path = tmp_path / "instances.yaml"
    path.write_text(starter("./schema/manifest.schema.json"), encoding="utf-8")

    manifest = load([path], env={})

    assert manifest.problems == ()
    assert len(manifest.entries) == 2


def test_its_first_line_points_editors_at_the_schema() -> None:
    first = starter("./x.json").splitlines()[0]

    assert first == "# yaml-language-server: $schema=./x.json"


@pytest.mark.parametrize(
    ("name", "ignored"),
    [
        ("instances.state.json", True),
        ("instances.state.json.journal", True),
        ("instances.state.json.lock", True),
        (".instances.state.json.abc.tmp", True),
        ("instances.yaml", False),
    ],
)
def test_git_ignores_all_that_belongs_to_the_state(
    tmp_path: Path, name: str, ignored: bool
) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("\n".join(GITIGNORE_LINES) + "\n", encoding="utf-8")

    done = subprocess.run(["git", "-C", tmp_path, "check-ignore", "-q", name], check=False)

    assert (done.returncode == 0) is ignored
