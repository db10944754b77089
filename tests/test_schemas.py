"""The shipped schemas are found, and judged by: jsonschema-rs says whether, jsonschema says why."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reconciler.schemas import (
    Validator,
    schema_text,
    shipped_schema,
    shipped_text,
    shipped_validator,
)
from tests.command import clean_env

LIBRARIES = """\
import json, sys
from pathlib import Path
from reconciler.manifest import load
problems = load([Path(sys.argv[1])], env={}).problems
used = [name for name in ("jsonschema", "jsonschema_rs") if name in sys.modules]
print(json.dumps([[problem.rule for problem in problems], used]))
"""


def test_the_schema_of_the_manifest_is_the_first_to_be_asked_for() -> None:
    assert json.loads(schema_text())["title"] == "Manifest of GREEN-API instances"


def test_other_schemas_go_by_their_name() -> None:
    assert shipped_schema("state")["$schema"].startswith("http://json-schema.org/draft-07")


def test_a_shipped_schema_is_ready_to_judge() -> None:
    assert not shipped_validator("state").is_valid({})
    assert {error.validator for error in shipped_validator("state").errors({})} == {"required"}


def test_a_schema_that_is_not_there_is_not_made_up() -> None:
    with pytest.raises(FileNotFoundError):
        shipped_text("nothing.json")


@pytest.mark.parametrize("value", ["support\n", "", "sup port", 3])
def test_what_is_refused_has_a_reason(value: object) -> None:
    key = {"type": "string", "pattern": "^[a-z$]+$"}

    assert not Validator(key).is_valid(value)
    assert [error.validator for error in Validator(key).errors(value)] == [
        "type" if value == 3 else "pattern"
    ]


@pytest.mark.parametrize("value", ["support", "$upport"])
def test_what_is_accepted_has_none(value: str) -> None:
    key = {"type": "string", "pattern": "^[a-z$]+$"}

    assert Validator(key).is_valid(value)
    assert list(Validator(key).errors(value)) == []


@pytest.mark.parametrize(
    ("value", "rules", "libraries"),
    [
        ("yes", [], ["jsonschema_rs"]),
        ("maybe", ["enum"], ["jsonschema", "jsonschema_rs"]),
    ],
    ids=["valid", "invalid"],
)
def test_jsonschema_is_asked_only_for_the_words(
    tmp_path: Path, value: str, rules: list[str], libraries: list[str]
) -> None:
    pytest.importorskip("jsonschema_rs")
    manifest = tmp_path / "instances.yaml"
    manifest.write_text(f"version: 1\ninstances:\n  a: {{stateWebhook: {value}}}\n")

    done = subprocess.run(
        [sys.executable, "-c", LIBRARIES, manifest],
        env=clean_env(covered=False), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert json.loads(done.stdout) == [rules, libraries]
