"""The page about manifests says what the schema says, and its examples are valid."""

import re
from pathlib import Path

import pytest

from docs.parameters import parameters_markdown
from reconciler.manifest import load
from tests.manifest.harness import rules

PAGE = Path(__file__).parents[2] / "docs" / "manifest.md"


def test_the_site_has_a_row_for_each_parameter_of_the_schema() -> None:
    table = parameters_markdown()

    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert "<!-- parameters -->\n" in PAGE.read_text(encoding="utf-8")
    assert len(rows) == len(rules().parameters)
    assert "| `autoTyping` | 0 to 10 | How long the chat shows" in table


EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_of_the_page_is_valid(tmp_path: Path, example: str) -> None:
    head = "" if "version:" in example else "version: 1\n"
    tail = "" if "instances:" in example else "instances: {a: {autoTyping: 1}}\n"
    path = tmp_path / "a.yaml"
    path.write_text(head + example + tail, encoding="utf-8")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "webhook-token").write_text("opensesame\n")

    manifest = load([path], env={"WEBHOOK_TOKEN": "opensesame", "WEBHOOK_HOST": "a.example.com"})

    assert manifest.problems == ()
    assert manifest.entries


def test_an_entry_of_the_composition_example_loses_what_null_takes(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("version: 1\n" + EXAMPLES[2], encoding="utf-8")

    [entry] = load([path], env={}).entries

    assert dict(entry.parameters) == {"outgoingWebhook": "yes"}
