"""The systemd units, verified by systemd itself where it is."""

import re
from pathlib import Path

import pytest

from reconciler.cli.ready_made import files
from tests.command import COMMAND, SMALL, project
from tests.sandbox.server import Sandbox
from tests.ways_in.checkers import EXAMPLES, check

UNITS = EXAMPLES / "systemd"
SERVICE = (UNITS / "reconciler.service").read_text()
INSTALLED = "/opt/reconciler/bin/reconciler"


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units as they are, but for where the command is installed."""
    found = sorted(UNITS.glob("reconciler.*"))
    for unit in found:
        (tmp_path / unit.name).write_text(unit.read_text().replace(INSTALLED, str(COMMAND)))
    return [tmp_path / unit.name for unit in found]


def test_systemd_has_nothing_to_say(units: list[Path]) -> None:
    done = check("systemd-analyze", "verify", *units)

    assert [unit.name for unit in units] == ["reconciler.service", "reconciler.timer"]
    assert (done.code, done.out + done.err) == (0, "")


@pytest.mark.parametrize("folder", ["/srv/instances", "/srv/our instances", "/srv/100% $HOME"])
def test_nor_to_a_unit_that_init_has_filled_in(tmp_path: Path, folder: str) -> None:
    unit = tmp_path / "reconciler.service"
    text = files("systemd", Path(folder), Path("/usr/bin"))[unit.name]
    unit.write_text(text.replace("/usr/bin/reconciler", str(COMMAND)))

    done = check("systemd-analyze", "verify", unit)

    assert (done.code, done.out + done.err) == (0, "")


def test_systemd_notices_what_is_wrong(units: list[Path]) -> None:
    units[0].write_text(units[0].read_text().replace("Type=oneshot", "Type=oneshoot"))

    done = check("systemd-analyze", "verify", *units)

    assert "oneshoot" in done.err


def test_the_service_is_exposed_to_little(units: list[Path]) -> None:
    done = check("systemd-analyze", "security", "--offline=true", "--threshold=20", units[0])

    assert done.code == 0, done.out.splitlines()[-1]


def test_the_token_is_a_credential_and_never_an_argument() -> None:
    assert "LoadCredential=partner-token:/etc/reconciler/partner-token\n" in SERVICE
    assert "Environment=GREEN_API_PARTNER_TOKEN_FILE=%d/partner-token\n" in SERVICE


def test_a_stop_has_time_to_await_the_answers_in_flight() -> None:
    found = re.search(r"^TimeoutStopSec=(\d+)$", SERVICE, re.MULTILINE)

    assert found is not None
    assert int(found[1]) > 180


def test_its_command_works(tmp_path: Path, sandbox: Sandbox) -> None:
    shop = project(tmp_path, SMALL, env=sandbox.env)
    joined = SERVICE.replace("\\\n", " ")
    line = next(line for line in joined.splitlines() if line.startswith("ExecStart="))
    words = line.removeprefix(f"ExecStart={INSTALLED} ").split()

    done = shop.run(
        *(
            word.replace("/etc/reconciler", ".").replace("/var/lib/reconciler", ".")
            for word in words
        )
    )

    assert done.code == 0, done
    assert len(shop.recorded) == 2
