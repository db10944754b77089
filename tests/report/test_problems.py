"""What people read of problems: places, excerpts, hints; never a control character."""

import json

import pytest

from reconciler.manifest.problems import Problem, Severity
from reconciler.model import Place
from reconciler.report.json import problems_json as as_json
from reconciler.report.problems import as_text


def problem(
    message: str = '"maybe" is not one of "yes", "no"',
    *,
    line: int = 9,
    column: int = 19,
    severity: Severity = Severity.ERROR,
    subject: str = "sales.stateWebhook",
    hint: str | None = "write yes or no",
    also: tuple[Place, ...] = (),
    entries: tuple[str, ...] = (),
    length: int = 5,
) -> Problem:
    place = Place("instances.yaml", line, column)
    return Problem(place, severity, subject, message, hint, "enum", also, entries, length)


def test_a_problem_looks_like_a_compilers() -> None:
    assert as_text([problem()]) == (
        'instances.yaml:9:19: error: sales.stateWebhook: "maybe" is not one of "yes", "no"\n'
        "  hint: write yes or no\n"
    )


def test_what_has_no_subject_and_no_hint_goes_without() -> None:
    said = as_text([problem("the manifest is empty", subject="", hint=None, line=1, column=1)])

    assert said == "instances.yaml:1:1: error: the manifest is empty\n"


def test_other_places_and_the_entries_concerned_are_named() -> None:
    entries = tuple(f"shop-{letter}" for letter in "abcdefg")
    said = as_text([problem(also=(Place("a.yaml", 3, 1),), entries=entries, hint=None)])

    assert said.splitlines()[1:] == [
        "  see also: a.yaml:3:1",
        "  taken by: shop-a, shop-b, shop-c, shop-d, shop-e and 2 more",
    ]


def test_an_excerpt_points_at_the_value() -> None:
    source = "\n" * 8 + "    stateWebhook: maybe # or not\n"

    said = as_text([problem()], sources={"instances.yaml": source})

    assert said.splitlines()[1:3] == [
        "  9 |     stateWebhook: maybe # or not",
        "    |                   ^^^^^",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_the_reader_counts_them(end: str) -> None:
    said = as_text([problem(line=2, column=1)], sources={"instances.yaml": f"a{end}bcdefg{end}"})

    assert "  2 | bcdefg\n    | ^^^^^\n" in said


def test_carets_stand_below_wide_characters() -> None:
    source = "a: 日本 maybe"

    said = as_text([problem(line=1, column=7)], sources={"instances.yaml": source})

    assert said.splitlines()[2] == "    |         ^^^^^"


def test_a_long_line_is_shown_around_the_problem() -> None:
    source = "x" * 5000 + "maybe" + "y" * 5000

    lines = as_text([problem(line=1, column=5001)], sources={"instances.yaml": source}).splitlines()

    assert len(lines[1]) < 120
    assert lines[1][lines[2].index("^") :].startswith("maybe")


def test_an_empty_line_has_no_excerpt() -> None:
    said = as_text([problem(line=1, column=1)], sources={"instances.yaml": "\n"})

    assert "|" not in said


def test_a_line_that_is_not_there_has_no_excerpt() -> None:
    assert "|" not in as_text([problem(line=7)], sources={"instances.yaml": "a\n"})


def test_colors_are_there_only_when_asked_for() -> None:
    assert "\x1b[31;1merror:" in as_text([problem()], color=True)
    assert "\x1b[33;1mwarning:" in as_text([problem(severity=Severity.WARNING)], color=True)
    assert "\x1b" not in as_text([problem()])


def test_no_control_character_of_a_manifest_reaches_the_terminal() -> None:
    bad = problem("unknown\x1b[2J key", subject="a\u202eb.c", hint="did\x07 you")

    said = as_text([bad], sources={"instances.yaml": "\n" * 8 + "x" * 18 + "\x9b31m"})

    assert [char for char in said if not char.isprintable() and char != "\n"] == []


def test_json_counts_and_lists() -> None:
    warning = problem(severity=Severity.WARNING, also=(Place("b.yaml", 1, 2),), entries=("a",))

    said = json.loads(as_json([problem(), warning]))

    assert (said["valid"], said["errors"], said["warnings"]) == (False, 1, 1)
    assert said["problems"][1] == {
        "path": "instances.yaml",
        "line": 9,
        "column": 19,
        "severity": "warning",
        "rule": "enum",
        "subject": "sales.stateWebhook",
        "message": '"maybe" is not one of "yes", "no"',
        "hint": "write yes or no",
        "also": [{"path": "b.yaml", "line": 1, "column": 2}],
        "entries": ["a"],
    }


def test_json_of_a_valid_manifest_says_so() -> None:
    said = json.loads(as_json([]))

    assert said["valid"] is True
    assert said["problems"] == []
