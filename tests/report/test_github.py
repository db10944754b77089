import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import Created, Outcome, Place, Rejected
from reconciler.report.failure import Failure
from reconciler.report.github import (
    annotation,
    annotations,
    failure_outputs,
    output_lines,
    plan_outputs,
    run_outputs,
)
from reconciler.report.printable import printable
from reconciler.secrets import Secret
from tests.report import samples as world


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
    outputs = plan_outputs(world.big_plan(number), checksum="ab")

    assert outputs["changes"] == changes
    assert outputs["create"] == str(number)


def test_a_run_says_what_it_did() -> None:
    assert run_outputs(world.mixed_report()) == {
        "changes": "true",
        "created": "2",
        "failed": "2",
        "unresolved": "2",
    }
    assert run_outputs(world.quiet_report())["changes"] == "false"


@pytest.mark.parametrize(("code", "created"), [(3, "0"), (9, "0"), (8, ""), (1, "")])
def test_a_run_that_ended_early_claims_only_what_is_certain(code: int, created: str) -> None:
    assert failure_outputs(Failure(code, "x", 0))["created"] == created


def test_outputs_are_one_line_each() -> None:
    assert output_lines({"a": "1\nb=2", "c": "3"}) == "a=1\\x0ab=2\nc=3\n"
