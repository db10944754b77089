"""The real command in a process of its own, and a project folder to run it in."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests import warm

COMMAND: Final = Path(sys.executable).with_name("reconciler")

SMALL: Final = """\
version: 1
instances:
  support-eu: {incomingWebhook: yes}
  sales-uk: {outgoingWebhook: yes}
"""


@dataclass(frozen=True, slots=True)
class Completed:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stdout says, read as JSON."""
        return json.loads(self.out)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The log events among the lines of stderr."""
        lines = [line for line in self.err.splitlines() if line.startswith("{")]
        return [json.loads(line) for line in lines]


def clean_env(env: Mapping[str, str] | None = None, *, covered: bool = True) -> dict[str, str]:
    """Return *env* on top of an environment in which nothing steers the command.

    What is left is the way to programs, and what measures the coverage of subprocesses; without
    that (not *covered*) a process has the imports and the memory that it has for users.
    """
    here = os.environ
    kept = {name: here[name] for name in here if covered and name.startswith("COVERAGE_")}
    path = f"{COMMAND.parent}{os.pathsep}{here.get('PATH', os.defpath)}"
    return {"PATH": path, "LC_ALL": "C.UTF-8", **kept, **(env or {})}


def run(
    *args: str | Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str = "",
    timeout: float = 60,
) -> Completed:
    """Run `reconciler` with *args* to its end; *stdin* says so much."""
    words, variables = [str(arg) for arg in args], clean_env(env)
    if _starts_as_usual(variables):
        return Completed(*warm.call(words, env=variables, cwd=cwd, stdin=stdin, timeout=timeout))
    done = subprocess.run(
        [COMMAND, *words],
        env=variables,
        cwd=cwd,
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)


def _starts_as_usual(env: Mapping[str, str]) -> bool:
    """Whether nothing of *env* counts before the program's first line, as Python's own does."""
    early = any(name.startswith("PYTHON") for name in env)
    return not early and env["LC_ALL"] == "C.UTF-8"


def start(
    *args: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> warm.Piped:
    """Start `reconciler` with *args*; the caller uses it as a context manager."""
    variables = clean_env(env)
    assert _starts_as_usual(variables)
    return warm.start_piped([str(arg) for arg in args], env=variables, cwd=cwd)


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with a manifest, the folder that commands run in, and their environment."""

    folder: Path
    env: Mapping[str, str]

    @property
    def manifest(self) -> Path:
        return self.folder / "instances.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "instances.state.json"

    @property
    def recorded(self) -> dict[str, dict[str, Any]]:
        """The records of the state file, by key; none while there is no such file."""
        if not self.state.exists():
            return {}
        records: dict[str, dict[str, Any]] = json.loads(self.state.read_text())["instances"]
        return records

    def write(self, manifest: str) -> None:
        self.manifest.write_text(manifest, encoding="utf-8")

    def run(
        self,
        *args: str | Path,
        env: Mapping[str, str] | None = None,
        stdin: str = "",
        timeout: float = 60,
    ) -> Completed:
        """Run the command here; *env* comes on top of the project's own."""
        env = {**self.env, **(env or {})}
        return run(*args, env=env, cwd=self.folder, stdin=stdin, timeout=timeout)

    def start(self, *args: str | Path, env: Mapping[str, str] | None = None) -> warm.Piped:
        """Start the command here; the caller uses it as a context manager."""
        return start(*args, env={**self.env, **(env or {})}, cwd=self.folder)


def project(
    folder: Path, manifest: str = SMALL, *, env: Mapping[str, str] | None = None
) -> Project:
    """Make a project of *folder*; *env* is a sandbox's `env` where a token is needed."""
    folder.mkdir(parents=True, exist_ok=True)
    made = Project(folder, dict(env or {}))
    made.write(manifest)
    return made
