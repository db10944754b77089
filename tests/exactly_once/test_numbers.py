"""Ten thousand creates, one answer in ten lost."""

import os
import subprocess
from pathlib import Path
from typing import Final, NamedTuple

from tests.command import COMMAND, Project, clean_env, project
from tests.exactly_once.processes import assert_record_is_bill, manifest, numbered
from tests.sandbox.server import Sandbox

MANY: Final = 10_000
MEMORY: Final = 160  # MiB; 45 of them are there before the first entry, 90 is what it takes


def test_ten_thousand_creates_with_one_answer_in_ten_lost(tmp_path: Path, sandbox: Sandbox) -> None:
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


def _measured(place: Project, *args: str) -> _Measured:
    """Run the command; say how much memory it took at its peak."""
    out = place.folder / "out.txt"
    with out.open("wb") as file:
        process = subprocess.Popen(
            [COMMAND, *args], env=clean_env(place.env), cwd=place.folder, stdout=file, stderr=file
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return _Measured(process.returncode, out.read_text(), usage.ru_maxrss / 1024)
