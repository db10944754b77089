"""A repository to keep the state in, and a copy of the product to install from."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import warm
from tests.command import SMALL, Project, clean_env
from tests.sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Origin:
    """A bare repository with a manifest on its branch main; *env* is that of every job."""

    folder: Path
    env: Mapping[str, str]

    def clone(self, name: str) -> Project:
        folder = self.folder.with_name(name)
        git("clone", "--quiet", str(self.folder), str(folder), env=self.env)
        return Project(folder, self.env)


@pytest.fixture
def origin(tmp_path: Path, sandbox: Sandbox) -> Origin:
    env = {**sandbox.env, **_sealing(), "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    env["PATH"] = warm.path()
    (tmp_path / ".gitconfig").write_text("[maintenance]\nauto = no\n[receive]\nautogc = no\n")
    origin = Origin(tmp_path / "origin.git", env)
    git("init", "--quiet", "--bare", "--initial-branch=main", str(origin.folder), env=env)
    first = origin.clone("first")
    first.write(SMALL)
    commit_and_push(first, "instances.yaml")
    return origin


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that a checkout of this repository has, as a repository of their own."""
    if not (ROOT / ".git").exists():
        pytest.skip("a source distribution is no repository to install from")
    folder = tmp_path_factory.mktemp("source")
    listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    git("add", "--all", cwd=folder)
    git(*IDENTITY, "commit", "--quiet", "-m", "A release", cwd=folder)
    return folder


PERSON = {"GIT_COMMITTER_NAME": "a person", "GIT_COMMITTER_EMAIL": "person@example.com"}
IDENTITY = ("-c", "user.name=a person", "-c", "user.email=person@example.com")


def commit_and_push(project: Project, *paths: str) -> None:
    git("add", *paths, cwd=project.folder, env=project.env)
    git(*IDENTITY, "commit", "--quiet", "-m", "Want it", cwd=project.folder, env=project.env)
    # What a job had sent before it was killed may arrive first: then as a person does.
    push = "git push --quiet origin HEAD:main"
    done = subprocess.run(
        ["bash", "-c", f"{push} || {{ git pull --quiet --rebase origin main && {push}; }}"],
        cwd=project.folder,
        env=clean_env({**project.env, **PERSON}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def git(*args: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    done = subprocess.run(
        ["git", *args], cwd=cwd, env=clean_env(env), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def nothing_to_create(project: Project) -> bool:
    done = project.run("apply", "--yes")
    return done.code == 0 and done.out.startswith("0 instances created")


def _sealing() -> dict[str, str]:
    """A committed state is a sealed one; the jobs can't open it."""
    from pyrage import x25519

    return {"RECONCILER_RECIPIENTS": str(x25519.Identity.generate().to_public())}
