"""Whom tokens are sealed to: options, environment and manifest, each recipient once."""

from pathlib import Path

import pytest

from reconciler.cli.options.holding import merged_recipients
from tests.command import SMALL, project
from tests.sandbox.server import Sandbox

AGE = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"
SSH = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINpq4+UvCgqZsbbeHMQ82l28heW6OCKg58hrDTSsQCUt ops@host"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param([], (AGE,), id="the manifest's alone"),
        pytest.param([AGE], (AGE,), id="the same again"),
        pytest.param(
            ["age1b age1c", "age1d,age1e"], (AGE, "age1b", "age1c", "age1d", "age1e"), id="lists"
        ),
        pytest.param([SSH], (AGE, SSH), id="an SSH key with its comment"),
    ],
)
def test_each_recipient_counts_once(given: list[str], expected: tuple[str, ...]) -> None:
    assert merged_recipients([AGE], given) == expected


@pytest.mark.parametrize(
    "recipients", [f"{AGE} {AGE}", f"{SSH}\n", f"{AGE}\n{SSH}"], ids=["age", "SSH", "one a line"]
)
def test_the_environment_may_name_any_recipient(
    tmp_path: Path, sandbox: Sandbox, recipients: str
) -> None:
    shop = project(tmp_path, SMALL, env=sandbox.env)

    done = shop.run("apply", "--yes", env={"RECONCILER_RECIPIENTS": recipients})

    assert done.code == 0, done
    tokens = [record["apiTokenInstance"] for record in shop.recorded.values()]
    assert [token[:30] for token in tokens] == ["-----BEGIN AGE ENCRYPTED FILE-"] * 2
