from pathlib import Path

import pytest

from tests.state.parts import NAME


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a state will be, in a folder of its own."""
    (tmp_path / "house").mkdir()
    return tmp_path / "house" / NAME
