"""`reconciler wait` against the real sandbox."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.command import Project, project
from tests.report.schemas import checked
from tests.sandbox.server import Sandbox

QUICK = ("--poll", "0.1", "-o", "json")


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    shop = project(tmp_path, env=sandbox.env)
    assert shop.run("apply", "--yes").code == 0
    return shop


def results(document: Any) -> dict[str, str]:
    return {row["key"]: row["result"] for row in document["instances"]}


def test_instances_that_are_ready_end_the_wait(shop: Project) -> None:
    done = shop.run("wait", "-o", "json")

    assert done.code == 0, done
    document = checked(done.out, "wait")
    assert results(document) == {"support-eu": "reached", "sales-uk": "reached"}


def test_a_newborn_is_waited_for(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults(
        {"on": "state", "nth": 1, "perName": True, "do": "status", "status": 401},
        {"on": "state", "nth": 2, "perName": True, "do": "null"},
    )

    done = shop.run("wait", *QUICK)

    assert done.code == 0, done
    assert sandbox.applied() == [2, 2]


def test_who_waits_for_a_phone_waits_until_it_is_linked(shop: Project, sandbox: Sandbox) -> None:
    sandbox.link(1101728001)
    sandbox.faults({"on": "state", "nth": 2, "handsBefore": [{"link": "support-eu"}]})

    done = shop.run("wait", "support-eu", "--for", "linked", *QUICK)

    assert done.code == 0, done
    assert done.json["instances"][0]["stateInstance"] == "authorized"


def test_time_is_up_at_some_point(shop: Project, sandbox: Sandbox) -> None:
    sandbox.link(1101728000)

    done = shop.run("wait", "--for", "linked", "--timeout", "0.5", *QUICK)

    assert done.code == 11, done
    document = checked(done.out, "wait")
    assert document["error"]["code"] == 11
    assert sorted(results(document).values()) == ["reached", "waiting"]


def test_what_is_gone_is_told_from_what_is_late(shop: Project, sandbox: Sandbox) -> None:
    sandbox.settings(deletedLooks="starting")
    sandbox.delete(1101728000)

    done = shop.run("wait", "--timeout", "0.5", *QUICK)

    assert done.code == 11, done
    assert sorted(results(checked(done.out, "wait")).values()) == ["gone", "reached"]


@pytest.mark.parametrize("state", ["suspended", "blocked"])
def test_what_waiting_does_not_mend_is_not_waited_for(
    shop: Project, sandbox: Sandbox, state: str
) -> None:
    sandbox.edit(1101728000, state=state)

    done = shop.run("wait", *QUICK)

    assert done.code == 5, done
    document = checked(done.out, "wait")
    assert sorted(results(document).values()) == ["failed", "reached"]


def test_an_unknown_word_never_counts_as_ready(shop: Project, sandbox: Sandbox) -> None:
    sandbox.edit(1101728000, state="splendid")

    done = shop.run("wait", "--timeout", "0.5", "--poll", "0.1")

    assert done.code == 11, done
    assert "is not there yet: it is splendid" in done.out


def test_the_state_alone_is_enough(shop: Project) -> None:
    env = {"GREEN_API_PARTNER_TOKEN": ""}

    done = shop.run("wait", env=env)

    assert done.code == 0, done
    assert done.out.startswith("2 of 2 instances ready, after ")


def test_a_token_that_the_state_lacks_comes_from_the_account(
    shop: Project, sandbox: Sandbox
) -> None:
    state = json.loads(shop.state.read_text())
    for record in state["instances"].values():
        record["apiTokenInstance"] = None
    shop.state.write_text(json.dumps(state))

    assert shop.run("wait", *QUICK).code == 0
    sandbox.settings(listTokens=False)
    done = shop.run("wait", *QUICK)

    assert done.code == 5, done
    assert set(results(done.json).values()) == {"unreachable"}


def test_a_token_goes_to_no_host_that_nobody_named(shop: Project) -> None:
    state = json.loads(shop.state.read_text())
    for record in state["instances"].values():
        record["apiUrl"] = "https://evil.example.com"
    shop.state.write_text(json.dumps(state))

    done = shop.run("wait", *QUICK)

    assert done.code == 5, done
    assert set(results(done.json).values()) == {"unreachable"}
    assert "--instance-host" in done.json["instances"][0]["reason"]


def test_a_key_that_is_not_recorded_is_a_wrong_call(shop: Project, sandbox: Sandbox) -> None:
    done = shop.run("wait", "suport-eu")

    assert (done.code, done.out) == (2, "")
    assert "not recorded: suport-eu" in done.err


def test_the_report_says_what_stdout_says(shop: Project) -> None:
    done = shop.run("wait", "-o", "json", "--report", "wait.json")

    assert (shop.folder / "wait.json").read_text() == done.out


@pytest.mark.parametrize("output", ["json", "text"])
def test_the_report_tells_a_failure_too(shop: Project, output: str) -> None:
    shop.state.write_text("{}")

    done = shop.run("wait", "-o", output, "--report", "wait.json")

    assert done.code == 8, done
    report = (shop.folder / "wait.json").read_text()
    assert checked(report, "wait")["error"]["code"] == 8
    assert done.out == (report if output == "json" else "")


def test_a_guard_is_in_the_report(shop: Project) -> None:
    done = shop.run("wait", "--report", "wait.json", "--api-url", "http://127.0.0.1:9")

    assert done.code == 9, done
    assert checked((shop.folder / "wait.json").read_text(), "wait")["error"]["code"] == 9


def test_a_wrong_call_leaves_no_report_of_another_one(shop: Project) -> None:
    (shop.folder / "wait.json").write_text("{}")

    done = shop.run("wait", "suport-eu", "--report", "wait.json")

    assert done.code == 2, done
    assert not (shop.folder / "wait.json").exists()


def test_a_signal_ends_the_wait_at_once(shop: Project, sandbox: Sandbox) -> None:
    with shop.start("wait", "--for", "linked", "--poll", "0.1", "--timeout", "60") as process:
        sandbox.faults({"on": "state", "times": "always", "do": "hang"})
        while not sandbox.applied()[0]:
            time.sleep(0.05)  # nothing tells a test of a request that hangs
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)

    assert process.returncode == 143
    assert time.monotonic() - began < 5


def test_no_token_is_shown(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "state", "name": "sales-uk", "do": "redirect", "times": "always"})
    tokens = [row["apiTokenInstance"] for row in sandbox.instances()]

    done = shop.run("wait", "--timeout", "1", *QUICK, "--log-level", "debug")

    assert [token for token in [*tokens, sandbox.token] if token in done.out + done.err] == []
