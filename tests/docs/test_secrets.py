"""docs/secrets.md and SECURITY.md: their examples are what readers will run, so they are run."""

import re
import shlex
from pathlib import Path

import click
import pytest

from reconciler.cli import cli
from reconciler.manifest.starter import GITIGNORE_LINES
from tests.cli.keys import new_key
from tests.cli.test_export import state
from tests.command import project

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "secrets.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^ *```(\w+)\n(.*?)^ *```", TEXT, re.DOTALL | re.MULTILINE)


def blocks(language: str, begins: str = "") -> list[str]:
    return [text for kind, text in BLOCKS if kind == language and text.startswith(begins)]


def commands() -> list[list[str]]:
    """Every `reconciler …` that stands in a block of a console, as words."""
    lines = "\n".join(blocks("console")).splitlines()
    said = [line.split("$ ", 1)[1] for line in lines if "$ reconciler" in line]
    return [shlex.split(line, comments=True)[1:] for line in said]


def test_there_is_something_to_check() -> None:
    assert len(blocks("yaml")) == 1
    assert len(commands()) >= 4


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_is_one(words: list[str]) -> None:
    command: click.Command = cli
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None
        command, words = found, words[1:]

    command.make_context("reconciler", list(words), resilient_parsing=False)


def test_the_manifest_is_valid(tmp_path: Path) -> None:
    (text,) = blocks("yaml", "# instances.yaml")
    for number in range(text.count("age1…")):
        recipient = new_key(tmp_path / f"{number}.txt").recipient
        text = text.replace("age1…", recipient, 1)

    done = project(tmp_path / "project", text).run("validate", "--strict")

    assert done.code == 0, done.out


def test_the_line_for_git_is_the_one_that_init_writes() -> None:
    (text,) = blocks("gitignore")

    assert text.strip() in GITIGNORE_LINES


def test_the_variables_are_called_so(tmp_path: Path) -> None:
    done = state(tmp_path, mediaUrl="https://media.green-api.com").run(
        "export", "--format", "dotenv", "--only", "support-eu"
    )

    names = [line.split("=")[0] for line in done.out.splitlines()]
    assert names[0] == "GREEN_API_SUPPORT_EU_ID_INSTANCE"
    assert all(name in TEXT or f"…{name[20:]}" in TEXT for name in names)


def test_what_the_page_says_to_seal_is_what_is_printed(tmp_path: Path) -> None:
    key = new_key(tmp_path / "key.txt")

    done = state(tmp_path / "project").run("state", "seal", "--recipient", key.recipient)

    assert done.out.replace("2 tokens", "12 tokens") in TEXT


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/secrets.md"])
def test_every_link_leads_somewhere(page: str) -> None:
    file = ROOT / page
    links = re.findall(r"\]\(([^)]+)\)", file.read_text(encoding="utf-8"))
    broken = [link for link in links if not link.startswith("https://") and not _leads(file, link)]

    assert links
    assert broken == []


def _leads(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    if not target.exists():
        return False
    titles = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE) if anchor else []
    slugs = [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles]
    return not anchor or anchor in slugs
