"""The page about manifests says what the schema says, and its examples are valid.

After a change of the schema: `RECONCILER_WRITE_DOCS=1 pytest tests/manifest/test_docs.py`.
"""

import os
import re
from pathlib import Path

import pytest

from reconciler.manifest import load
from reconciler.manifest.rules import Parameter
from tests.manifest.harness import rules

PAGE = Path(__file__).parents[2] / "docs" / "manifest.md"
BEGIN = "<!-- parameters: generated from the schema -->\n"
END = "<!-- end of parameters -->\n"


def table() -> str:
    """Return the table of parameters as the page must hold it."""
    rows = ["| parameter | value | meaning |", "| --- | --- | --- |"]
    rows += [f"| `{p.name}` | {_value(p)} | {p.description} |" for p in rules().parameters.values()]
    return "\n".join(rows) + "\n"


def _value(parameter: Parameter) -> str:
    if parameter.booleans:
        return " or ".join(f"`{word}`" for word in parameter.booleans.values())
    if parameter.is_number:
        return f"{parameter.schema['minimum']} to {parameter.schema['maximum']}"
    return "text, secret" if parameter.secret else "text"


def test_the_table_of_parameters_is_that_of_the_schema() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    held, _, after = rest.partition(END)
    if os.environ.get("RECONCILER_WRITE_DOCS"):
        PAGE.write_text(before + BEGIN + table() + END + after, encoding="utf-8")
        held = table()

    assert held == table()


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
