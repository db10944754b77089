"""What a person sees, screen by screen, as it is kept in tests/data/screens.

Each screen is a story: a few commands in one folder against one sandbox, what they print and how
they exit. `python -m tests.cli.screens` tells the stories anew; read the diff before you commit it.
"""

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.command import SMALL, Project, project
from tests.sandbox.server import Sandbox, running

FOLDER: Final = Path(__file__).parent.parent / "data" / "screens"
QUIET: Final = ("--log-level", "error")


@dataclass(frozen=True, slots=True)
class Console:
    """Somebody changes the instance *name* in the console."""

    name: str
    change: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Manifest:
    """Somebody writes *text* in the place of the manifest so far."""

    text: str


Step = tuple[str, ...] | Mapping[str, Any] | Console | Manifest | str


@dataclass(frozen=True, slots=True)
class Story:
    """*steps* are commands (tuples), fault rules (mappings), what somebody does in the console
    (`Console`), a new manifest (`Manifest`), or the name of a file to remove."""

    steps: Sequence[Step]
    env: Mapping[str, str] | None = None


APPLY: Final = ("apply", "--yes", "--settle", "0.2", "--concurrency", "1")
STORIES: Final[Mapping[str, Story]] = {
    "first-run": Story([("validate",), ("plan",), ("status",), APPLY, APPLY, ("status",)]),
    "init": Story(["instances.yaml", ("init",), ("validate",), ("init",)]),
    "no-manifest": Story(["instances.yaml", ("plan",)]),
    "no-token": Story([APPLY], env={"GREEN_API_PARTNER_TOKEN": ""}),
    "token-refused": Story([APPLY], env={"GREEN_API_PARTNER_TOKEN": "wrong-token"}),
    "token-as-an-option": Story([("apply", "--partner-token", "x")]),
    "unknown-command": Story([("aply",), ("apply", "--yess")]),
    "plain-http": Story([APPLY], env={"GREEN_API_PARTNER_URL": "http://api.example.com"}),
    "no-terminal": Story([("apply",)]),
    "cap": Story([(*APPLY, "--max-creates", "1")]),
    "lost-state": Story([APPLY, "instances.state.json", APPLY, ("adopt", "--all"), APPLY]),
    "lost-answer": Story([{"on": "create", "nth": 1, "do": "close"}, APPLY]),
    "never-arrived": Story(
        [
            {"on": "create", "nth": 1, "do": "close", "when": "before"},
            APPLY,
            ("plan",),
            ("resolve", "support-eu", "--id", "1"),
            ("resolve", "support-eu", "--not-created"),
            APPLY,
        ]
    ),
    "rejected": Story([{"on": "create", "name": "sales-uk", "do": "status", "status": 400}, APPLY]),
    "listing-fails": Story(
        [{"on": "list", "times": "always", "do": "status", "status": 503}, APPLY]
    ),
    "drifted": Story(
        [
            APPLY,
            Console("sales-uk", {"settings": {"outgoingWebhook": "no"}}),
            ("plan",),
            ("plan", "--live"),
            ("plan", "--live", "--update"),
            (*APPLY, "--live"),
        ]
    ),
    "updated": Story(
        [
            APPLY,
            Manifest(SMALL.replace("outgoingWebhook: yes", "outgoingWebhook: no")),
            ("plan",),
            ("plan", "--update"),
            ("apply", "--update"),
            (*APPLY, "--update"),
            (*APPLY, "--update"),
        ]
    ),
    "pruned": Story(
        [
            APPLY,
            Manifest(SMALL[: SMALL.index("  sales-uk")]),
            ("plan", "--prune"),
            ("apply", "--prune"),
            (*APPLY, "--prune", "--max-deletes", "0"),
            (*APPLY, "--prune", "--max-deletes", "1"),
            ("plan", "--prune"),
        ]
    ),
    "stale-plan": Story(
        [("plan", "--out", "plan.json"), ("apply", "plan.json", "--yes"), ("apply", "plan.json")]
    ),
    "checksum": Story([("apply", "--expect-checksum", "0123")]),
}


def tell(name: str, folder: Path, sandbox: Sandbox) -> str:
    """Play the story *name* in *folder* and return what was seen."""
    story = STORIES[name]
    sandbox.reset(firstId=1101728000)
    place = project(folder, env={**sandbox.env, **(story.env or {})})
    parts = [_step(step, place, sandbox) for step in story.steps]
    return _steady("\n".join(part for part in parts if part), folder, sandbox)


def _step(step: Step, place: Project, sandbox: Sandbox) -> str:
    match step:
        case str(file):
            (place.folder / file).unlink()
            return f"$ rm {file}\n"
        case tuple(words):
            # those that write to stderr what happened would say it in an order of their own
            talks = {"apply", "adopt", "resolve"} & set(words)
            done = place.run(*words, *(QUIET if talks else ()))
            return f"$ reconciler {' '.join(words)}\n{done.out}{_marked(done.err)}[{done.code}]\n"
        case Manifest(text):
            place.write(text)
            return f"$ cat {place.manifest.name}\n{text}"
        case Console(name, change):
            (row,) = [row for row in sandbox.instances() if row["name"] == name]
            sandbox.edit(row["idInstance"], **change)
            return ""
        case rule:
            sandbox.faults(rule)
            return ""


def _marked(err: str) -> str:
    """Return the lines of stderr, the log's left out: those have tests of their own."""
    lines = [line for line in err.splitlines() if not line.startswith('{"')]
    return "".join(f"2> {line}\n".replace(" \n", "\n") for line in lines)


def _steady(text: str, folder: Path, sandbox: Sandbox) -> str:
    text = text.replace(sandbox.url, "http://127.0.0.1:PORT").replace(str(folder), "FOLDER")
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?", "TIME", text)
    return re.sub(r"in \d+(\.\d+)? s\b", "in N s", text)


def main() -> None:
    """Write every screen anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with running() as sandbox, tempfile.TemporaryDirectory() as scratch:
        for name in sys.argv[1:] or STORIES:
            text = tell(name, Path(scratch) / name, sandbox)
            (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
