"""Ten thousand creates (by day one), one answer in ten lost."""

import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

from tests.command import COMMAND, Project, clean_env, project
from tests.exactly_once.processes import assert_record_is_bill, manifest, numbered
from tests.nightly import BY_NIGHT
from tests.sandbox.server import Sandbox

MANY: Final = 10_000 if BY_NIGHT else 1_000
MEMORY: Final = 160  # MiB; 45 of them are there before the first entry, 90 is what it takes


def test_thousands_of_creates_with_one_answer_in_ten_lost(tmp_path: Path, sandbox: Sandbox) -> None:
    keys = numbered(MANY)
    place = project(tmp_path / "place", manifest(keys), env=sandbox.env)
    sandbox.faults({"on": "create", "do": "close", "every": 10})

    run = _measured(
        place, "apply", "--yes", "--rate", "0", "--concurrency", "32", "--max-creates", f"{MANY}"
    )

    assert run.code == 0, run.told[-2000:]
    assert sandbox.bill()["posts"] == MANY
    assert_record_is_bill(place, sandbox, keys)
    assert run.peak_mebibytes < MEMORY


class _Measured(NamedTuple):
    code: int
    told: str
    peak_mebibytes: float


# Between the tests and the command: Linux counts as a process's peak what its parent held, too.
STARTER: Final = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stderr=subprocess.STDOUT)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)
"""


def _measured(place: Project, *args: str) -> _Measured:
    """Run the command; say how much memory it took at its peak."""
    done = subprocess.run(
        [sys.executable, "-c", STARTER, COMMAND, *args],
        env=clean_env(place.env, covered=False),
        cwd=place.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return _Measured(done.returncode, done.stdout, int(done.stderr) / 1024)
