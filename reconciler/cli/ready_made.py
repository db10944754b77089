"""The ready-made ways in that `init` writes: the program's own examples, filled in."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from reconciler import __version__

_PACKAGE: Final = Path(__file__).parents[1]
_RELEASE: Final = "0.2.0"  # the one that the examples name

# Where each goes, and of which example it is made.
FILES: Final[Mapping[str, Mapping[str, str]]] = {
    "github": {".github/workflows/instances.yml": "github/workflow.yml"},
    "gitlab": {
        "ci/reconciler.gitlab-ci.yml": "gitlab/reconciler.gitlab-ci.yml",
        "ci/push-state.sh": "ci/push-state.sh",
    },
    "cron": {"reconciler.crontab": "cron/crontab"},
    "systemd": {
        "reconciler.service": "systemd/reconciler.service",
        "reconciler.timer": "systemd/reconciler.timer",
    },
    "kubernetes": {"reconciler.yaml": "kubernetes/cronjob.yaml"},
}
NEXT: Final[Mapping[str, str]] = {
    "github": "put GREEN_API_PARTNER_TOKEN into the repository's secrets, RECONCILER_RECIPIENTS"
    " into its variables",
    "gitlab": "include ci/reconciler.gitlab-ci.yml in .gitlab-ci.yml; its head lists the variables",
    "cron": "crontab reconciler.crontab, as a user of its own whose token file it names",
    "systemd": "copy both units to /etc/systemd/system; the head of the service says the rest",
    "kubernetes": "kubectl apply -f reconciler.yaml, after what its head says",
}
COMMITTING: Final = ("github", "gitlab")  # these keep the state in git

MAKEFILE: Final = """\
# Written by `reconciler init --makefile`. `make` alone lists the targets.
RECONCILER ?= reconciler
ARGS       ?=

.DEFAULT_GOAL := help
.PHONY: help validate plan apply status export

help: ## list the targets
\t@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /: /'

validate: ## check instances.yaml
\t@$(RECONCILER) validate

plan: ## show what apply would do
\t@$(RECONCILER) plan $(ARGS)

apply: ## create what is missing (needs GREEN_API_PARTNER_TOKEN)
\t@$(RECONCILER) apply $(ARGS)

status: ## show what is recorded
\t@$(RECONCILER) status $(ARGS)

export: ## print ids and tokens, into a pipe or a file
\t@$(RECONCILER) export $(ARGS)
"""


def files(ci: str, folder: Path) -> dict[str, str]:
    """Return the files of the way in *ci* by their paths below *folder*, filled in for it."""
    return {path: _filled(_example(example), folder) for path, example in FILES[ci].items()}


def _example(path: str) -> str:
    shipped = _PACKAGE / "examples"
    if not shipped.is_dir():
        shipped = _PACKAGE.parent / "examples"  # a checkout: the folder beside the package
    return (shipped / path).read_text(encoding="utf-8")


def _filled(text: str, folder: Path) -> str:
    """Return *text* with this program, its version, the folder and its branch for the example's."""
    here, programs = folder.resolve(), Path(sys.executable).parent
    branch = _branch(here)
    for example, ours in (
        (f"reconciler@v{_RELEASE}", f"reconciler@v{__version__}"),
        (f"reconciler:{_RELEASE}", f"reconciler:{__version__}"),
        ("branches: [main]", f"branches: [{branch}]"),
        ("ref: main ", f"ref: {branch} "),
        ("cd /home/reconciler/instances", f"cd {shlex.quote(str(here))}"),
        ("/etc/reconciler/instances.yaml", str(here / "instances.yaml")),
        ("/opt/reconciler/bin", str(programs)),
    ):
        text = text.replace(example, ours)
    return text


def _branch(folder: Path) -> str:
    """Return the branch that is checked out in *folder*, `main` where that is not to be known."""
    for place in (folder, *folder.parents):
        try:
            head = (place / ".git" / "HEAD").read_text(encoding="utf-8").strip()
        except OSError:
            continue
        return head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else "main"
    return "main"
