"""`apply` says what a person would want to know about the call itself."""

from pathlib import Path

import pytest

from tests.command import project
from tests.sandbox.server import Sandbox

QUIET = ("apply", "--yes", "--log-level", "error")


@pytest.mark.parametrize(
    ("args", "created", "warned"),
    [
        (["--only", "sales-*"], {"sales-uk"}, ""),
        (["--exclude", "sales-uk"], {"support-eu"}, ""),
        (["--only", "slaes-*"], set(), "--only slaes-*"),
        (["--exclude", "slaes-*"], {"sales-uk", "support-eu"}, "--exclude slaes-*"),
        (["--only", "Sales-*", "--only", "support-eu"], {"support-eu"}, "--only Sales-*"),
    ],
)
def test_a_glob_that_fits_nothing_is_told_of(
    tmp_path: Path, sandbox: Sandbox, args: list[str], created: set[str], warned: str
) -> None:
    shop = project(tmp_path, env=sandbox.env)

    done = shop.run(*QUIET, *args)

    assert (done.code, set(shop.recorded)) == (0, created)
    said = f"warning: {warned}: no entry of the manifest has such a key\n" if warned else ""
    assert done.err == said


def test_one_instance_is_one_instance(tmp_path: Path, sandbox: Sandbox) -> None:
    manifest = "version: 1\ninstances:\n  support-eu: {incomingWebhook: yes}\n"
    shop = project(tmp_path, manifest, env=sandbox.env)

    done = shop.run("apply")

    assert "error: 1 instance would be created and billed, and there is no terminal" in done.err
