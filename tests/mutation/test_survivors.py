"""Every small mistake in what handles money is noticed by a test, or listed with the reason why it
makes no difference.

The nightly run tries a sample. `MUTATE=apply/launch.py,state/model.py` tries all mistakes in these
modules, which takes a few minutes each; `MUTATE_SEED` repeats the sample of a night.
"""

import compileall
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from subprocess import DEVNULL
from typing import Final

import pytest

from tests.mutation.equivalents import EQUIVALENT
from tests.mutation.mutator import Mutant, mutants
from tests.nightly import BY_NIGHT, REASON

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "reconciler"
CHOSEN: Final = tuple(filter(None, os.environ.get("MUTATE", "").split(",")))
SEED: Final = os.environ.get("MUTATE_SEED") or f"{random.SystemRandom().randrange(1 << 32)}"
A_NIGHT: Final = 300  # mistakes of all: about twenty minutes on two cores

SWEEP: Final = "tests/exactly_once/test_crash_sweep.py"
FOLDERS: Final = (
    *("tests/state/test_store.py", "tests/state/test_store_failures.py"),
    *("tests/state/test_moved_ground.py", "tests/state/test_ledger.py"),
    *("tests/state/test_paths.py", "tests/state/test_sealing.py"),
    *("tests/state/test_loading.py", "tests/state/test_store_threads.py"),
    *("tests/state/test_codec.py", "tests/state/test_replay.py", "tests/state/test_model.py"),
    *("tests/state/test_joining.py", "tests/state/test_joining_instances.py"),
    *("tests/state/test_crashes.py", SWEEP),
)
BUCKETS: Final = (
    *("tests/state/test_lease.py", "tests/state/test_conditions.py"),
    *("tests/state/test_object_store.py", "tests/state/test_object_steps.py"),
    *("tests/state/test_objects.py", "tests/state/test_two_writers.py"),
)
OF_BUCKETS: Final = ("bucket", "conditions", "lease", "objects", "object_store")
CLOUDS: Final = (
    *("tests/state/test_object_access.py", "tests/state/test_object_trouble.py"),
    "tests/state/test_identities.py",
)
OF_CLOUDS: Final = ("aws_access", "object_access", "object_trouble")
# The tests that must notice, behind those that are named after the module; one is enough.
HOLDING: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("plan.py", "differences.py"), ("tests/test_plan.py", "tests/evidence", "tests/apply")
    ),
    "takeover.py": (
        "tests/test_takeover.py",
        "tests/apply/test_take.py",
        "tests/cli/test_import.py",
    ),
    "apply": ("tests/apply", "tests/evidence", SWEEP),
    "evidence": ("tests/evidence", "tests/test_plan.py", "tests/apply"),
    "partner": ("tests/partner",),
    "state": FOLDERS,
    **{f"state/{name}.py": (*FOLDERS, *BUCKETS) for name in ("ledger", "loading", "store")},
    **{f"state/{name}.py": BUCKETS for name in OF_BUCKETS},
    **{f"state/{name}.py": CLOUDS for name in OF_CLOUDS},
}
MODULES: Final = [
    *("differences.py", "plan.py", "takeover.py"),
    *(
        f"{path.relative_to(PACKAGE)}"
        for room in ("apply", "evidence", "state")
        for path in sorted((PACKAGE / room).glob("*.py"))
    ),
    *(f"partner/{name}.py" for name in ("answer", "classify", "codes", "headers", "listing")),
    *(f"partner/{name}.py" for name in ("instances", "rows", "wire")),
]
SLOW: Final = "--deselect=tests/apply/test_adapts.py"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project whose modules may be broken."""
    folder = tmp_path_factory.mktemp("mutated")
    for name in ("reconciler", "schema", "examples", "tests", "docs", "benchmarks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder)
    compileall.compile_dir(folder / "reconciler", quiet=1)
    return folder


@pytest.mark.skipif(not (BY_NIGHT or CHOSEN), reason=REASON)
@pytest.mark.parametrize("module", CHOSEN or MODULES)
def test_no_mistake_lives_unnoticed(copy: Path, module: str) -> None:
    print(f"MUTATE_SEED={SEED}")  # noqa: T201 - shown when the test fails
    hangs = _patience_at_first(copy, _of_room(module))

    assert list(_survivors(copy, module, _tried(module), hangs=hangs)) == []


def _patience(copy: Path, tests: Sequence[str]) -> float:
    """Return for how many seconds a mutant is waited for: one that never ends is noticed, too.

    The tests must pass without any mistake, or they would seem to notice each."""
    began = time.monotonic()
    assert _all_pass(copy, tests, hangs=600)
    return 20 + 3 * (time.monotonic() - began)


_patience_at_first = cache(_patience)


def test_what_never_ends_is_told_from_what_passes(tmp_path: Path) -> None:
    (tmp_path / "test_on.py").write_text("def test_on() -> None:\n    while True:\n        pass\n")
    (tmp_path / "test_up.py").write_text("def test_up() -> None:\n    pass\n")

    assert _all_pass(tmp_path, ["test_up.py"], hangs=60) is True
    assert _all_pass(tmp_path, ["test_on.py"], hangs=0.5) is None


@pytest.mark.parametrize("module", EQUIVALENT)
def test_what_is_listed_as_making_no_difference_is_still_there(module: str) -> None:
    changes = {mutant.change for mutant in _mutants(module)}

    assert set(EQUIVALENT[module]) - changes == set()


def _mutants(module: str) -> list[Mutant]:
    return list(mutants((PACKAGE / module).read_text("utf-8")))


def _tried(module: str) -> list[Mutant]:
    """Return the mistakes that are to be noticed: of a module that was not chosen, its part of the
    night's sample."""
    known = EQUIVALENT.get(module, {})
    each = [mutant for mutant in _mutants(module) if mutant.change not in known]
    if CHOSEN:
        return each
    every = sum(len(_mutants(other)) for other in MODULES)
    chance = random.Random(f"{SEED} {module}")  # noqa: S311 - a sample is no secret
    return chance.sample(each, min(len(each), round(A_NIGHT * len(each) / every)))


