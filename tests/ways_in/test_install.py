"""Every way to install that the README names, typed as it stands there, in an empty environment."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reconciler import __version__
from tests.nightly import NIGHTLY
from tests.ways_in.conftest import git

SAID = f"reconciler {__version__}\n"
BIN = Path(sys.executable).parent

Shell = Callable[[str], str]


@pytest.fixture
def shell(tmp_path: Path, source: Path) -> Shell:
    """A shell in a fresh clone of the product, with a home and nothing installed."""
    clone = tmp_path / "reconciler"
    git("clone", "--quiet", str(source), str(clone))
    env = os.environ | {  # the machine's own way to the index, certificates among it
        "HOME": str(tmp_path / "home"),
        "PATH": f"{tmp_path / 'home' / '.local' / 'bin'}:{_tools(tmp_path)}:{os.environ['PATH']}",
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache" / "uv")),
        "PYTHONPATH": "",
    }

    def run(commands: str) -> str:
        done = subprocess.run(
            ["bash", "-euc", commands],
            cwd=clone,
            env=env,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-8000:] + done.stderr
        return done.stdout

    return run


def _tools(folder: Path) -> Path:
    """The installers alone: what else stands beside them must not be found."""
    tools = folder / "tools"
    tools.mkdir()
    for name in ("uv", "uvx", "pipx"):
        (tools / name).symlink_to(BIN / name)
    return tools


@NIGHTLY
@pytest.mark.parametrize(
    "commands",
    [
        "python3 -m venv v && v/bin/pip install --quiet . && v/bin/reconciler --version",
        "python3 -m venv v && v/bin/pip install --quiet '.[age]' && v/bin/greenapi-reconciler -V",
        'python3 -m venv v && v/bin/pip install -q "greenapi-reconciler[age] @ git+file://localhost$PWD"'
        " && v/bin/reconciler --version",
        "python3 -m venv v && v/bin/pip wheel -qw d '.[age]' && python3 -m venv w"
        " && w/bin/pip install -q --no-index --find-links d 'greenapi-reconciler[age]'"
        " && w/bin/reconciler --version",
        "uv tool install --quiet . && reconciler --version",
        "uv tool install --quiet --with '.[sandbox,age]' . && greenapi-reconciler --version",
        "uvx --quiet --from . reconciler --version",
        "uvx --quiet . --version",
        "uv run --quiet reconciler --version",
        "uv sync --quiet && .venv/bin/reconciler --version",
        "uv sync --quiet && make demo >/dev/null && .venv/bin/reconciler --version",
        "pipx install --quiet . >/dev/null && reconciler --version",
    ],
)
def test_each_way_to_install_gives_the_command(commands: str, shell: Shell) -> None:
    assert shell(commands) == SAID


@NIGHTLY
def test_uv_leaves_a_clone_as_it_was(shell: Shell) -> None:
    shell("uv lock --quiet")

    assert shell("git status --porcelain") == ""


@NIGHTLY
def test_the_tests_run_from_the_source_distribution(shell: Shell, tmp_path: Path) -> None:
    shell(f"uv build --quiet --sdist --out-dir {tmp_path}")
    shutil.unpack_archive(next(tmp_path.glob("*.tar.gz")), tmp_path)
    folder = tmp_path / f"greenapi_reconciler-{__version__}"

    said = shell(
        f"cd {folder} && uv venv --quiet v"
        " && uv pip install -q -p v -e '.[age,html,link,metrics,objects,sandbox,test]'"
        " && v/bin/python -m pytest -q -p no:cacheprovider tests/test_plan.py tests/docs"
        " tests/exactly_once/test_docs.py tests/manifest/test_corpus.py tests/test_architecture.py"
    )

    assert " passed" in said.splitlines()[-1]
    assert "failed" not in said
