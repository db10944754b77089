"""Runs spin on the models beside it: all that can happen, or one thing after the other."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest

PROTOCOL: Final = Path(__file__).with_name("protocol.pml")
IN_A_BUCKET: Final = Path(__file__).with_name("bucket.pml")
MEMORY: Final = 1500  # MiB
SECONDS: Final = 240

NEEDS_SPIN: Final = pytest.mark.skipif(
    shutil.which("spin") is None or shutil.which("gcc") is None,
    reason="THE MODEL WAS NOT CHECKED: spin or gcc is missing (Debian: apt-get install spin gcc)",
)


def violation(folder: Path, switches: Sequence[str], model: Path = PROTOCOL) -> str | None:
    """Search everything that can happen; return the assertion that fails, None if none does.

    Raises where the search could not be finished: that is no verdict.
    """
    subprocess.run(
        ["spin", "-a", *switches, str(model)], cwd=folder, check=True, capture_output=True
    )
    compiler = ["gcc", "-O1", "-w", "-DSAFETY", "-DCOLLAPSE", f"-DMEMLIM={MEMORY}"]
    subprocess.run([*compiler, "-o", "pan", "pan.c"], cwd=folder, check=True)
    # -E: a run that waits for ever for a lock is no failure here
    search = [str(folder / "pan"), "-E", "-m100000"]
    done = subprocess.run(
        search, cwd=folder, check=True, capture_output=True, text=True, timeout=SECONDS
    )
    failed = [line for line in done.stdout.splitlines() if "assertion violated" in line]
    if failed:
        return failed[0].split("assertion violated ")[1]
    assert "errors: 0" in done.stdout, done.stdout
    assert "not completed" not in done.stdout, done.stdout
    assert "max search depth too small" not in done.stdout, done.stdout
    return None


def history(seed: int, switches: Sequence[str]) -> list[list[str]]:
    """Return what one random walk through the model prints, as the words of each line."""
    walk = ["spin", f"-n{seed}", "-T", "-B", *switches, str(PROTOCOL)]
    done = subprocess.run(walk, check=True, capture_output=True, text=True, timeout=SECONDS)
    return [line.split() for line in done.stdout.splitlines() if line]
