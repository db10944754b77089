"""docs/ci.md says what the program does: exit codes, options, metrics, files."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from reconciler import __version__
from reconciler.cli import cli
from reconciler.cli.pages import COMMANDS, MEANINGS
from reconciler.report import metrics

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")


def test_every_exit_code_has_its_paragraph() -> None:
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    told = re.findall(r"^\*\*([\d, ]+):", page, re.MULTILINE)

    assert [int(code) for codes in told for code in codes.split(", ")] == list(MEANINGS)


def test_every_option_exists() -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT))

    assert named - set(_options()) == set()


def test_every_metric_exists() -> None:
    named = set(re.findall(r"\breconciler_\w+", TEXT))

    assert named
    assert named - set(metrics.GAUGES) == set()


@pytest.mark.parametrize(
    "target", sorted({"../README.md", *re.findall(r"\]\((\.\./[^)#]+)", TEXT)})
)
def test_every_file_exists(target: str) -> None:
    assert (ROOT / "docs" / target).exists()


def test_every_example_is_named() -> None:
    examples = [path for path in (ROOT / "examples").glob("*/*") if path.is_file()]

    assert [
        path.name for path in examples if f"examples/{path.parent.name}/{path.name}" not in TEXT
    ] == []


def test_the_recipe_for_pre_commit_uses_this_release() -> None:
    assert f"rev: v{__version__}\n" in TEXT


def _options() -> Iterator[str]:
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        yield from (option for param in command.params for option in param.opts)
