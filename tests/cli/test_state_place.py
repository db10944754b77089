"""Where the state lies: beside the first manifest, unless an option says otherwise."""

from pathlib import Path

import pytest

from tests.command import SMALL, Project, project
from tests.sandbox.server import Sandbox


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    made = project(tmp_path, env=sandbox.env)
    made.manifest.rename(_folder(tmp_path) / "eu.yaml")
    return made


def _folder(tmp_path: Path) -> Path:
    (tmp_path / "conf").mkdir()
    return tmp_path / "conf"


@pytest.mark.parametrize("manifest", ["conf/eu.yaml", "conf"])
def test_the_state_lies_beside_the_manifest(shop: Project, manifest: str) -> None:
    done = shop.run("apply", "--yes", "-f", manifest)

    assert done.code == 0, done
    assert (shop.folder / "conf" / "instances.state.json").exists()
    assert not shop.state.exists()
    assert "2 kept" in shop.run("plan", "-f", manifest).out


def test_the_option_says_otherwise(shop: Project) -> None:
    assert shop.run("apply", "--yes", "-f", "conf/eu.yaml", "-s", "here.json").code == 0

    assert (shop.folder / "here.json").exists()
    assert not (shop.folder / "conf" / "instances.state.json").exists()


def test_a_state_that_lies_where_it_used_to_is_found_and_nothing_is_bought(
    shop: Project, sandbox: Sandbox
) -> None:
    shop.run("apply", "--yes", "-f", "conf/eu.yaml", "-s", "instances.state.json")

    done = shop.run("apply", "--yes", "-f", "conf/eu.yaml")

    assert done.code == 2, done
    assert "there is no conf/instances.state.json, but instances.state.json" in done.err
    assert "mv instances.state.json* conf/" in done.err
    assert sandbox.bill()["total"] == 2


def test_the_state_of_another_manifest_is_left_alone(shop: Project, sandbox: Sandbox) -> None:
    shop.write(SMALL.replace("support-eu", "here").replace("sales-uk", "there"))
    assert shop.run("apply", "--yes").code == 0

    done = shop.run("plan", "-f", "conf/eu.yaml")

    assert done.code == 0, done
    assert "2 new billed instances" in done.out
