"""README's first screen: what `make demo` shows is what the page says it does."""

import re
import shutil
import subprocess
from pathlib import Path

from tests import warm
from tests.command import clean_env
from tests.docs.test_tutorial import pattern

ROOT = Path(__file__).parents[2]


def test_the_demo_shows_what_the_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "examples").mkdir()
    shutil.copy(ROOT / "examples" / "demo.sh", tmp_path / "examples")
    shutil.copy(ROOT / "instances.yaml", tmp_path)
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```\n(\$ reconciler plan\n.*?)^```", page, re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        ["bash", tmp_path / "examples" / "demo.sh"],
        env=clean_env({"PATH": warm.path()}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(pattern(shown), done.stdout), done.stdout
