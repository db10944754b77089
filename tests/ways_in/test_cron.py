"""The crontab: its line is run as cron runs it."""

import subprocess
from pathlib import Path

import pytest

from tests.command import COMMAND, Completed, Project, clean_env, project
from tests.sandbox.server import Sandbox
from tests.ways_in.checkers import EXAMPLES

LINES = [
    line
    for line in (EXAMPLES / "cron" / "crontab").read_text().splitlines()
    if line and line[0] != "#"
]
SETTINGS = dict(line.split("=", 1) for line in LINES[:-1])


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    """The home of the job's user, with a token in a file."""
    token = tmp_path / "partner-token"
    token.write_text(sandbox.token)
    token.chmod(0o600)
    return project(tmp_path / "instances", env={"GREEN_API_PARTNER_URL": sandbox.url})


def test_a_run_that_went_well_mails_nothing(shop: Project) -> None:
    done = as_cron(shop)

    assert done == Completed(0, "", "")
    assert len(shop.recorded) == 2


def test_a_run_that_needs_a_person_mails_its_summary(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "name": "sales-uk", "do": "code", "code": 100})

    done = as_cron(shop)

    assert done.err == ""
    assert "1 instance created" in done.out
    assert "sales-uk" in done.out


def as_cron(shop: Project) -> Completed:
    """Run the line in an environment with nothing but what cron and the crontab set."""
    home = str(shop.folder.parent)
    fields = LINES[-1].split(maxsplit=5)
    command = fields[5].replace("\\%", "%").replace("/home/reconciler", home)
    settings = {key: value.replace("/home/reconciler", home) for key, value in SETTINGS.items()}
    settings["PATH"] = settings["PATH"].replace("/opt/reconciler/bin", str(COMMAND.parent))
    done = subprocess.run(
        [settings["SHELL"], "-c", command],
        cwd=home,
        env={**clean_env(), **settings, "HOME": home, "LOGNAME": "reconciler", **shop.env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Completed(done.returncode, done.stdout, done.stderr)
