"""What each command pays for when it starts: the libraries it imports, in a process of its own."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import SMALL, Project, clean_env, project

# What costs more than the whole of a run that has nothing to do, or needs one of these.
HEAVY = {
    "asyncio",
    "httpcore",
    "httpx",
    "jsonschema",
    "pyrage",
    "prometheus_client",
    "pygments",
    "rich",
    "ssl",
    "starlette",
    "structlog",
    "uvicorn",
}
# What only inspect, uuid and email.utils bring along. Those themselves would not be listed where a
# stand-in imports them.
SPARED = {"dis", "platform", "socket"}
PACKAGE = Path(__file__).parents[1] / "reconciler"
# Half a millisecond for each class; `reconciler.dataclass` costs nothing at start.
STANDARD = re.compile(r"^from dataclasses import .*\bdataclass\b", re.MULTILINE)
# From 3.12 on they ask `inspect` for the annotations of a class, and that imports it.
NEEDED_BY_DATACLASSES = {"dis"} if sys.version_info >= (3, 12) else set()
TOKEN = {"GREEN_API_PARTNER_TOKEN": "gac.0123456789abcdef0123456789abcdef"}
FLOW = "version: 1\ninstances: {support-eu: {incomingWebhook: yes}}\n"
BROKEN = SMALL.replace("incomingWebhook: yes", "incomingWebhook: maybe")
STATE = """\
{
  "format": "reconciler.state/1",
  "lineage": "0b6c1f2e",
  "serial": 4,
  "apiUrl": "https://api.green-api.com",
  "instances": {
    "support-eu": {
      "idInstance": 1101728000,
      "apiTokenInstance": "c1b0d2e3f4a5968778695a4b3c2d1e0fc1b0d2e3f4a5968778",
      "typeInstance": "whatsapp",
      "name": "support-eu",
      "parameters": {"incomingWebhook": "yes"},
      "createdAt": "2026-11-22T10:06:00Z",
      "origin": "created"
    },
    "sales-uk": {
      "idInstance": 1101728001,
      "apiTokenInstance": "d1b0d2e3f4a5968778695a4b3c2d1e0fc1b0d2e3f4a5968778",
      "typeInstance": "whatsapp",
      "name": "sales-uk",
      "parameters": {"outgoingWebhook": "yes"},
      "createdAt": "2026-11-22T10:06:00Z",
      "origin": "created"
    }
  },
  "pending": {}
}
"""


@pytest.fixture
def done(tmp_path: Path) -> Iterator[Project]:
    """Everything that is wanted is recorded."""
    made = project(tmp_path / "done")
    made.state.write_text(STATE)
    made.state.chmod(0o600)
    yield made


def imported(place: Project, *args: str, code: int = 0) -> set[str]:
    """Return the packages that `reconciler` with *args* imports, in *place*."""
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "reconciler", *args],
        cwd=place.folder,
        env=clean_env({**place.env, **TOKEN}, covered=False),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert ran.returncode == code, ran.stderr
    modules = [
        line.rpartition("|")[2].strip()
        for line in ran.stderr.splitlines()
        if line.startswith("import time:")
    ]
    assert "reconciler.cli" in modules
    return set(modules) | {module.partition(".")[0] for module in modules}


def test_saying_the_version_imports_click_alone(done: Project) -> None:
    found = imported(done, "--version")

    assert HEAVY.isdisjoint(found)
    assert ({"yaml", "jsonschema_rs", "dataclasses"} | SPARED).isdisjoint(found)


@pytest.mark.parametrize(
    "command",
    [("plan",), ("validate",), ("status",), ("export",), ("plan", "-o", "json"), ("schema",)],
    ids=" ".join,
)
def test_what_stays_offline_imports_nothing_heavy(command: tuple[str, ...], done: Project) -> None:
    assert HEAVY.isdisjoint(imported(done, *command))


def test_a_plan_imports_nothing_that_only_libraries_ask_for(done: Project) -> None:
    found = imported(done, "plan")

    assert "jsonschema_rs" in found
    assert (SPARED - NEEDED_BY_DATACLASSES).isdisjoint(found)


def test_a_plan_of_what_is_there_imports_no_words_for_the_rest(done: Project) -> None:
    found = imported(done, "plan")

    assert "reconciler.report.plan_text" in found
    assert {"reconciler.report.conflicts", "shlex", "textwrap"}.isdisjoint(found)


def test_a_plan_completes_hardly_any_data_class_at_import(done: Project) -> None:
    found = imported(done, "plan")
    at_once = [
        module
        for path in PACKAGE.rglob("*.py")
        for module in [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)]
        if module in found and STANDARD.search(path.read_text(encoding="utf-8"))
    ]

    assert set(at_once) <= {"reconciler.dataclass", "reconciler.logs", "reconciler.cli.parts"}


def test_a_plain_manifest_is_read_without_yaml(done: Project) -> None:
    done.write("version: 1\ninstances:\n  support-eu:\n    incomingWebhook: yes\n")

    assert "yaml" not in imported(done, "validate")


def test_another_manifest_is_read_with_libyaml(done: Project) -> None:
    done.write(FLOW)

    found = imported(done, "validate")

    assert "yaml._yaml" in found
    assert HEAVY.isdisjoint(found)


def test_what_is_refused_is_explained_without_anything_heavy(done: Project) -> None:
    done.write(BROKEN)

    assert HEAVY.isdisjoint(imported(done, "validate", code=3))


def test_an_apply_with_nothing_to_do_imports_no_client(done: Project) -> None:
    found = imported(done, "apply", "--yes")

    assert HEAVY & found <= {"structlog", "rich"}
    assert "rich.text" not in found  # structlog asks for rich, and does without


def test_an_apply_that_logs_nothing_imports_no_structlog(done: Project) -> None:
    found = imported(done, "apply", "--yes", "--log-level", "warning")

    assert HEAVY.isdisjoint(found)
