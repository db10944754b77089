import json
import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sarif_kit.validate import validation_errors  # type: ignore[import-untyped] # has no types

from reconciler.manifest.problems import Problem, Severity
from reconciler.model import Created, Outcome, Place, Rejected
from reconciler.report.ci import (
    annotation,
    annotations,
    as_github,
    as_gitlab,
    as_sarif,
    failure_outputs,
    output_lines,
    plan_outputs,
    run_outputs,
    section_end,
    section_start,
)
from reconciler.report.failure import Failure
from reconciler.report.words import printable
from reconciler.secrets import Secret
from tests.report import samples as world

NOW = datetime.fromisoformat(world.SINCE).timestamp() + 600


def read(command: str) -> tuple[str, dict[str, str], str]:
    """Read a workflow command by the rules of GitHub's runner."""
    match = re.fullmatch(r"::(\w+) ([^\n]*?)::([^\n\r]*)", command)
    assert match is not None
    level, pairs, data = match.groups()
    properties = dict(pair.split("=", 1) for pair in pairs.split(","))
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        properties = {name: value.replace(code, char) for name, value in properties.items()}
        data = data.replace(code, char) if code not in ("%3A", "%2C") else data
    return level, properties, data


@given(st.text(), st.text())
def test_any_text_survives_the_way_to_the_runner(title: str, message: str) -> None:
    level, properties, data = read(annotation("error", title, message, Place("a,b:c.yaml", 3, 5)))

    assert level == "error"
    assert properties["title"] == printable(title)
    assert properties["file"] == "a,b:c.yaml"
    assert (properties["line"], properties["col"]) == ("3", "5")
    assert data == "\n".join(map(printable, message.splitlines()))


def test_what_was_not_recorded_is_annotated_at_its_line() -> None:
    found = [read(line) for line in annotations(world.mixed_report())]

    assert [(level, properties["title"]) for level, properties, _ in found] == [
        ("error", "sales-nl rejected"),
        ("error", "sales-be not sent"),
        ("error", "sales-pt unresolved"),
        ("error", "former unresolved"),
        ("warning", "reconciler"),
    ]
    assert found[2][1]["line"] == "24"


def test_no_more_are_written_than_github_shows() -> None:
    fates: list[tuple[str, Outcome]] = [(f"k{i}", Rejected(400, "bad")) for i in range(100)]

    found = annotations(world.report(*fates))

    assert len(found) == 10
    assert read(found[-1])[2] == "91 more entries not recorded; the job summary lists them"


def test_a_run_without_trouble_has_no_annotations() -> None:
    assert annotations(world.report(("a", Created(1, Secret(world.TOKEN))))) == []


@pytest.mark.parametrize(("number", "changes"), [(0, "false"), (2, "true")])
def test_a_plan_says_whether_apply_would_have_something_to_do(number: int, changes: str) -> None:
    outputs = plan_outputs(world.big_plan(number), checksum="ab", now=NOW)

    assert outputs["changes"] == changes
    assert outputs["create"] == str(number)


def test_a_run_says_what_it_did_and_what_it_left_alone() -> None:
    assert run_outputs(world.mixed_report(), now=NOW) == {
        "changes": "true",
        "created": "2",
        "renamed": "1",
        "updated": "0",
        "deleted": "0",
        "not-confirmed": "0",
        "failed": "2",
        "unresolved": "2",
        "pending-age": "600",
        "changed": "1",
        "drifted": "0",
        "gone": "1",
        "missing": "0",
        "orphan": "1",
    }
    assert run_outputs(world.quiet_report(), now=NOW)["changes"] == "false"
    assert run_outputs(world.quiet_report(), now=NOW)["pending-age"] == "0"


def test_a_plan_says_how_old_the_oldest_unresolved_create_is() -> None:
    assert plan_outputs(world.mixed_plan(), checksum="ab", now=NOW)["pending-age"] == "600"


@pytest.mark.parametrize(("code", "created"), [(3, "0"), (9, "0"), (8, ""), (1, "")])
def test_a_run_that_ended_early_claims_only_what_is_certain(code: int, created: str) -> None:
    assert failure_outputs(Failure(code, "x", 0))["created"] == created


def test_outputs_are_one_line_each() -> None:
    assert output_lines({"a": "1\nb=2", "c": "3"}) == "a=1\\x0ab=2\nc=3\n"


def test_a_section_begins_and_ends_with_the_marks_that_gitlab_documents() -> None:
    start = section_start("my section!", "My title", at=1560896352)

    assert start == ("\x1b[0Ksection_start:1560896352:my_section_[collapsed=true]\r\x1b[0KMy title")
    assert section_end("my section!", at=1560896353) == (
        "\x1b[0Ksection_end:1560896353:my_section_\r\x1b[0K"
    )


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
