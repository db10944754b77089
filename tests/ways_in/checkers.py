"""Programs that check files which others read: run them, or skip loudly without them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command import Completed, clean_env
from tests.ways_in.conftest import ROOT

EXAMPLES = ROOT / "examples"


def check(program: str, *args: str | Path, stdin: str = "") -> Completed:
    """Run *program* of the tests' environment or the machine in the repository's root."""
    env = clean_env()
    if shutil.which(program, path=env["PATH"]) is None:
        pytest.skip(f"{program} is not installed, so what it checks was NOT checked")
    done = subprocess.run(
        [program, *args],
        cwd=ROOT,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)
