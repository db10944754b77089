"""docs/sandbox.md says what there is, and nothing else."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from docs.faults import faults_markdown
from reconciler.sandbox.script_file import read_script_file
from reconciler.sandbox.settings import FIELDS
from reconciler.schemas import shipped_schema
from tests.sandbox.server import Sandbox

TEXT = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")


def test_every_word_of_the_fault_script_is_described() -> None:
    definitions = shipped_schema("faults")["definitions"]
    words = definitions["rule"]["properties"]
    page = faults_markdown()

    undescribed = [word for word, said in words.items() if "description" not in said]
    assert undescribed == []
    assert len(words["do"]["enum"]) == len(words["do"]["enumDescriptions"])
    assert _unlisted(page, [*words, *filter(None, words["do"]["enum"])]) == []


def test_the_rules_that_the_page_names_are_words_of_the_script() -> None:
    named = TEXT[TEXT.index("A rule says which") : TEXT.index("[The schema]")]

    words = shipped_schema("faults")["definitions"]["rule"]["properties"]
    assert set(re.findall(r"`(\w+)`", named)) <= set(words)


def test_every_setting_of_a_reset_is_described() -> None:
    reset = TEXT[TEXT.index("A reset may say how") : TEXT.index("mean what the options mean")]

    assert re.findall(r"`(\w+)`", reset) == list(FIELDS)


def test_the_example_script_is_a_script(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text(_block("yaml"))

    assert len(read_script_file(path)) == 5


def test_the_example_bill_has_the_fields_of_a_bill(sandbox: Sandbox) -> None:
    assert json.loads(_block("json")).keys() == sandbox.bill().keys()


@pytest.mark.parametrize("title", ["What it does like the real one", "Faults", "The console"])
def test_every_request_that_is_described_exists(sandbox: Sandbox, title: str) -> None:
    made = sandbox.create(name="a").body
    fill = {
        "{token}": sandbox.token,
        "{id}": str(made["idInstance"]),
        "{apiTokenInstance}": made["apiTokenInstance"],
    }
    requests = [row[0].strip("`").split() for row in _rows(title) if "/" in row[0]]

    statuses = [sandbox.call(verb, _filled(path, fill), {}).status for verb, path in requests]

    assert statuses
    assert 404 not in statuses


def _filled(path: str, fill: dict[str, str]) -> str:
    for name, value in fill.items():
        path = path.replace(name, value)
    return path


def _section(title: str) -> str:
    begin = TEXT.index(f"# {title}\n")
    end = re.compile(r"^#+ [A-Z]", re.MULTILINE).search(TEXT, begin + 2)
    return TEXT[begin : end.start() if end else None]


def _rows(title: str) -> list[list[str]]:
    lines = [line for line in _section(title).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def _unlisted(page: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if f"| `{word}` | " not in page]


def _block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found
    return found.group(1)
