"""The exit codes, one test each: the real command against the real sandbox."""

import signal
import time
from pathlib import Path

import pytest

from tests.command import Project, project, run
from tests.exactly_once.processes import until_in_flight
from tests.sandbox.server import Sandbox
from tests.warm import Piped

CODES = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "130", "143"]


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    """Two entries, nothing recorded, an account without instances."""
    return project(tmp_path / "shop", env=sandbox.env)


def test_0_everything_wanted_is_recorded(shop: Project, sandbox: Sandbox) -> None:
    done = shop.run("apply", "--yes")

    assert done.code == 0, done
    assert set(shop.recorded) == {"support-eu", "sales-uk"}
    assert sandbox.bill()["total"] == 2


def test_1_the_program_itself_failed(shop: Project, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "jsonschema_rs.py").write_text("raise RuntimeError('a broken installation')\n")

    done = shop.run("validate", env={"PYTHONPATH": str(broken)})

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: the program itself failed: RuntimeError at ")
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["apply", "--frce"], "error: no such option", id="unknown option"),
        pytest.param(
            ["aply"], "error: there is no command 'aply'\nhint: did you mean apply?", id="word"
        ),
        pytest.param(["apply", "--yes"], "error: there is no partner token", id="no token"),
        pytest.param(
            ["plan", "--refresh", "--api-url", "http://api.example.com"], "https", id="bad URL"
        ),
        pytest.param(["apply", "--yes", "plan.json"], "plan.json: ", id="no such plan"),
    ],
)
def test_2_the_call_is_wrong(tmp_path: Path, args: list[str], said: str) -> None:
    done = project(tmp_path).run(*args)

    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_2_there_is_nobody_to_ask(shop: Project, sandbox: Sandbox) -> None:
    done = shop.run("apply")

    assert (done.code, done.out) == (2, "")
    assert "hint: add --yes" in done.err
    assert sandbox.bill()["posts"] == 0


def test_3_the_manifest_is_invalid(shop: Project, sandbox: Sandbox) -> None:
    shop.write("version: 1\ninstances:\n  a: {stateWebhook: maybe}\n")

    done = shop.run("apply", "--yes")

    assert (done.code, done.out) == (3, "")
    assert "instances.yaml:3:21: error: a.stateWebhook: " in done.err
    assert sandbox.bill()["posts"] == 0


def test_4_something_is_to_be_created(shop: Project) -> None:
    done = shop.run("plan", "--detailed-exitcode")

    assert done.code == 4
    assert done.out.startswith("2 new billed instances to create")


def test_5_an_entry_was_refused_and_the_other_is_recorded(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "name": "sales-uk", "do": "code", "code": 100})

    done = shop.run("apply", "--yes")

    assert done.code == 5, done
    assert set(shop.recorded) == {"support-eu"}


def test_5_the_account_can_not_be_read(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "list", "do": "status", "status": 400, "times": "always"})

    done = shop.run("apply", "--yes")

    assert done.code == 5, done
    assert sandbox.bill()["posts"] == 0


def test_6_the_fate_of_a_create_is_unknown(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "name": "sales-uk", "do": "close", "when": "before"})

    done = shop.run("apply", "--yes", "--settle", "0")

    assert done.code == 6, done
    assert set(shop.recorded) == {"support-eu"}


def test_7_another_run_holds_the_state(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "do": "hang", "times": "always"})

    with shop.start("apply", "--yes") as first:
        _wait_for(first, "create_announced")
        second = shop.run("apply", "--yes")
        first.kill()

    assert (second.code, second.out) == (7, "")
    assert str(first.pid) in second.err


def test_8_the_state_is_corrupt(shop: Project, sandbox: Sandbox) -> None:
    shop.state.write_text("{")

    done = shop.run("apply", "--yes")

    assert (done.code, done.out) == (8, "")
    assert shop.state.read_text() == "{"
    assert sandbox.bill()["posts"] == 0


def test_9_a_guard_stopped_the_run(shop: Project, sandbox: Sandbox) -> None:
    done = shop.run("apply", "--yes", "--max-creates", "1")

    assert (done.code, done.out) == (9, "")
    assert sandbox.bill()["posts"] == 0


def test_10_the_token_is_refused(shop: Project, sandbox: Sandbox) -> None:
    done = shop.run("apply", "--yes", env={"GREEN_API_PARTNER_TOKEN": "gac.another"})

    assert done.code == 10, done
    assert "gac.another" not in done.out + done.err
    assert sandbox.bill()["total"] == 0


def test_10_the_token_is_refused_halfway(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "nth": 2, "do": "refuse"})

    done = shop.run("apply", "--yes", "--concurrency", "1")

    assert done.code == 10, done
    assert set(shop.recorded) == {"support-eu"}


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["130", "143"]
)
def test_130_143_what_was_in_flight_is_recorded(
    shop: Project, sandbox: Sandbox, number: signal.Signals, code: int
) -> None:
    sandbox.faults({"on": "create", "seconds": 0.3, "times": "always"})

    with shop.start("apply", "--yes", "--concurrency", "1") as running:
        until_in_flight(sandbox, 1)
        running.send_signal(number)
        _, said = running.communicate(timeout=30)

    assert running.returncode == code, said
    assert set(shop.recorded) == {"support-eu"}, said
    assert sandbox.bill()["total"] == 1


def test_130_before_the_first_create_nothing_was_sent(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "list", "do": "hang"})

    with shop.start("apply", "--yes") as running:
        while sandbox.applied() == [0]:
            assert running.poll() is None
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)

    assert running.returncode == 130, said
    assert said.endswith("error: stopped by SIGINT; nothing was sent\n")
    assert sandbox.bill()["posts"] == 0


def test_the_help_lists_them() -> None:
    done = run("--help")

    assert done.code == 0
    lines = [line.strip() for line in done.out.splitlines()]
    assert [line.split("  ")[0] for line in lines[lines.index("Exit codes:") + 1 :]] == CODES


def _wait_for(process: Piped, event: str) -> None:
    """Read the log on stderr up to *event*."""
    assert any(event in line for line in process.stderr), f"{event} never came"
