"""`apply --checkpoint`, by the real command: what a command sees, and what its end does."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import Project, project
from tests.sandbox.server import Sandbox

KEEP = (
    'cp "$RECONCILER_STATE" "$RECONCILER_PHASE.json";'
    ' echo "$RECONCILER_PHASE $RECONCILER_ANNOUNCED" >> calls'
)
ONLY_BEFORE = 'test "$RECONCILER_PHASE" = before'


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Iterator[Project]:
    yield project(tmp_path / "shop", env=sandbox.env)


def test_the_command_is_run_before_the_first_request_and_at_the_end(
    shop: Project, sandbox: Sandbox
) -> None:
    done = shop.run("apply", "--yes", "--checkpoint", KEEP)

    assert done.code == 0, done
    assert (shop.folder / "calls").read_text() == "before 2\nafter 0\n"
    before = json.loads((shop.folder / "before.json").read_text())
    after = json.loads((shop.folder / "after.json").read_text())
    assert (set(before["pending"]), before["instances"]) == ({"support-eu", "sales-uk"}, {})
    assert {len(each["launchUntil"]) for each in before["pending"].values()} == {20}
    assert (after["pending"], set(after["instances"])) == ({}, {"support-eu", "sales-uk"})
    assert sandbox.bill()["posts"] == 2


def test_a_command_that_fails_is_exit_8_and_nothing_is_sent(
    shop: Project, sandbox: Sandbox
) -> None:
    done = shop.run("apply", "--yes", "--checkpoint", "echo no remote; exit 3")

    assert done.code == 8
    assert "the checkpoint command exited 3, in phase before; nothing more was sent" in done.err
    assert "no remote" in done.err
    assert done.out == ""
    assert sandbox.bill()["posts"] == 0
    assert json.loads(shop.state.read_text())["pending"] == {}


def test_a_command_that_fails_at_the_end_is_exit_8_and_everything_is_recorded(
    shop: Project,
) -> None:
    done = shop.run("apply", "--yes", "--checkpoint", ONLY_BEFORE)

    assert done.code == 8
    assert set(shop.recorded) == {"support-eu", "sales-uk"}


def test_the_partner_token_is_not_handed_to_the_command(shop: Project) -> None:
    token = shop.env["GREEN_API_PARTNER_TOKEN"]

    done = shop.run("apply", "--yes", "--checkpoint", "env > seen")

    assert done.code == 0, done
    assert token not in (shop.folder / "seen").read_text()


def test_a_run_with_nothing_to_send_needs_no_checkpoint(shop: Project) -> None:
    shop.run("apply", "--yes")

    done = shop.run("apply", "--yes", "--checkpoint", "exit 1")

    assert done.code == 0, done
