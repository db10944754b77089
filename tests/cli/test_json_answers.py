"""With -o json, every command answers with a document, whatever became of it."""

import json
from pathlib import Path

import jsonschema
import pytest

from tests.command import SMALL, Project, project
from tests.sandbox.server import Sandbox

KEY = "age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z"
SCHEMAS = Path(__file__).parents[2] / "schema"


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Project:
    return project(tmp_path, env=sandbox.env)


def check(text: str, schema: str) -> None:
    rules = json.loads((SCHEMAS / f"{schema}.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(text), rules)


def test_adopt_answers_what_it_recorded(shop: Project) -> None:
    assert shop.run("apply", "--yes").code == 0
    shop.state.unlink()

    done = shop.run("adopt", "sales-uk", "-o", "json")

    assert done.code == 0, done
    check(done.out, "adopt")
    assert done.json["counts"] == {"adopted": 1}
    assert done.json["results"][0]["key"] == "sales-uk"


def test_adopt_answers_what_it_recorded_and_what_it_did_not(shop: Project) -> None:
    assert shop.run("apply", "--yes").code == 0
    shop.state.unlink()
    assert shop.run("adopt", "support-eu").code == 0

    done = shop.run("adopt", "sales-uk", "support-eu", "-o", "json")

    assert done.code == 9, done
    check(done.out, "adopt")
    assert done.json["error"]["code"] == 9
    assert "support-eu: nothing to adopt" in done.json["error"]["message"]
    assert [result["key"] for result in done.json["results"]] == ["sales-uk"]


def test_resolve_answers_what_it_settled(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "nth": 1, "do": "close", "when": "before"})
    assert shop.run("apply", "--yes", "--settle", "0", "--concurrency", "1").code == 6

    done = shop.run("resolve", "support-eu", "--not-created", "-o", "json")

    assert done.code == 0, done
    check(done.out, "resolve")
    assert done.json["key"] == "support-eu"
    assert done.json["idInstance"] is None


@pytest.mark.parametrize(
    ("args", "code", "schema"),
    [
        (("adopt", "--all", "-f", "gone.yaml"), 3, "adopt"),
        (("resolve", "a", "--id", "1", "-s", "broken.json"), 8, "resolve"),
        (("status", "-s", "broken.json"), 8, "status"),
        (("plan", "-s", "broken.json"), 8, "plan"),
        (("plan", "-f", "gone.yaml"), 3, "plan"),
        (("apply", "--yes", "--max-creates", "1"), 9, "report"),
        (("apply", "--yes", "-s", "broken.json"), 8, "report"),
        (("state", "seal", "-s", "broken.json", "--recipient", KEY), 8, "state-change"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_failure_is_a_document_too(
    shop: Project, args: tuple[str, ...], code: int, schema: str
) -> None:
    (shop.folder / "broken.json").write_text("{")

    done = shop.run(*args, "-o", "json")

    assert done.code == code, done
    check(done.out, schema)
    assert done.json["error"]["code"] == code
    assert done.json["error"]["message"] in done.err


def test_what_a_cap_stops_is_told_as_data(shop: Project) -> None:
    assert shop.run("apply", "--yes").code == 0
    shop.write(SMALL.replace("yes", "no"))

    done = shop.run("apply", "--update", "--yes", "--max-updates", "1", "-o", "json")

    assert done.code == 9, done
    check(done.out, "report")
    assert [row["key"] for row in done.json["updates"]] == ["support-eu", "sales-uk"]


def test_a_wrong_call_answers_nothing(shop: Project) -> None:
    done = shop.run("plan", "-o", "json", "--nonsense")

    assert (done.code, done.out) == (2, "")


def test_a_wrong_id_answers_which_one_it_could_be(shop: Project, sandbox: Sandbox) -> None:
    sandbox.faults({"on": "create", "nth": 1, "do": "close", "twin": True})
    assert shop.run("apply", "--yes", "--settle", "0", "--concurrency", "1").code == 6

    done = shop.run("resolve", "support-eu", "--id", "5", "-o", "json")

    assert done.code == 9, done
    check(done.out, "resolve")
    ids = [row["idInstance"] for row in done.json["candidates"]]
    assert len(ids) == 2
    assert f"it could be {ids[0]}, {ids[1]}" in done.err
