"""The ready-made ways in that `init` writes: the program's own examples, filled in."""

import re
import shlex
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


def files(ci: str, folder: Path, programs: Path) -> dict[str, str]:
    """Return the files of the way in *ci* by their paths below *folder*, filled in for it.

    The command is one of *programs*.
    """
    fill = _service if ci == "systemd" else _filled
    return {
        path: fill(_example(example), folder.resolve(), programs)
        for path, example in FILES[ci].items()
    }


def _example(path: str) -> str:
    shipped = _PACKAGE / "examples"
    if not shipped.is_dir():
        shipped = _PACKAGE.parent / "examples"  # a checkout: the folder beside the package
    return (shipped / path).read_text(encoding="utf-8")


def _filled(text: str, here: Path, programs: Path) -> str:
    """Return *text* with this program, its version, the folder and its branch for the example's."""
    place = shlex.quote(str(here)).replace("%", r"\%")  # a bare one ends a line of a crontab
    branch = _branch(here)
    for example, ours in (
        (f"reconciler@v{_RELEASE}", f"reconciler@v{__version__}"),
        (f"reconciler:{_RELEASE}", f"reconciler:{__version__}"),
        (f"archive/v{_RELEASE}", f"archive/v{__version__}"),
        ("branches: [main]", f"branches: [{branch}]"),
        ("ref: main ", f"ref: {branch} "),
        ("cd /home/reconciler/instances", f"cd {place}"),
        ("PATH=/opt/reconciler/bin", f"PATH={programs}"),
    ):
        text = text.replace(example, ours)
    return text


def _service(text: str, here: Path, programs: Path) -> str:
    """Return the unit *text* with this program and the manifest that lies *here*, if it sees them.

    What lies in a home it does not: then the example's own places stay, and its head says what
    belongs there.
    """
    text = _filled(text, here, programs)
    if _seen_by_a_service(programs):
        text = re.sub("# Install: .*\n", "", text)
        text = text.replace("/opt/reconciler/bin/reconciler", _in_a_unit(programs / "reconciler"))
    if _seen_by_a_service(here):
        text = text.replace("/etc/reconciler/instances.yaml", _in_a_unit(here / "instances.yaml"))
    return text


def _seen_by_a_service(path: Path) -> bool:
    """Whether ProtectHome= and PrivateTmp= leave *path* to the service."""
    hidden = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108 - nothing is written
    return not any(path.is_relative_to(place) for place in hidden)


def _in_a_unit(path: Path) -> str:
    """Return *path* as units are read: `%` and `$` mean something there, a blank ends a word."""
    text = str(path).replace("%", "%%").replace("$", "$$")
    if re.fullmatch(r"[^\s\"'\\]+", text):
        return text
    return '"' + re.sub(r"([\"\\])", r"\\\1", text) + '"'


def top_of(folder: Path) -> Path | None:
    """Return the top of the repository that *folder* is in."""
    here = folder.resolve()
    return next((place for place in (here, *here.parents) if (place / ".git").exists()), None)


def _branch(folder: Path) -> str:
    """Return the branch that is checked out in *folder*, `main` where that is not to be known."""
    top = top_of(folder)
    try:
        head = (top / ".git" / "HEAD").read_text(encoding="utf-8").strip() if top else ""
    except OSError:
        head = ""
    return head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else "main"
