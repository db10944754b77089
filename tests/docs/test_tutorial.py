"""The tutorial, typed into one shell as it stands, its screens compared with what is seen."""

import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests import warm
from tests.command import clean_env

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
PORT = "8765"  # in the page; a free one takes its place
MARK = "--- that was it ---"


def test_every_command_of_the_tutorial_says_what_the_page_shows(tmp_path: Path) -> None:
    steps = list(_steps(PAGE.read_text(encoding="utf-8").replace(PORT, str(_free_port()))))

    screens = _type([command for command, _ in steps], tmp_path)

    assert len(steps) > 15
    wrong = [
        (command, shown, seen)
        for (command, shown), seen in zip(steps, screens, strict=True)
        if not re.fullmatch(pattern(shown), seen) or ("error:" in seen) != ("error:" in shown)
    ]
    assert wrong == []


def _steps(page: str) -> Iterator[tuple[str, str]]:
    """Yield each command of the page's consoles, and what it shows."""
    for console in re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        for step in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
            typed, *rest = step.splitlines(keepends=True)
            more = [line[2:] for line in rest if line.startswith("> ")]
            yield typed + "".join(more), "".join(line for line in rest if not line.startswith("> "))


def _type(commands: list[str], folder: Path) -> list[str]:
    """Return what each command says, in one shell; log lines are for machines here."""
    script = "set -m\n" + "".join(f"{command}echo '{MARK}'\n" for command in commands)
    done = subprocess.run(
        ["bash"],
        input=script,
        cwd=folder,
        env=clean_env({"PATH": warm.path(), "HOME": str(folder), "RECONCILER_LOG_LEVEL": "error"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return [f"{seen.rstrip()}\n" for seen in done.stdout.split(f"{MARK}\n")[:-1]]


def pattern(shown: str) -> str:
    """Return what matches *shown*: three dots stand for anything."""
    lines = (re.escape(line).replace(r"\.\.\.", ".*") + "\n" for line in shown.splitlines())
    return "".join(r"(?:.*\n)*" if line == ".*\n" else line for line in lines) + r"\s*"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
