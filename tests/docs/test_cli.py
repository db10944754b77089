"""docs/cli.md is what the commands say; it is written by `make docs`."""

from docs.generate import FILE, cli_markdown
from reconciler.cli import COMMANDS


def test_the_page_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == cli_markdown(), "run `make docs`"


def test_every_command_has_its_section() -> None:
    sections = [line for line in cli_markdown().splitlines() if line.startswith("## reconciler ")]

    assert list(dict.fromkeys(line.split()[2] for line in sections)) == list(COMMANDS)
