"""Runs the steps of a composite action as GitHub's runner does, as far as bash goes."""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.command import Completed, clean_env

_EXPRESSION = re.compile(r"\$\{\{ (inputs|steps)\.([a-z-]+)(?:\.outputs\.([a-z-]+))? \}\}")


@dataclass(frozen=True)
class Action:
    """An action of the checkout in *folder*, in a job whose workspace is *workspace*."""

    folder: Path
    workspace: Path
    temp: Path  # RUNNER_TEMP

    @property
    def definition(self) -> dict[str, Any]:
        text = (self.folder / "action.yml").read_text(encoding="utf-8")
        definition: dict[str, Any] = yaml.safe_load(text)
        return definition

    @property
    def outputs(self) -> dict[str, str]:
        """What the steps so far have put out."""
        lines = self._file("output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    @property
    def summary(self) -> str:
        return self._file("summary").read_text()

    def step(self, name: str, *, env: Mapping[str, str], **inputs: str) -> Completed:
        """Run the step *name*; *inputs* (`_` stands for `-`) are those that the job gives."""
        step = next(step for step in self.definition["runs"]["steps"] if step.get("id") == name)
        given = {key.replace("_", "-"): value for key, value in inputs.items()}
        script = self._file(f"{name}.sh")
        script.write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            cwd=self.workspace,
            env=clean_env(
                {
                    "GITHUB_ACTIONS": "true",
                    "GITHUB_ACTION_PATH": str(self.folder),
                    "GITHUB_OUTPUT": str(self._file("output")),
                    "GITHUB_STEP_SUMMARY": str(self._file("summary")),
                    "RUNNER_TEMP": str(self.temp),
                    **env,
                    **{key: self._value(text, given) for key, text in step["env"].items()},
                }
            ),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Completed(done.returncode, done.stdout, done.stderr)

    def _value(self, text: str, given: Mapping[str, str]) -> str:
        def value(found: re.Match[str]) -> str:
            source, name, output = found.groups()
            if source == "steps":
                assert (name, output) == ("python", "python-path")
                return sys.executable
            default: str = self.definition["inputs"][name]["default"]
            return given.get(name, default)

        return _EXPRESSION.sub(value, text)

    def _file(self, name: str) -> Path:
        path = self.temp / name
        path.touch()
        return path
