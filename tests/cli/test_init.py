"""`reconciler init` in the user's own repository: the manifest, and what runs it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler import __version__
from reconciler.cli.ready_made import FILES, files
from tests.command import run

SERVICE = "reconciler.service"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", "-b", "trunk", tmp_path], check=True)
    return tmp_path


def taken_by_git(repository: Path, name: str) -> bool:
    done = subprocess.run(["git", "-C", repository, "check-ignore", "-q", name], check=False)
    return done.returncode == 1


@pytest.mark.parametrize("ci", FILES)
def test_a_way_in_is_written_and_the_manifest_with_it(repository: Path, ci: str) -> None:
    done = run("init", "--ci", ci, cwd=repository)

    assert done.code == 0, done
    for path in FILES[ci]:
        assert (repository / path).is_file()
    assert run("validate", cwd=repository).code == 0


def test_a_workflow_names_this_version_and_this_branch(repository: Path) -> None:
    run("init", "--ci", "github", cwd=repository)

    text = (repository / ".github" / "workflows" / "instances.yml").read_text()
    assert f"reconciler@v{__version__}" in text
    assert "branches: [trunk]" in text
    assert "ref: trunk #" in text
    assert "main" not in text.replace("domain", "")


def test_a_workflow_below_the_top_of_its_repository_is_told_of(repository: Path) -> None:
    (repository / "below").mkdir()

    at_the_top = run("init", "--ci", "github", cwd=repository)
    below = run("init", "--ci", "github", cwd=repository / "below")

    assert "next: move .github to the top of the repository" in below.out
    assert "next: move" not in at_the_top.out


def test_a_crontab_names_this_folder_and_this_program(repository: Path) -> None:
    run("init", "--ci", "cron", cwd=repository)

    text = (repository / "reconciler.crontab").read_text()
    assert f"cd {repository} &&" in text
    assert f"PATH={Path(sys.executable).parent}:" in text


def test_a_service_names_a_manifest_and_a_program_that_it_sees() -> None:
    unit = files("systemd", Path("/srv/our instances"), Path("/usr/local/bin"))[SERVICE]

    assert "ExecStart=/usr/local/bin/reconciler apply" in unit
    assert '--manifest "/srv/our instances/instances.yaml" --state' in unit
    assert "# Install:" not in unit


def test_a_service_is_not_sent_into_a_home_that_it_does_not_see() -> None:
    unit = files("systemd", Path("/home/me/instances"), Path("/home/me/.local/bin"))[SERVICE]

    assert "ProtectHome=yes" in unit
    assert "/home/me" not in unit
    assert "/opt/reconciler/bin/pip install" in unit
    assert "ExecStart=/opt/reconciler/bin/reconciler apply" in unit
    assert "# Manifest: /etc/reconciler/instances.yaml" in unit


@pytest.mark.parametrize("name", ["our instances", "100%"])
def test_a_crontab_reaches_a_folder_of_an_odd_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()

    crontab = files("cron", tmp_path / name, Path("/usr/bin"))["reconciler.crontab"]

    job = crontab.splitlines()[-1].removeprefix("17 * * * * ").split(" && ")[0]
    assert not re.search(r"(?<!\\)%", job)  # what cron would take for a line's end
    said = subprocess.run(
        ["sh", "-c", job.replace(r"\%", "%") + " && pwd"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == f"{tmp_path / name}\n"


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        ((), False),
        (("--ci", "cron"), False),
        (("--ci", "github"), True),
        (("--ci", "gitlab"), True),
        (("--state-in", "git"), True),
        (("--ci", "github", "--state-in", "elsewhere"), False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_git_takes_the_state_and_its_journal_together_or_neither(
    repository: Path, options: tuple[str, ...], taken: bool
) -> None:
    run("init", *options, cwd=repository)

    assert taken_by_git(repository, "instances.state.json") is taken
    assert taken_by_git(repository, "instances.state.json.journal") is taken
    assert not taken_by_git(repository, "instances.state.json.lock")
    assert ("recipients" in (repository / "instances.yaml").read_text()) is taken


def test_a_line_that_keeps_git_from_the_state_is_told(repository: Path) -> None:
    run("init", cwd=repository)

    done = run("init", "--ci", "github", cwd=repository)

    told = "next: take the line instances.state.json* out of .gitignore: git keeps the state"
    assert [line for line in done.out.splitlines() if ".gitignore:" in line] == [told]


def test_a_makefile_offers_the_commands(repository: Path) -> None:
    run("init", "--makefile", cwd=repository)

    done = subprocess.run(
        ["make", "plan", f"RECONCILER={Path(sys.executable).with_name('reconciler')}"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 new billed instances to create" in done.stdout


def test_what_is_there_stays_as_it_is(repository: Path) -> None:
    (repository / "instances.yaml").write_text("version: 1\ninstances: {}\n")

    alone = run("init", cwd=repository)
    with_more = run("init", "--makefile", cwd=repository)

    assert (alone.code, with_more.code) == (2, 0)
    assert (repository / "instances.yaml").read_text() == "version: 1\ninstances: {}\n"
    assert "instances.yaml exists already and stays as it is" in with_more.err


def test_it_answers_as_json(repository: Path) -> None:
    (repository / "Makefile").write_text("")

    done = run("init", "--makefile", "-o", "json", cwd=repository)

    assert json.loads(done.out) == {
        "format": "reconciler.init/1",
        "written": ["instances.yaml", "schema/manifest.schema.json", ".gitignore"],
        "kept": ["Makefile"],
    }
