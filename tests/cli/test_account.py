"""A second account is a second manifest: its `account:` says URL, token and state."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import SMALL, Project, project
from tests.sandbox.server import Sandbox

EU = """\
version: 1
account:
  url: {url}
  token: ${{env:EU_TOKEN}}
  state: eu/eu.state.json
  pricePerDay: {{amount: 0.4, currency: EUR}}
instances:
  support-eu: {{incomingWebhook: yes}}
"""


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    (tmp_path / "eu").mkdir()
    made = project(tmp_path, env={"EU_TOKEN": sandbox.token})
    (tmp_path / "eu.yaml").write_text(EU.format(url=sandbox.url))
    return made


def test_no_more_options_are_needed(shop: Project, sandbox: Sandbox) -> None:
    done = shop.run("apply", "--yes", "-f", "eu.yaml")

    assert done.code == 0, done
    assert sandbox.bill()["total"] == 1
    assert (shop.folder / "eu" / "eu.state.json").exists()
    assert "support-eu" in shop.run("status", "--refresh", "-f", "eu.yaml").out
    assert "support-eu" in shop.run("export", "-f", "eu.yaml").out
    assert sandbox.token not in done.out + done.err


def test_options_and_environment_win(shop: Project, start_sandbox: Callable[..., Sandbox]) -> None:
    other = start_sandbox("--token", "gac.AnotherAccount0123456789")

    done = shop.run("apply", "--yes", "-f", "eu.yaml", "-s", "mine.json", env=other.env)

    assert done.code == 0, done
    assert other.bill()["total"] == 1
    assert (shop.folder / "mine.json").exists()


def test_a_plan_needs_no_token(shop: Project) -> None:
    done = shop.run("plan", "-f", "eu.yaml", env={"EU_TOKEN": ""})

    assert done.code == 0, done
    assert "1 new billed instance" in done.out


def test_a_token_that_is_not_there_is_missed_by_who_needs_it(shop: Project) -> None:
    text = (shop.folder / "eu.yaml").read_text().replace("EU_TOKEN", "NO_SUCH_VARIABLE")
    (shop.folder / "eu.yaml").write_text(text)

    done = shop.run("apply", "--yes", "-f", "eu.yaml")

    assert done.code == 2
    assert "account.token: the environment variable NO_SUCH_VARIABLE is not set" in done.err


def test_two_accounts_in_one_run_are_an_error(shop: Project) -> None:
    us = EU.format(url="https://us.example.com").replace("support-eu", "support-us")
    (shop.folder / "us.yaml").write_text(us)

    done = shop.run("validate", "-f", "eu.yaml", "-f", "us.yaml")

    assert done.code == 3
    assert "us.yaml:2:1: error: account: another manifest of this run is for another" in done.out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("token: gac.LiteralToken0123456789abc", "a partner token may not stand in a manifest"),
        ("token: literally-a-secret", "not a reference"),
        (
            "url: api.green-api.com",
            "account.url: the URL of the partner API is not usable: it must",
        ),
        ("url: http://api.example.com", "plain http is only allowed to this machine"),
        ("url: https://literally:x@a.example", "must not contain a user name"),
        ("state: 7", "state"),
        ("pricePerDay: 0.4", "pricePerDay"),
        ("pricePerDay: {amount: 1}", "currency is missing"),
        ("pricePerDay: {amount: 1, currency: euro}", "not three capital letters"),
        ("tokn: x", "did you mean token?"),
    ],
)
def test_what_an_account_can_not_be_is_told(tmp_path: Path, line: str, said: str) -> None:
    shop = project(tmp_path, f"version: 1\naccount:\n  {line}\ninstances: {{}}\n")

    done = shop.run("validate")

    assert done.code == 3, done
    assert "instances.yaml:3:" in done.out
    assert said in done.out
    assert "LiteralToken" not in done.out + done.err
    assert "literally" not in done.out + done.err


def test_the_manifest_may_be_named_before_the_command(tmp_path: Path) -> None:
    made = project(tmp_path, SMALL)
    made.manifest.rename(made.folder / "eu.yaml")

    before = made.run("-f", "eu.yaml", "-s", "eu.json", "plan")
    behind = made.run("-f", "us.yaml", "plan", "-f", "eu.yaml")

    assert before.code == behind.code == 0, (before, behind)
    assert "state eu.json" in before.out


def test_a_manifest_from_stdin_may_name_its_account(shop: Project, sandbox: Sandbox) -> None:
    text = (shop.folder / "eu.yaml").read_text()

    done = shop.run("apply", "--yes", "-f", "-", stdin=text)

    assert done.code == 0, done
    assert sandbox.bill()["total"] == 1
    assert (shop.folder / "eu" / "eu.state.json").exists()


def test_a_rehearsal_is_not_taken_for_the_account(shop: Project, sandbox: Sandbox) -> None:
    assert shop.run("apply", "--yes", env=sandbox.env).code == 0

    done = shop.run(
        "apply", "--yes", env={**sandbox.env, "GREEN_API_PARTNER_URL": "https://api.green-api.com"}
    )

    assert done.code == 9, done
    assert "hint: its instances are a sandbox's: move it away" in done.err
