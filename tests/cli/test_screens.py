"""Every story looks as it is kept in tests/data/screens, word for word, exit codes included."""

from pathlib import Path

import pytest

from tests.cli.screens import FOLDER, STORIES, tell
from tests.sandbox.server import Sandbox


@pytest.mark.parametrize("name", STORIES)
def test_a_person_sees_what_is_kept(name: str, tmp_path: Path, sandbox: Sandbox) -> None:
    kept = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")

    assert tell(name, tmp_path / name, sandbox) == kept
