"""Every small mistake in what handles money is noticed by a test, or listed with the reason why it
makes no difference.

`MUTATE=apply/launch.py,state/model.py` chooses modules; all of them take hours.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.mutation.equivalents import EQUIVALENT
from tests.mutation.mutator import mutants

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "reconciler"
CHOSEN: Final = tuple(filter(None, os.environ.get("MUTATE", "").split(",")))

# What is mutated, and the tests that must notice: the nearest first, since one is enough.
HOLDING: Final = {
    "apply": ["tests/apply", "tests/evidence", "tests/exactly_once/test_crash_sweep.py"],
    "evidence": ["tests/evidence", "tests/test_plan.py", "tests/apply"],
    "state": ["tests/state", "tests/exactly_once/test_crash_sweep.py"],
    "partner": ["tests/partner"],
}
ROOMS: Final = ("apply", "evidence", "state")
MODULES: Final = [
    *sorted(
        f"{path.relative_to(PACKAGE)}" for room in ROOMS for path in (PACKAGE / room).glob("*.py")
    ),
    "partner/answer.py",
    "partner/classify.py",
    "partner/codes.py",
    "partner/headers.py",
    "partner/listing.py",
    "partner/rows.py",
    "partner/wire.py",
]
SLOW: Final = ("--deselect=tests/apply/test_adapts.py", "-m", "not nightly")
HANGS: Final = 600  # seconds; a mutant that waits for ever is noticed, too

LONG: Final = pytest.mark.skipif(
    not CHOSEN and os.environ.get("HYPOTHESIS_PROFILE") != "nightly",
    reason="takes hours: make nightly",
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project whose modules may be broken."""
    folder = tmp_path_factory.mktemp("mutated")
    for name in ("reconciler", "schema", "tests", "docs", "benchmarks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    return folder


@LONG
@pytest.mark.parametrize("module", CHOSEN or MODULES)
def test_no_mistake_lives_unnoticed(copy: Path, module: str) -> None:
    survivors = set(_survivors(copy, module))

    assert survivors - set(EQUIVALENT.get(module, {})) == set()


@pytest.mark.parametrize("module", EQUIVALENT)
def test_what_is_listed_as_making_no_difference_is_still_there(module: str) -> None:
    changes = {mutant.change for mutant in mutants((PACKAGE / module).read_text("utf-8"))}

    assert set(EQUIVALENT[module]) - changes == set()


def _survivors(copy: Path, module: str) -> Iterator[str]:
    path = copy / "reconciler" / module
    source = path.read_text("utf-8")
    try:
        for mutant in mutants(source):
            path.write_text(mutant.source, "utf-8")
            if _all_pass(copy, HOLDING[module.split("/", maxsplit=1)[0]]):
                print(f"{module} {mutant.change}", flush=True)  # noqa: T201 - hours may follow
                yield mutant.change
    finally:
        path.write_text(source, "utf-8")


def _all_pass(copy: Path, tests: list[str]) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *SLOW, *tests]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{copy}", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, cwd=copy, env=env, capture_output=True, timeout=HANGS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
