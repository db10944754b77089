"""`reconciler rotate` against the real sandbox: whatever happens, no token is lost."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from tests.command import Project, project
from tests.report.schemas import checked
from tests.sandbox.server import Sandbox

ROTATE = ("rotate", "sales-uk", "--yes", "-o", "json")


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    shop = project(tmp_path, env=sandbox.env)
    assert shop.run("apply", "--yes").code == 0
    return shop


def held(shop: Project, key: str = "sales-uk") -> Any:
    return shop.recorded[key]["apiTokenInstance"]


def live(sandbox: Sandbox, name: str = "sales-uk") -> dict[str, Any]:
    [row] = [row for row in sandbox.instances() if row["name"] == name]
    return row


def test_a_new_token_is_on_record(shop: Project, sandbox: Sandbox) -> None:
    before = held(shop)

    done = shop.run(*ROTATE)

    assert done.code == 0, done
    document = checked(done.out, "rotate")
    assert [row["result"] for row in document["results"]] == ["rotated"]
    assert held(shop) == live(sandbox)["apiTokenInstance"] != before
    assert live(sandbox)["rotations"] == 1
    assert "rotating" not in shop.recorded["sales-uk"]


def test_several_are_rotated_one_after_the_other(shop: Project, sandbox: Sandbox) -> None:
    done = shop.run("rotate", "sales-uk", "support-eu", "sales-uk", "--yes")

    assert done.code == 0, done
    assert done.out == "sales-uk: rotated\nsupport-eu: rotated\n2 tokens rotated\n"
    assert [row["rotations"] for row in sandbox.instances()] == [1, 1]


@pytest.mark.parametrize("fault", ["close", "reset", "garbage", "cut"])
def test_a_lost_answer_costs_no_token_and_no_second_rotation(
    shop: Project, sandbox: Sandbox, fault: str
) -> None:
    sandbox.faults({"on": "rotate", "do": fault})

    done = shop.run(*ROTATE)

    assert done.code == 0, done
    assert held(shop) == live(sandbox)["apiTokenInstance"]
    assert live(sandbox)["rotations"] == 1


@pytest.mark.parametrize(
    "rule",
    [
        {"do": "close", "when": "before"},
        {"do": "status", "status": 429},
        {"do": "code", "code": 401},
    ],
    ids=["lost", "429", "401"],
)
def test_a_token_that_still_works_was_not_rotated(
    shop: Project, sandbox: Sandbox, rule: dict[str, Any]
) -> None:
    before = held(shop)
    sandbox.faults({"on": "rotate", **rule})

    done = shop.run(*ROTATE)

    assert done.code == 5, done
    assert checked(done.out, "rotate")["results"][0]["result"] == "notRotated"
    assert held(shop) == live(sandbox)["apiTokenInstance"] == before
    assert "rotating" not in shop.recorded["sales-uk"]


def test_a_kill_during_the_call_leaves_a_mark_that_the_next_run_follows(
    shop: Project, sandbox: Sandbox
) -> None:
    sandbox.faults({"on": "rotate", "do": "hang"})
    with shop.start(*ROTATE) as process:
        while live(sandbox)["rotations"] == 0:
            time.sleep(0.05)  # nothing tells a test of an answer that is held back
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
    sandbox.faults()

    done = shop.run(*ROTATE)

    assert done.code == 0, done
    assert held(shop) == live(sandbox)["apiTokenInstance"]
    assert live(sandbox)["rotations"] == 1, "a second rotation was not asked for"


def test_what_is_not_known_stays_marked(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults(
        {"on": "rotate", "do": "close"},
        {"on": "list", "nth": 2, "do": "no-token"},
    )

    done = shop.run(*ROTATE)
    again = shop.run(*ROTATE)

    assert (done.code, again.code) == (11, 0), (done, again)
    assert checked(done.out, "rotate")["results"][0]["result"] == "unknown"
    assert held(shop) == live(sandbox)["apiTokenInstance"]
    assert live(sandbox)["rotations"] == 1


def test_a_list_without_tokens_is_a_reason_not_to_begin(shop: Project, sandbox: Sandbox) -> None:
    sandbox.settings(listTokens=False)

    done = shop.run(*ROTATE)

    assert done.code == 9, done
    assert checked(done.out, "rotate")["error"]["code"] == 9
    assert live(sandbox)["rotations"] == 0


def test_the_new_token_is_delivered_before_the_next_is_made(
    shop: Project, sandbox: Sandbox
) -> None:
    then = 'cat "$RECONCILER_EXPORT" > "$RECONCILER_KEY.json"; ls -l "$RECONCILER_EXPORT"'

    done = shop.run("rotate", "sales-uk", "--yes", "--then", then)

    delivered = json.loads((shop.folder / "sales-uk.json").read_text())
    assert done.code == 0, done
    assert delivered["instances"]["sales-uk"]["apiTokenInstance"] == held(shop)
    assert done.out == "sales-uk: rotated, delivered\n1 token rotated\n"
    listing = next(line for line in done.err.splitlines() if line.startswith("-"))
    assert listing.startswith("-rw-------")
    assert not Path(listing.split()[-1]).exists()


def test_a_failed_delivery_ends_the_row(shop: Project, sandbox: Sandbox) -> None:
    done = shop.run("rotate", "sales-uk", "support-eu", "--yes", "--then", "exit 3", "-o", "json")

    assert done.code == 5, done
    results = [(row["result"], row["delivered"]) for row in done.json["results"]]
    assert results == [("rotated", False), ("notTried", None)]
    assert live(sandbox, "support-eu")["rotations"] == 0


def test_nothing_is_rotated_without_a_word(shop: Project, sandbox: Sandbox) -> None:
    done = shop.run("rotate", "sales-uk")

    assert done.code == 2, done
    assert "add --yes" in done.err
    assert live(sandbox)["rotations"] == 0


def test_a_sealed_state_gets_a_sealed_token(shop: Project, sandbox: Sandbox) -> None:
    key = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"
    assert shop.run("state", "seal", "--recipient", key).code == 0

    done = shop.run(*ROTATE, "--recipient", key)

    assert done.code == 0, done
    assert held(shop).startswith("-----BEGIN AGE ENCRYPTED FILE-----")
    assert live(sandbox)["apiTokenInstance"] not in shop.state.read_text()


def test_no_token_is_shown(shop: Project, sandbox: Sandbox) -> None:
    before = held(shop)
    sandbox.faults({"on": "rotate", "do": "redirect"})

    done = shop.run(*ROTATE, "--log-level", "debug")

    tokens = [before, held(shop), live(sandbox)["apiTokenInstance"], sandbox.token]
    assert [token for token in tokens if token in done.out + done.err] == []
