"""A project whose every secret is a canary, and a sandbox that answers with more of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from tests.canary import leaks, leaks_in
from tests.command import Completed, Project, project
from tests.sandbox.server import Sandbox

PARTNER: Final = 'gac.Canary+Partner/To"ken%41\\0001end'
SECRETS: Final = {
    "literal": 'canary-literal-"é\\/+%41-0002',
    "variable": "canary in a variable & 0003",
    "path": "canary-path-0004-wTjxLtGk",
    "file": "canary-file-0005\\n+QmXbVs",
    "ping": "canary-ping-0007-RtYuIoPa",
    "unknown": "f00dcafe1234567890abcdef0006f00dcafe1234567890abcd",  # no run has seen it before
}
PRIVATE: Final = ("home", "tmp")
# What holds secrets by itself, before any command has run.
OURS: Final = frozenset({"instances.yaml", "hook.secret", "key.txt"})

MANIFEST: Final = f"""\
version: 1
defaults:
  webhookUrl: https://hooks.example.com/${{env:HOOK_PATH}}/in
instances:
  first: {{webhookUrlToken: {json.dumps(SECRETS["literal"], ensure_ascii=False)}}}
  second: {{webhookUrlToken: "Bearer ${{env:HOOK_TOKEN}}", incomingWebhook: yes}}
  third: {{webhookUrlToken: "${{file:hook.secret}}"}}
"""

# Every sink that a run can write to; all of them end up in the project's folder.
SINKS: Final = (
    *("--log-file", "run.log", "--report", "report.json", "--junit", "junit.xml"),
    *("--metrics", "metrics.prom"),
)
QUICK: Final = ("--yes", "--rate", "0", "--settle", "0", "--timeout", "5")


@dataclass(frozen=True, slots=True)
class Coop:
    """The project, and what must not fly out of it."""

    project: Project
    sandbox: Sandbox

    @property
    def canaries(self) -> dict[str, str]:
        tokens = {
            f"token of {row['idInstance']}": row["apiTokenInstance"]
            for row in self.sandbox.instances()
        }
        return {"partner token": PARTNER, **SECRETS, **tokens}

    def run(self, *args: str, env: Mapping[str, str] | None = None, stdin: str = "") -> Completed:
        return self.project.run(*args, env=env, stdin=stdin)

    def leaks(self, *runs: Completed, tokens_in: frozenset[str] = frozenset()) -> list[str]:
        """Return what got out: by a stream of *runs*, or into a file.

        The files *tokens_in* may hold the tokens of instances, and no other secret. A traceback
        is a leak by itself: nobody knows what its values are.
        """
        canaries = self.canaries
        found = leaks_in(self.project.folder, canaries, but=OURS | tokens_in)
        for path in [self.project.folder / name for name in tokens_in]:
            name, data = path.name, path.read_bytes() if path.exists() else b""
            found += [f"{name}: {leak}" for leak in leaks(data, {**SECRETS, "partner": PARTNER})]
        for done in runs:
            found += [f"stdout: {leak}" for leak in leaks(done.out.encode(), canaries)]
            found += [f"stderr: {leak}" for leak in leaks(done.err.encode(), canaries)]
            found += ["stderr: a traceback"] if "Traceback" in done.err else []
        return found


def coop(folder: Path, sandbox: Sandbox, *, github: bool = False) -> Coop:
    """Make a project in *folder*; with *github*, on a runner of GitHub Actions."""
    for name in PRIVATE:
        (folder / name).mkdir(parents=True)
    (folder / "hook.secret").write_text(SECRETS["file"] + "\n", encoding="utf-8")
    env = {
        **sandbox.env,
        "HOOK_TOKEN": SECRETS["variable"],
        "HOOK_PATH": SECRETS["path"],
        "RECONCILER_PING_URL": f"http://127.0.0.1:9/{SECRETS['ping']}",  # nobody answers there
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
    }
    if github:
        env |= {
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "GITHUB_OUTPUT": str(folder / "output"),
        }
    return Coop(project(folder, MANIFEST, env=env), sandbox)


def echo(status: int, code: int | None = None, **fields: Any) -> dict[str, Any]:
    """A rule of a fault script whose answer repeats every secret, in fields known and unknown."""
    texts = [PARTNER, *SECRETS.values()]
    body = {
        "code": code,
        "description": f"refused: {' and '.join(texts)}",
        "message": texts,
        "apiTokenInstanceNew": SECRETS["unknown"],
        "echo": {"url": f"/partner/createInstance/{PARTNER}", "body": texts},
    }
    text = json.dumps({name: value for name, value in body.items() if value is not None})
    return {"do": "status", "status": status, "body": text, **fields}


def styled(outcomes: Mapping[str, Sequence[dict[str, Any]]]) -> dict[str, tuple[Any, ...]]:
    """Return the rules of each outcome, and how its run is logged, by its name.

    Levels, formats and CI servers take turns; over all outcomes each meets each.
    """
    styles = [
        ("debug", "json", "text", False),
        ("info", "console", "json", True),
        ("debug", "console", "text", True),
        ("warning", "json", "json", False),
        ("error", "auto", "text", False),
    ]
    turns = zip(outcomes.items(), cycle(styles), strict=False)
    return {name: (rules, *style) for (name, rules), style in turns}
