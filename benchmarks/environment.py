"""An environment as users have it: the wheel installed, no editable finder, the peers beside it.

It lives in the user's cache and is built on first use; the wheel is built anew when the sources
have changed.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[1]
_SOURCES: Final = (
    "reconciler",
    "schema",
    "examples",
    "setup.cfg",
    "setup.py",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)
PEERS: Final = ("octodns", "ansible-core", "whatsapp-api-client-python", "requests")
_LIBRARIES: Final = ("click", "httpx", "jsonschema-rs", "PyYAML", "structlog", "rich")


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the programs are that are measured."""

    bin: Path

    @property
    def python(self) -> Path:
        return self.bin / "python"

    @property
    def reconciler(self) -> Path:
        return self.bin / "reconciler"


def environment(revision: str | None = None) -> Environment:
    """Return the environment, up to date with the sources, or with a git *revision* of them."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    name = f"python{platform.python_version()}" + (f"-{revision}" if revision else "")
    folder = cache / "greenapi-reconciler-bench" / name
    found = Environment(folder / "bin")
    pinned = [f"{name}=={version(name)}" for name in (*PEERS, *_LIBRARIES)]
    stamp, wanted = folder / "built-from", revision or _digest(pinned)
    if not stamp.is_file() or stamp.read_text() != wanted:
        print("building the environment that is measured ...", file=sys.stderr)
        if not found.python.exists():
            venv.create(folder, with_pip=False)  # nor setuptools, whose .pth file costs 20 ms
        with tempfile.TemporaryDirectory() as copy:  # a build leaves files where it runs
            _install(found, f"{_copied(Path(copy), revision)}[sandbox,objects]", *pinned)
        stamp.write_text(wanted)
    return found


def machine() -> dict[str, object]:
    """Return what the figures depend on."""
    return {
        "measured": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in (*_LIBRARIES, *PEERS)},
    }


def clean_env(more: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which nothing steers the programs but *more*."""
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(Path.home()), **more}


def _install(target: Environment, project: str, *pinned: str) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(target.python), "install", "-qq"]
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(
        [*pip, "--force-reinstall", "--no-deps", project.partition("[")[0]],
        check=True,
        env={**os.environ, **quiet},
    )
    subprocess.run([*pip, project, *pinned], check=True, env={**os.environ, **quiet})


def _copied(folder: Path, revision: str | None) -> Path:
    if revision:
        packed = subprocess.run(
            ["git", "archive", revision], cwd=REPOSITORY, capture_output=True, check=True
        )
        subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)
        return folder
    for name in _SOURCES:
        source = REPOSITORY / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)
    return folder


def _digest(pinned: list[str]) -> str:
    sha = hashlib.sha256("\n".join(pinned).encode())
    for name in _SOURCES:
        source = REPOSITORY / name
        files = sorted(source.rglob("*.[pj][ys]*")) if source.is_dir() else [source]
        for file in files:
            if "__pycache__" not in file.parts:
                sha.update(file.read_bytes())
    return sha.hexdigest()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
