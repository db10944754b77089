"""Which libraries a command pays for: those that it needs, and no others."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import clean_env, project

# Each takes longer to import than a plan of a hundred entries takes.
HEAVY = {
    "asyncio",
    "click",
    "httpx",
    "jsonschema",
    "jsonschema_rs",
    "prometheus_client",
    "pyrage",
    "rich",
    "starlette",
    "structlog",
    "uvicorn",
    "yaml",
}
READS = {"click", "yaml", "jsonschema_rs"}  # a manifest


@pytest.mark.parametrize(
    ("args", "needed"),
    [
        (["--version"], {"click"}),
        (["--help"], {"click"}),
        (["validate"], READS),
        (["plan"], READS),
        (["plan", "-o", "json"], READS),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, list) else "",
)
def test_a_command_imports_what_it_needs(tmp_path: Path, args: list[str], needed: set[str]) -> None:
    shop = project(tmp_path)

    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "reconciler", *args],
        cwd=shop.folder,
        env=clean_env(covered=False),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    imported = {line.split("|")[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert imported & HEAVY == needed
