"""The published schemas of what the commands print as JSON."""

import json
from typing import Any

import pytest

from reconciler.manifest.problems import Problem
from reconciler.report.json import FORMATS
from reconciler.report.json import problems_json as as_json
from reconciler.schemas import schema_text
from tests.report.golden import PROBLEMS
from tests.report.schemas import checked

NAMES = [
    "adopt",
    "export-summary",
    "import",
    "init",
    "inventory",
    "link",
    "plan",
    "report",
    "resolve",
    "rotate",
    "state-change",
    "status",
    "validate",
    "wait",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_names_the_version_of_its_format(name: str) -> None:
    schema = json.loads(schema_text(name))

    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert schema["properties"]["format"]["const"].endswith("/1")
    assert schema["properties"]["format"]["const"] in FORMATS.values()
    assert "format" in schema["required"]


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_explains_every_member(name: str) -> None:
    unexplained = [
        path
        for path, node in members(json.loads(schema_text(name)), name)
        if "$ref" not in node and not node.get("description")
    ]

    assert unexplained == []


@pytest.mark.parametrize("problems", [(), PROBLEMS], ids=["valid", "with problems"])
def test_problems_are_what_their_schema_describes(problems: tuple[Problem, ...]) -> None:
    document = checked(as_json(problems), "validate")

    assert len(document["problems"]) == len(problems)


def members(node: Any, path: str) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(node, dict):
        return []
    found = [
        (f"{path}.{name}", part)
        for name, part in node.get("properties", {}).items()
        if part is not True  # said elsewhere, and only demanded here
    ]
    for name, part in node.items():
        children = part if isinstance(part, list) else [part]
        found += [each for child in children for each in members(child, f"{path}.{name}")]
    return found