def _survivors(copy: Path, module: str, tried: Sequence[Mutant], *, hangs: float) -> Iterator[str]:
    path, tests = copy / "reconciler" / module, _holding(module)
    right = path.read_text("utf-8")
    Path(cache_from_source(str(path))).unlink(missing_ok=True)  # it would hide a mistake
    try:
        for mutant in tried:
            path.write_text(mutant.source, "utf-8")
            passed = _all_pass(copy, tests, hangs=hangs)
            if passed is None:  # it never ends, or the machine is slower by now
                path.write_text(right, "utf-8")
                longer = _patience(copy, tests)
                path.write_text(mutant.source, "utf-8")
                passed = longer > hangs and _all_pass(copy, tests, hangs=longer)
            if passed:
                print(f"{module} {mutant.change}", flush=True)  # noqa: T201 - more may follow
                yield mutant.change
    finally:
        path.write_text(right, "utf-8")


def _holding(module: str) -> list[str]:
    """Return the tests that must notice a mistake in *module*, the nearest first."""
    room, _, name = module.rpartition("/")
    nearest = f"tests/{room}/test_{name}"
    others = [each for each in _of_room(module) if each != nearest]
    return [nearest, *others] if room and (ROOT / nearest).exists() else others


def _of_room(module: str) -> tuple[str, ...]:
    return HOLDING.get(module) or HOLDING[module.partition("/")[0]]


def _all_pass(copy: Path, tests: Sequence[str], *, hangs: float) -> bool | None:
    """Whether all *tests* pass; None where they have not ended in time."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", SLOW, *tests]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{copy}", "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command, cwd=copy, env=env, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
    ) as process:
        try:
            return process.wait(hangs) == 0
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # and what the tests have started
            return None
