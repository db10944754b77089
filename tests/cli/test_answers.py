"""`-o json` answers with a document, whatever ended the command, and so does `--report`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.command import Project, project
from tests.report.schemas import checked
from tests.sandbox.server import Sandbox


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    """Two entries, nothing recorded, an account without instances."""
    return project(tmp_path / "shop", env=sandbox.env)


def invalid(shop: Project, sandbox: Sandbox) -> None:
    shop.write("version: 1\ninstances:\n  a: {stateWebhook: maybe}\n")


def rejected(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "name": "sales-uk", "do": "status", "status": 400})


def unreadable(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "list", "do": "status", "status": 400, "times": "always"})


def lost(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "name": "sales-uk", "do": "close", "when": "before"})


def corrupt(shop: Project, sandbox: Sandbox) -> None:
    shop.state.write_text("{")


def taken(shop: Project, sandbox: Sandbox) -> None:
    sandbox.create_by_hand("sales-uk", count=2)


def nothing(shop: Project, sandbox: Sandbox) -> None:
    pass


APPLY = ("apply", "--yes", "--settle", "0")
ENDINGS: list[tuple[Callable[[Project, Sandbox], None], tuple[str, ...], int]] = [
    (invalid, APPLY, 3),
    (rejected, APPLY, 5),
    (unreadable, APPLY, 5),
    (lost, APPLY, 6),
    (corrupt, APPLY, 8),
    (taken, APPLY, 9),
    (nothing, (*APPLY, "--max-creates", "1"), 9),
    (invalid, ("plan",), 3),
    (unreadable, ("plan", "--refresh"), 5),
    (corrupt, ("plan",), 8),
    (unreadable, ("status", "--refresh"), 5),
    (corrupt, ("status",), 8),
    (invalid, ("validate",), 3),
]
FORMATS = {"apply": "report"}


@pytest.mark.parametrize(
    ("arrange", "call", "code"),
    ENDINGS,
    ids=[f"{call[0]}-{arrange.__name__}-{code}" for arrange, call, code in ENDINGS],
)
def test_a_failure_is_answered_in_the_format_of_the_command(
    shop: Project,
    sandbox: Sandbox,
    arrange: Callable[[Project, Sandbox], None],
    call: tuple[str, ...],
    code: int,
) -> None:
    arrange(shop, sandbox)

    done = shop.run(*call, "-o", "json")

    document = checked(done.out, FORMATS.get(call[0], call[0]))
    assert (done.code, document["error"]["code"]) == (code, code)
    assert document["error"]["message"]


def test_a_refused_token_is_answered(shop: Project) -> None:
    token = "gac.another"

    done = shop.run(*APPLY, "-o", "json", env={"GREEN_API_PARTNER_TOKEN": token})

    assert checked(done.out, "report")["error"]["code"] == 10
    assert token not in done.out


def test_the_report_file_says_what_stdout_says(shop: Project, sandbox: Sandbox) -> None:
    taken(shop, sandbox)

    done = shop.run(*APPLY, "-o", "json", "--report", "report.json")

    told, kept = (_timeless(text) for text in (done.out, (shop.folder / "report.json").read_text()))
    assert told == kept
    assert [row["key"] for row in kept["conflicts"]] == ["sales-uk"]
    assert len(kept["conflicts"][0]["candidates"]) == 2


@pytest.mark.parametrize("call", [("apply", "--frce"), ("plan", "--out")], ids=["apply", "plan"])
def test_a_wrong_call_has_no_document(shop: Project, call: tuple[str, ...]) -> None:
    done = shop.run(*call, "-o", "json")

    assert (done.code, done.out) == (2, "")


def test_what_went_well_has_no_error(shop: Project) -> None:
    assert "error" not in shop.run(*APPLY, "-o", "json").json
    assert "error" not in shop.run("plan", "-o", "json").json
    assert "error" not in shop.run("status", "-o", "json").json
    assert "error" not in shop.run("validate", "-o", "json").json


def _timeless(text: str) -> Any:
    document = json.loads(text)
    del document["seconds"]
    return document


def test_an_apply_that_only_finds_a_token_says_so(shop: Project, sandbox: Sandbox) -> None:
    shop.run(*APPLY)
    state = json.loads(shop.state.read_text())
    state["instances"]["sales-uk"]["apiTokenInstance"] = None
    shop.state.write_text(json.dumps(state))

    done = shop.run(*APPLY)

    assert done.out.startswith("0 instances created: nothing to create, 1 token found\n")
