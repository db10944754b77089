"""`apply` says what a person would want to know about the call itself."""

from pathlib import Path

import pytest

from tests.command import project
from tests.sandbox.server import Sandbox

QUIET = ("apply", "--yes", "--log-level", "error")


@pytest.mark.parametrize(
    ("args", "created"),
    [(["--only", "sales-*"], {"sales-uk"}), (["--exclude", "sales-uk"], {"support-eu"})],
    ids=["only", "exclude"],
)
def test_globs_choose_what_is_created(
    tmp_path: Path, sandbox: Sandbox, args: list[str], created: set[str]
) -> None:
    shop = project(tmp_path, env=sandbox.env)

    planned = shop.run("plan", *args, "-o", "json")
    done = shop.run(*QUIET, *args)

    assert {row["key"] for row in planned.json["actions"]} == created
    assert (done.code, set(shop.recorded)) == (0, created)


@pytest.mark.parametrize("command", [QUIET, ("plan",)], ids=["apply", "plan"])
@pytest.mark.parametrize(
    "args",
    [
        ["--only", "slaes-*"],
        ["--exclude", "slaes-*"],
        ["--only", "Sales-*", "--only", "support-eu"],
        ["--new", "slaes-uk"],
    ],
    ids=" ".join,
)
def test_what_fits_no_entry_stops_before_anything_is_done(
    tmp_path: Path, sandbox: Sandbox, command: tuple[str, ...], args: list[str]
) -> None:
    shop = project(tmp_path, env=sandbox.env)

    refused = shop.run(*command, *args)

    assert refused.code == 2, refused
    assert f"error: {' '.join(args[:2])}: " in refused.err
    assert sandbox.bill()["posts"] == 0


def test_options_only_narrow_a_saved_plan(tmp_path: Path, sandbox: Sandbox) -> None:
    shop = project(tmp_path, env=sandbox.env)
    assert shop.run("plan", "--only", "s*", "--out", "plan.json").code == 0

    done = shop.run(*QUIET, "plan.json", "--only", "sales-uk")

    assert done.code == 0, done
    assert set(shop.recorded) == {"sales-uk"}


def test_one_instance_is_one_instance(tmp_path: Path, sandbox: Sandbox) -> None:
    manifest = "version: 1\ninstances:\n  support-eu: {incomingWebhook: yes}\n"
    shop = project(tmp_path, manifest, env=sandbox.env)

    done = shop.run("apply")

    assert "error: 1 instance would be created and billed, and there is no terminal" in done.err
